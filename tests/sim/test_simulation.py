"""Simulators that die, and callers that leave: nothing hangs, nothing is left running."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from hdl.trainer import Trainer
from sim import simulation
from sim.simulators import Simulator, to_verilog
from sim.verify import verify
from tests.configs import xor

CONFIG = xor(steps=400)
PLANTED = """
initial #9000 begin
  $display("first");
  $display("the last words");
  $finish;
end
endmodule
"""


def test_a_simulator_that_dies_says_its_last_words(icarus: Simulator, tmp_path: Path) -> None:
    whole = to_verilog(Trainer(CONFIG, probe=True))
    start = whole.index("module trainer(")
    end = whole.index("endmodule", start)
    source = whole[:end] + PLANTED + whole[end + len("endmodule") :]
    with pytest.raises(RuntimeError, match="icarus ended early") as caught:
        verify(CONFIG, icarus, tmp_path, source=source)
    assert "the last words" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_leaving_ends_the_simulator(
    icarus: Simulator, builds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[Any]] = []

    def popen(*args: Any, **kwargs: Any) -> subprocess.Popen[Any]:
        started.append(real(*args, **kwargs))
        return started[-1]

    def leave(step: int) -> None:
        raise KeyboardInterrupt

    real = subprocess.Popen
    build = verify(CONFIG.with_training(steps=5), icarus, builds)
    assert build.mismatches == []
    monkeypatch.setattr(simulation.subprocess, "Popen", popen)
    with pytest.raises(KeyboardInterrupt):
        verify(CONFIG, icarus, builds, progress=leave)
    monkeypatch.undo()
    ends = [process.poll() for process in started]
    assert ends
    assert None not in ends
