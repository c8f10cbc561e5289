"""icetime, a second opinion on an iCE40's timing: nextpnr-ice40 has none of SB_MAC16.

It is optional: Debian's package fpga-icestorm has it.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from boards import tools
from boards.catalogue import Board

TOOL = "icetime"

DEVICES = {"iCE40UP5K": "up5k", "iCE40HX4K": "hx8k", "iCE40HX8K": "hx8k", "iCE40LP8K": "lp8k"}
"""Its names of devices; nextpnr places a 4K's design on the 8K die that it is."""

SAID = re.compile(r"^Total path delay: [\d.]+ ns \(([\d.]+) MHz\)$", re.MULTILINE)
"""What icetime 2023-02 prints of the slowest path. It does not state its version."""

FOUND = "top.icetime"
"""Where in a folder what it found is kept."""


def fmax(work: Path, board: Board) -> float | None:
    """Return the highest clock in MHz that icetime vouches for, of what was placed and routed.

    None if it is not installed, or is of a version that says something else.

    Parameters
    ----------
    work : Path
        Where nextpnr left `top.asc`.
    board : Board
        Of an iCE40.
    """
    found = work / FOUND
    if not found.exists():
        path = shutil.which(TOOL)
        if path is None:
            return None
        arguments = [path, "-t", "-d", DEVICES[board.device], "top.asc"]
        status, text = tools.run(arguments, work)
        found.write_text(text if status == 0 else "", encoding="utf-8")
    said = SAID.findall(found.read_text(encoding="utf-8"))
    return min(map(float, said)) if said else None
