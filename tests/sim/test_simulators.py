"""Compiling designs: found simulators, kept builds, clear failures."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sim import simulators
from sim.simulators import Simulator
from spec.errors import InputError

GOOD = "module trainer(input clk); endmodule\n"


@pytest.mark.parametrize("simulator", list(Simulator))
def test_a_missing_simulator_says_how_to_install_it(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match=r"apt-get install|pip install") as caught:
        simulators.build(GOOD, simulator, tmp_path)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_build_is_kept(simulator: Simulator, tmp_path: Path) -> None:
    before = dict(os.environ)
    first = simulators.build(GOOD, simulator, tmp_path)
    stamp = (first / "build.log").stat().st_mtime_ns
    assert simulators.build(GOOD, simulator, tmp_path) == first
    assert (first / "build.log").stat().st_mtime_ns == stamp
    assert simulators.build(GOOD + "//\n", simulator, tmp_path) != first
    assert dict(os.environ) == before


def test_a_failed_build_leaves_its_log_only(icarus: Simulator, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"build-failed\.log"):
        simulators.build("module trainer(; endmodule", icarus, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["build-failed.log"]
    assert "syntax error" in (tmp_path / "build-failed.log").read_text()


def test_a_folder_that_cannot_be_written(icarus: Simulator, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        simulators.build(GOOD, icarus, tmp_path / "file")
