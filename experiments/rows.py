"""The rows of the report: which example is built for which board."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from experiments.solution import GOLDEN
from spec.errors import InputError


@dataclass(frozen=True)
class Row:
    """An example on a board.

    Parameters
    ----------
    example, board : str
        The names of both, no alias.
    simulated_steps : int, optional
        Steps after which the simulated gateware stops, where a whole run would take too long.
    link : bool
        Whether it is built with a link. It trains as without.
    clock_mhz : float, optional
        What the PLL is to make, and nextpnr's router aims for.
    runs : int
        Of the golden model.
    """

    example: str
    board: str
    simulated_steps: int | None = None
    link: bool = False
    clock_mhz: float | None = None
    runs: int = GOLDEN

    @property
    def name(self) -> str:
        """What the user calls it."""
        return f"{self.example}{'+link' if self.link else ''}:{self.board}"

    @property
    def file(self) -> str:
        """Name of its report in reports/."""
        return f"{self.example}{'-link' if self.link else ''}_{self.board}.json"


MANY = 10_000
"""Runs where just half are solved by the first check: of 200, chance decides whether half are."""

ROWS = (
    Row("xor", "icebreaker"),
    Row("xor", "ice40_hx8k_b_evn"),
    Row("xor", "ulx3s-25f"),
    Row("xor", "orangecrab-r0.2-25f"),
    Row("xor", "ice40_hx8k_b_evn", link=True),
    Row("xor", "ulx3s-25f", link=True),
    Row("xor-fast", "icebreaker"),
    Row("xor-fast", "ice40_hx8k_b_evn"),
    Row("xor-fast", "ulx3s-25f", clock_mhz=200),
    Row("xor-fast", "ulx3s-85f", clock_mhz=190),
    Row("xor-fast", "orangecrab-r0.2-25f", clock_mhz=252),
    Row("xor-node-fast", "ulx3s-25f", clock_mhz=180, runs=MANY),
    Row("xor-node-fast", "orangecrab-r0.2-25f", clock_mhz=228, runs=MANY),
    Row("parity4-fast", "ulx3s-25f", clock_mhz=170),
    Row("parity4-node-fast", "ulx3s-25f", clock_mhz=140),
    Row("nist7x7-fast", "ulx3s-25f", clock_mhz=115),
    Row("nist7x7-node-fast", "ulx3s-25f"),
    Row("nist7x7-folded", "ice40_hx8k_b_evn", simulated_steps=20_000),
)

CELLS, GROWTH = "cells", "growth"
"""Names of what is not a row: the table of single cells, and how networks grow with P."""

OTHERS = (CELLS, GROWTH)


def choose(names: Sequence[str]) -> tuple[list[str], list[Row]]:
    """Find what the user names: EXAMPLE for all its rows, a row's name, or one of `OTHERS`.

    Returns
    -------
    others : list of str
        Those of `OTHERS` among it.
    rows : list of Row
        In their order in `ROWS`. No name at all means everything.

    Raises
    ------
    InputError
        If there is no such name.
    """
    examples = dict.fromkeys(row.example for row in ROWS)
    allowed = [*OTHERS, *examples, *(row.name for row in ROWS)]
    for name in names:
        if name not in allowed:
            raise InputError(f"no row of the report is {name!r}: choose from {', '.join(allowed)}")
    if not names:
        return list(OTHERS), list(ROWS)
    others = [name for name in OTHERS if name in names]
    return others, [row for row in ROWS if {row.example, row.name} & set(names)]
