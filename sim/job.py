"""A job for a test bench: what crosses from the caller's process into the simulator's, and back."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.simulators import TOP, Simulator, runner
from spec.config import Config

JOB_VARIABLE = "MGD_JOB"
"""Environment variable that names the job's folder."""


@dataclass(frozen=True)
class Job:
    """What a bench is asked to do.

    Parameters
    ----------
    bench : str
        Name of the test in `sim.benches`.
    config : Config
    options : dict
        Further arguments of the bench.
    """

    bench: str
    config: Config
    options: dict[str, Any]


class Report:
    """The bench's way back: lines of JSON, read while the simulation runs."""

    def __init__(self, folder: Path) -> None:
        self._file = (folder / "report.jsonl").open("a", encoding="utf-8")

    def write(self, **line: Any) -> None:
        """Append a line."""
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()


def current() -> tuple[Job, Report]:
    """Inside the simulator: the job to do, and where to report."""
    folder = Path(os.environ[JOB_VARIABLE])
    return pickle.loads((folder / "job.pickle").read_bytes()), Report(folder)


def run(
    job: Job, simulator: Simulator, build: Path, receive: Callable[[dict[str, Any]], None]
) -> None:
    """Run a job in a compiled design.

    Parameters
    ----------
    job : Job
    simulator : Simulator
    build : Path
        As `sim.simulators.build` returned it.
    receive : callable
        Called with each line the bench reports, while it runs.

    Raises
    ------
    RuntimeError
        If the simulation died before its bench ended; the message holds its last lines.
    """
    with tempfile.TemporaryDirectory(prefix="mgd-") as name:
        folder = Path(name)
        (folder / "job.pickle").write_bytes(pickle.dumps(job))
        report = folder / "report.jsonl"
        report.touch()
        thread = threading.Thread(target=_simulate, args=(job, simulator, build, folder))
        thread.start()
        ended = False
        with report.open(encoding="utf-8") as lines:
            rest = ""
            running = True
            while running or rest:
                running = thread.is_alive()
                thread.join(timeout=0.05)
                rest += lines.read()
                *whole, rest = rest.split("\n")
                for line in map(json.loads, whole):
                    ended = ended or "end" in line
                    receive(line)
        if not ended:
            log = (folder / "run.log").read_text(errors="replace").strip().splitlines()[-12:]
            raise RuntimeError("the simulation died:\n" + "\n".join(log))


def _simulate(job: Job, simulator: Simulator, build: Path, folder: Path) -> None:
    # A simulation that dies reports no end: the caller sees that, and shows the log.
    with contextlib.suppress(RuntimeError, SystemExit):
        runner(simulator).test(
            test_module="sim.benches",
            testcase=job.bench,
            hdl_toplevel=TOP,
            hdl_toplevel_lang="verilog",
            build_dir=build,
            test_dir=folder,
            results_xml=str(folder / "results.xml"),
            extra_env={JOB_VARIABLE: str(folder), "COCOTB_ANSI_OUTPUT": "0"},
            log_file=folder / "run.log",
            timescale=("1ns", "1ps") if simulator is Simulator.ICARUS else None,
        )
