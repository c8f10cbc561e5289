"""docs/tutorial.md: what it says of its first picture is in the numbers that this is drawn from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from host.cli import main
from sim.simulators import Simulator
from tests.docs.pages import ROOT

PAGE = " ".join((ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8").split())

LSBS = 64
"""Of θ, in 1."""


@pytest.mark.pages
def test_the_second_step(tmp_path: Path, icarus: Simulator) -> None:
    """C̃, u, and by how much three cells move."""
    words = ["wave", "xor", "--steps", "4", "--simulator", icarus.value]
    files = ["-o", str(tmp_path / "w.svg"), "--json", str(tmp_path / "w.json")]
    assert main([*words, *files]) == 0
    drawn = json.loads((tmp_path / "w.json").read_text(encoding="utf-8"))
    ends = drawn["step_clocks"][2]

    def at(clock: int, name: str, place: int | None = None) -> float:
        (line,) = (s for s in drawn["signals"] if (s["name"], s["place"]) == (name, place))
        pairs = zip(line["clocks"], line["values"], strict=True)
        return [value for when, value in pairs if when <= clock][-1]

    C_tilde, u = at(ends, "C_tilde"), at(ends, "u")
    assert u == round(4 * C_tilde * LSBS) / LSBS
    said = f"falls by {-C_tilde:.3f}; with η = 1/2 and Δθ = 1/8, u is four times that, −{-u:.2f}"
    assert f"{said}, which are {-u * LSBS:.0f} LSBs of θ" in PAGE
    for cell in range(3):
        moved = at(ends + 1, "theta", cell) - at(ends - 1, "theta", cell)
        assert moved == (-u if at(ends - 1, "theta_tilde", cell) > 0 else u)
