"""A running simulation: rows of inputs go in, records come out."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from sim.simulators import Simulator


class Simulation:
    """A compiled bench at work in a process of its own, which ends with this context.

    It runs ahead of whoever reads, by as much as a pipe holds.

    Parameters
    ----------
    build : Path
        As `sim.simulators.build` returned it.
    simulator : Simulator
    rows : iterable of sequence of int
        Inputs, as `sim.bench` describes them.
    record : numpy.dtype
        Of what the bench dumps.
    every : bool
        Whether it dumps the probe in every clock, or only checks and ends.
    """

    def __init__(
        self,
        build: Path,
        simulator: Simulator,
        rows: Iterable[Sequence[int]],
        record: np.dtype,
        *,
        every: bool,
    ) -> None:
        self._simulator, self._record = simulator, record
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mgd-")))
            self._said = stack.enter_context(
                tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")
            )
            with (folder / "rows").open("w", encoding="ascii") as file:
                file.writelines(" ".join(f"{value:x}" for value in row) + "\n" for row in rows)
            read, write = os.pipe()
            self._records = stack.enter_context(os.fdopen(read, "rb", buffering=1 << 16))
            program = (
                ["./simulation"] if simulator is Simulator.VERILATOR else ["vvp", "simulation"]
            )
            words = [f"+rows={folder / 'rows'}", f"+out=/dev/fd/{write}"]
            try:
                self._process = subprocess.Popen(
                    [*program, *words, *(["+every=1"] if every else [])],
                    cwd=build,
                    stdin=subprocess.DEVNULL,
                    stdout=self._said,
                    stderr=self._said,
                    pass_fds=[write],
                    start_new_session=True,  # Ctrl-C is for who reads: there is a check to keep
                )
            finally:
                os.close(write)
            self._stack = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()
        self._stack.close()

    def read(self, count: int) -> np.ndarray:
        """Return the next records.

        Raises
        ------
        RuntimeError
            If the simulator ended before; the message, of one line, has the last that it said.
        """
        data = self._records.read(count * self._record.itemsize)
        if len(data) < count * self._record.itemsize:
            status = self._process.wait()
            self._said.seek(0)
            said = self._said.read().strip().splitlines() or ["nothing"]
            raise RuntimeError(
                f"{self._simulator.value} ended early (status {status}); it said last: {said[-1]}"
            )
        return np.frombuffer(data, self._record)

    def __iter__(self) -> Iterator[np.void]:
        """Go on for ever, a record at a time."""
        while True:
            yield self.read(1)[0]
