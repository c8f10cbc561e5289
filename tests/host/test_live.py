"""`mgd train --live`: the cost while it trains, of any engine; training stays as it is."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from host import screen
from host.chart import band, bars, thinned
from host.checks import Checks
from host.live import ROWS, SHARE, Chart
from host.outcome import differences
from host.train import train
from sim.simulators import Simulator
from tests.host.conftest import XOR, run
from tests.host.external.conftest import Write, write  # noqa: F401

SHORT = XOR.with_training(steps=60, check_every=10)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """A terminal in place of standard error."""
    seen = io.StringIO()
    monkeypatch.setattr(screen, "quiet", False)
    monkeypatch.setattr(screen, "errors", Console(file=seen, force_terminal=True, width=80))
    return seen


def drawn(terminal: io.StringIO) -> bool:
    """Whether curves were shown, and whole."""
    rows = terminal.getvalue().count("┤")
    return rows > 0 and rows % ROWS == 0


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("runs", [1, 12])
def test_it_trains_as_without(
    runs: int, compiled: bool, terminal: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In NumPy and compiled: same θ, steps and curves."""
    monkeypatch.setattr("model.training.worth_compiling", lambda *_: compiled)
    without = train(XOR, "model", runs)
    assert not drawn(terminal)
    found = train(XOR, "model", runs, live=True)
    assert differences(without, found) == []
    assert (found.curves, found.accuracies) == (without.curves, without.accuracies)
    assert drawn(terminal)
    shown = terminal.getvalue()
    assert ("quartiles" in shown) == (runs > 1)
    assert (f"solved {found.solved} of {runs}" in shown) == (runs > 1)


def test_a_look_that_changes_something_is_found(
    terminal: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: a bit of a weight flips whenever checks are told."""
    without, right = train(SHORT, "model", 2), Checks.take

    def wrong(checks: Checks, trainer: Any) -> None:
        right(checks, trainer)
        trainer.cells.theta[0, 0] ^= 1

    monkeypatch.setattr(Checks, "take", wrong)
    assert differences(without, train(SHORT, "model", 2, live=True)) == [1]


def test_simulated_gateware(
    icarus: Simulator, builds: Path, terminal: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("host.files.BUILD", builds.parent)
    config = XOR.with_training(steps=40, check_every=10)
    found = train(config, "sim", 2, icarus, live=True)
    assert differences(found, train(config, "model", 2)) == []
    assert drawn(terminal)
    assert "of 2 runs" in terminal.getvalue()


@pytest.mark.parametrize("engine", ["board", "loop"])
def test_a_board(engine: str, port: str, terminal: io.StringIO) -> None:
    config = XOR.with_training(steps=30, check_every=7)
    found = train(config, engine, 1, port=port, live=True)
    golden = train(config, "model", 1)
    assert (found.curves, differences(found, golden)) == (golden.curves, [])
    assert drawn(terminal)


@pytest.mark.parametrize("engine", ["model", "sim", "board"])
def test_a_plant(engine: str, write: Write, folder: Path, terminal: io.StringIO) -> None:  # noqa: F811
    name, port = write(steps=60), ["--port", "virtual"] if engine == "board" else []
    words = ["train", name, "--runs", "2", "--engine", engine, *port]
    assert run(*words) == 0
    assert not drawn(terminal)
    assert run(*words, "--live") == 0
    assert drawn(terminal)
    assert "of 2 runs" in terminal.getvalue()


def test_without_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line now and then, with the cost."""
    monkeypatch.setattr(screen, "quiet", True)
    monkeypatch.setattr(screen, "FIRST_S", 0.05)
    checks = Checks([1], lambda cost_sum: cost_sum / 8)
    checks.add(1, 50, 1)
    with (
        screen.above(Chart(checks, goal=True)),
        screen.progress_bar("golden model", 200) as advance,
    ):
        advance(50, "step 50")
        time.sleep(0.3)
    first, *_ = capsys.readouterr().err.splitlines()
    assert first.startswith("golden model: 25% step 50, mean cost 0.1250 (0 s")
    with screen.progress_bar("golden model", 200):
        time.sleep(0.3)
    assert "mean cost" not in capsys.readouterr().err


def test_only_standard_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """What reads standard output, as with --json /dev/stdout, finds no curve there."""
    monkeypatch.setattr(screen, "quiet", False)
    monkeypatch.setattr(screen, "errors", Console(stderr=True, force_terminal=True, width=80))
    assert run("train", "xor", "--live", "--json", "/dev/stdout") == 0
    out, err = capfd.readouterr()
    assert "┤" in err
    assert "┤" not in out


def test_what_is_drawn() -> None:
    assert thinned([1, 3, 5, 7], 2) == [2, 6]
    assert bars([0.0, 0.5, 1.0], 2, 1.0) == ["  █", "▁██"]
    assert bars([0.25, 0.75], 2, 1.0) == [" ▄", "▄█"]
    spread = np.array([[0.0, 0.5, np.nan], [1.2, 0.5, np.nan], [2.9, 0.6, np.nan]])
    assert band(spread, 3, 3.0) == ["░  ", "━  ", "░━ "]


def test_a_chart_is_drawn_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two looks it shows what it showed; at the end, what there is."""
    checks, now = Checks([1, 2], float), [100.0]
    checks.add(1, 10, 4)
    chart, console = Chart(checks, goal=False), Console(file=io.StringIO(), width=80)
    monkeypatch.setattr("host.live.time.perf_counter", lambda: now[0])

    def shown() -> str:
        with console.capture() as capture:
            console.print(chart)
        return capture.get()

    assert "of 1 runs" in shown()
    checks.add(2, 10, 4)
    now[0] += 0.2
    assert "of 1 runs" in shown()
    now[0] += 0.1
    assert "of 2 runs" in shown()
    checks.add(2, 20, 0)
    assert "10 … 10" in shown()
    chart.settle()
    assert "10 … 20" in shown()


def test_a_look_that_takes_long_is_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the time, looks take one part in `SHARE` at most."""
    now, looks = [0.0], []
    chart, console = Chart(Checks([1], float), goal=False), Console(file=io.StringIO())
    monkeypatch.setattr("host.live.time.perf_counter", lambda: now[0])

    def slow(width: int) -> list[str]:
        looks.append(now[0])
        now[0] += 0.3
        return []

    monkeypatch.setattr(chart, "lines", slow)
    for _ in range(1000):
        console.print(chart)
        now[0] += 0.1
    apart = np.diff(looks)
    assert len(apart) > 3
    assert (apart > SHARE * 0.3).all()
    assert (apart < SHARE * 0.3 + 0.5).all()
