"""However a command ends: what was learned is kept, nothing is left over, no traceback."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from host import ending
from model.run import Interrupted, theta_digest
from model.trainer import Trainer
from model.training import trainer_of
from sim.simulators import Simulator
from spec.config import Config
from tests.conftest import EXAMPLES, need
from tests.host.conftest import read_json

NEVER = """
[task]
name = "xor"
[network]
layers = [2, 2, 1]
[training]
steps = 4_000_000_000
solved_cost = 0.0
"""


def _listen() -> None:
    """Hear signals that whoever runs the tests in the background has us ignore."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(folder: Path, builds: Path) -> Iterator[Start]:
    """Start a command of its own, with the builds of other tests and its own temporary folder."""
    (folder / "never.toml").write_text(NEVER)
    (folder / "build").mkdir()
    (folder / "temporary").mkdir()
    builds.mkdir(parents=True, exist_ok=True)
    (folder / "build" / "sim").symlink_to(builds)
    started = []

    def start(*words: str, **environment: str) -> subprocess.Popen[str]:
        paths = {"PYTHONPATH": str(EXAMPLES.parent), "TMPDIR": str(folder / "temporary")}
        started.append(
            subprocess.Popen(
                [sys.executable, "-m", "host.cli", *words],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                env=os.environ | paths | environment,
                preexec_fn=_listen,
            )
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def wait_for(condition: Callable[[], object]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def children(pid: int) -> list[int]:
    """Processes that one has started, and those that they have; none of one that has ended."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:  # it may have ended since its number was read
        return []
    return [each for word in text.split() for each in (int(word), *children(int(word)))]


def stat(pid: int) -> list[str]:
    """What the system says of a process behind its name: state, parent, …; Z if it has gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ["Z"]


def works_s(pid: int) -> float:
    """Seconds for which a process has computed, and not waited."""
    words = stat(pid)
    return sum(map(int, words[11:13])) / os.sysconf("SC_CLK_TCK") if len(words) > 12 else 0.0


def simulates_s(pid: int) -> float:
    """The same of the simulations that it has started."""
    found = 0.0
    for each in children(pid):
        with contextlib.suppress(OSError):  # it may have ended
            if Path(f"/proc/{each}/exe").readlink().name == NAME:
                found += works_s(each)
    return found


NAME = "simulation"
"""Of what is compiled of a design."""


@pytest.mark.parametrize(
    ("engine", "number"),
    [
        ("model", signal.SIGINT),
        ("model", signal.SIGHUP),
        ("sim", signal.SIGTERM),
        ("board", signal.SIGINT),
        ("loop", signal.SIGTERM),
    ],
)
def test_what_was_learned_is_kept(
    engine: str, number: signal.Signals, start: Start, folder: Path
) -> None:
    need(Simulator.VERILATOR)
    port = ["--port", "virtual"] if engine in ("board", "loop") else []
    outputs = ["--json", "o.json", "--save", "o.npz"]
    plots = number == signal.SIGINT
    if plots:  # which takes long to import
        outputs += ["--plot", "o.png"]
    process = start("train", "never.toml", "--engine", engine, *port, *outputs)
    at_work = simulates_s if engine in ("sim", "board") else works_s
    wait_for(lambda: at_work(process.pid) > (0.3 if at_work is simulates_s else 2))
    below = children(process.pid)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 128 + number, err
    assert err.splitlines()[-1] == "mgd train: interrupted"
    assert "Traceback" not in err
    found = read_json(folder / "o.json")
    (learned,) = found["runs"]
    assert found["interrupted"]
    assert learned["steps"] > 0
    assert not learned["solved"]
    assert learned["theta_digest"] in out
    assert not plots or (folder / "o.png").read_bytes().startswith(b"\x89PNG")
    theta = np.load(folder / "o.npz")["theta"]
    assert theta_digest(theta) == learned["theta_digest"]
    config = Config.load("never.toml").with_training(steps=learned["steps"])
    if engine in ("model", "loop"):  # the others make more steps than can be made again here
        (golden,) = trainer_of(config, [1]).run()
        assert theta_digest(golden.theta) == learned["theta_digest"]
        assert golden.correct / 4 == learned["accuracy"]
    assert all(stat(pid)[0] == "Z" for pid in below)
    assert list((folder / "temporary").iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_compilers_end_too(number: signal.Signals, start: Start, folder: Path) -> None:
    need(Simulator.VERILATOR)
    (folder / "build" / "sim").unlink()  # nothing is compiled
    process = start("verify", "xor")
    wait_for(lambda: len(children(process.pid)) > 1)  # g++, and what it has started
    below = children(process.pid)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (128 + number, "", "mgd verify: interrupted\n")
    wait_for(lambda: all(stat(pid)[0] == "Z" for pid in below))
    assert list((folder / "build" / "sim").iterdir()) == []
    assert list((folder / "temporary").iterdir()) == []


def test_tools_end_too(start: Start, folder: Path) -> None:
    """With all that they have started, here a `sleep`."""
    tool = folder / "slow"
    tool.write_text("#!/bin/sh\necho 'slow 1.0'\n[ \"$1\" = --version ] || sleep 60; true\n")
    tool.chmod(0o755)
    process = start("build", "xor", "--board", "icebreaker", YOSYS=str(tool))
    wait_for(lambda: len(children(process.pid)) > 1)
    below = children(process.pid)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (143, "mgd build: interrupted\n")
    wait_for(lambda: all(stat(pid)[0] == "Z" for pid in below))
    assert not (folder / "build" / "boards").exists()


def test_no_traceback_from_an_import(start: Start) -> None:
    process = start("train", "xor")
    mapped = Path(f"/proc/{process.pid}/maps")
    wait_for(lambda: "_multiarray_umath" in mapped.read_text())  # NumPy, long before the last one
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=10) == ("", "")
    assert process.returncode == 130


def test_a_signal_that_is_ignored_stays_so() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        with ending.signals():
            os.kill(os.getpid(), signal.SIGHUP)
            assert not ending.asked()
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_signal_waits_where_it_must(monkeypatch: pytest.MonkeyPatch) -> None:
    with ending.signals():
        with ending.deferred():
            os.kill(os.getpid(), signal.SIGTERM)
            assert ending.asked()
            os.kill(os.getpid(), signal.SIGTERM)  # the same wish, said twice
            monkeypatch.setattr(ending, "ONE_S", 0.0)
            with pytest.raises(KeyboardInterrupt):
                os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            ending.check()
        assert ending.status() == 143
    with ending.signals():
        assert not ending.asked()


@pytest.mark.parametrize(
    ("name", "asked"), [("xor", 1300), ("xor-fast", 900), ("fm-analog", 1300), ("antithetic", 1300)]
)
def test_a_run_that_is_stopped_is_one_of_fewer_steps(name: str, asked: int) -> None:
    """Also runs that were solved before, and no others."""
    config = Config.load(EXAMPLES / f"{name}.toml")
    trainer, seeds = Trainer(config, [1, 2, 3]), iter(range(asked))
    with pytest.raises(Interrupted) as caught:
        trainer.run(stop=lambda: next(seeds, None) is None)
    stopped = [run for run in caught.value.runs if not run.solved]
    assert len(caught.value.runs) == 3
    assert stopped
    for run_ in stopped:
        (golden,) = Trainer(config.with_training(steps=run_.steps), [run_.seed]).run()
        if not config.update_delay:  # overlapped steps are under way when a run stops
            assert (golden.theta == run_.theta).all()
            assert (golden.correct, golden.cost_sum) == (run_.correct, run_.cost_sum)


def test_nothing_is_learned_before_the_first_step() -> None:
    with pytest.raises(Interrupted) as caught:
        Trainer(Config.load(EXAMPLES / "xor.toml"), [1]).run(stop=lambda: True)
    assert caught.value.runs == []


def test_tuning_ends_its_processes_and_goes_on_later(start: Start, folder: Path) -> None:
    text = NEVER.replace("4_000_000_000", "60_000")
    (folder / "slow.toml").write_text(text)
    words = ["tune", "slow.toml", "--runs", "1", "--jobs", "2", "--trials", "9"]
    process, study = start(*words), folder / "slow-tuned.json"

    def scores() -> int:
        found = read_json(study)["candidates"] if study.exists() else []
        return sum(len(one["scores"]) for one in found)

    wait_for(lambda: scores())
    at_work = children(process.pid)
    assert len(at_work) >= 2
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert err.endswith("mgd tune: interrupted\n")  # below progress, where that takes long
    assert "the same command goes on" in out
    wait_for(lambda: {stat(each)[0] for each in at_work} == {"Z"})
    assert 0 < scores() < 9
    assert not (folder / "slow-tuned.toml").exists()
