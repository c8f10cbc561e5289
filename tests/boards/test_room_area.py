"""What a number of samples that can be changed takes of a device: docs/registers.md says why it is
there only if asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from boards import flow
from hdl.device import Device
from sim.simulators import to_verilog
from spec.config import Config
from tests.configs import perceptron

PAGE = Path(__file__).parents[2] / "docs" / "registers.md"


def cells(config: Config, synthesis: str, work: Path) -> dict[str, int]:
    """Synthesise a device; return how many cells of each type there are."""
    (work / "top.v").write_text(to_verilog(Device(config, 12_000_000), "top"))
    script = f"read_verilog top.v; {synthesis} -top top; tee -o stat.json stat -json"
    flow.run_tool("yosys", ["-q", "-p", script], work)
    return json.loads((work / "stat.json").read_text())["design"]["num_cells_by_type"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("synthesis", "lut", "least", "most", "words"),
    [
        ("synth_ice40", "SB_LUT4", 60, 120, "some 90 LUTs of an iCE40"),
        ("synth_ecp5", "LUT4", 15, 45, "some 30 LUTs and a multiplier of an ECP5"),
    ],
)
def test_it_is_not_free(
    synthesis: str, lut: str, least: int, most: int, words: str, tmp_path: Path
) -> None:
    keys = {"samples": 4, "binary_targets": True}
    fixed = cells(perceptron(2, 2, 1, **keys), synthesis, tmp_path)
    adjustable = cells(perceptron(2, 2, 1, room=4, **keys), synthesis, tmp_path)
    assert least <= adjustable[lut] - fixed[lut] <= most
    assert adjustable.get("MULT18X18D", 0) - fixed.get("MULT18X18D", 0) == (lut == "LUT4")
    assert words in " ".join(PAGE.read_text(encoding="utf-8").split())
