"""Compiling designs: found simulators, kept builds, clear failures."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from hdl.trainer import Trainer
from sim import simulators
from sim.bench import Bench
from sim.simulators import Simulator, to_verilog
from sim.verify import verify
from spec.errors import InputError
from tests.configs import xor
from tests.conftest import EXAMPLES, need

PORTS = "input clk, rst, start, stop, seed, output [7:0] probe"
PORTS += ", output [31:0] step, output [16:0] correct, output [7:0] cost_sum"
PORTS += ", output checked, done, solved"
GOOD = f"module trainer({PORTS}); endmodule\n"
BENCH = Bench((("seed", 1),), 8)


@pytest.mark.parametrize("simulator", list(Simulator))
def test_a_missing_simulator_says_how_to_install_it(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match=r"apt-get install|pip install") as caught:
        simulators.build(GOOD, BENCH, simulator, tmp_path)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, builds: Path) -> Path:
    """A folder of builds; Verilator's runtime in it is the one of other tests."""
    folder = tmp_path_factory.mktemp("builds")
    if not simulators.missing(Simulator.VERILATOR):
        runtime = simulators._runtime(builds)
        (folder / runtime.name).symlink_to(runtime)
    return folder


def test_a_build_is_kept(simulator: Simulator, shared: Path) -> None:
    before = dict(os.environ)
    first = simulators.build(GOOD, BENCH, simulator, shared)
    stamp = (first / "build.log").stat().st_mtime_ns
    assert simulators.build(GOOD, BENCH, simulator, shared) == first
    assert (first / "build.log").stat().st_mtime_ns == stamp
    assert simulators.build(GOOD + "//\n", BENCH, simulator, shared) != first
    assert dict(os.environ) == before


def test_a_failed_build_leaves_its_log_only(icarus: Simulator, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"build-failed\.log"):
        simulators.build("module trainer(; endmodule", BENCH, icarus, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["build-failed.log"]
    assert "syntax error" in (tmp_path / "build-failed.log").read_text()


def test_a_folder_that_cannot_be_written(icarus: Simulator, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        simulators.build(GOOD, BENCH, icarus, tmp_path / "file")


def test_nothing_of_one_design_gets_into_another(shared: Path) -> None:
    """Two designs built in one folder; only what no design changes is shared."""
    simulator = need(Simulator.VERILATOR)
    simulators.build(GOOD, BENCH, simulator, shared)
    (runtime,) = shared.glob("runtime-*")
    assert sorted(path.name for path in runtime.glob("*.o")) == [
        "verilated.o",
        "verilated_threads.o",
    ]
    stamps = [path.stat().st_mtime_ns for path in runtime.iterdir()]
    assert verify(xor(steps=20), simulator, shared).mismatches == []
    assert [path.stat().st_mtime_ns for path in runtime.iterdir()] == stamps


@pytest.mark.parametrize(("flags", "mark"), [((), "!"), (("-O0",), "x")])
def test_verilators_headers_are_precompiled(
    flags: tuple[str, ...], mark: str, builds: Path, tmp_path: Path
) -> None:
    """For the flags of all designs, and for no others; g++ says so by "!", and by "x" if not."""
    need(Simulator.VERILATOR)
    (tmp_path / "whole.cc").write_text(f'#include "{simulators.HEADER}"\n')
    command = [*simulators._compiler(), *flags, f"-I{simulators._runtime(builds)}", "-H"]
    command += ["-c", "whole.cc", "-o", "whole.o"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=True)
    assert done.stderr.startswith(f"{mark} "), done.stderr[:200]


def test_flags_and_versions_are_in_the_key(
    simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the build, and of the runtime; nothing need be compiled to see it."""
    monkeypatch.setattr(simulators, "_run", lambda command, work: None)
    first = simulators.build(GOOD, BENCH, simulator, tmp_path)
    monkeypatch.setattr(simulators, "FLAGS", (*simulators.FLAGS, "-DOTHER"))
    other = simulators.build(GOOD, BENCH, simulator, tmp_path)
    monkeypatch.setattr(simulators, "versions", lambda simulator: ("9.9",))
    newer = simulators.build(GOOD, BENCH, simulator, tmp_path)
    assert len({first, other, newer}) == 3
    assert len(list(tmp_path.glob("runtime-*"))) == 3 * (simulator is Simulator.VERILATOR)


def test_an_export_does_not_say_where_its_sources_lie() -> None:
    text = to_verilog(Trainer(xor()))
    assert str(EXAMPLES.parent) not in text
    assert "src =" not in text
