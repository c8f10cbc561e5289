"""A simulated optimizer with a plant at its pins."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from sim.external.bench import ExternalBench


class Session:
    """A compiled bench at work in a process of its own, which ends with this context.

    Parameters
    ----------
    build : Path
        As `sim.simulators.build` returned it.
    bench : ExternalBench
    every : bool
        Whether it dumps the probe in every clock.
    """

    def __init__(self, build: Path, bench: ExternalBench, *, every: bool = False) -> None:
        self.bench = bench
        self._inputs = dict.fromkeys((name for name, _ in bench.inputs), 0)
        self._record = np.dtype(("<u4", (bench.probe_words,)))
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mgd-")))
            self._said = stack.enter_context(tempfile.TemporaryFile("w+", errors="replace"))
            probe = folder / "probe"
            probe.touch()
            self._probe = stack.enter_context(probe.open("rb"))
            self._process = subprocess.Popen(
                ["./simulation", "every" if every else "last", str(probe)],
                cwd=build,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._said,
                start_new_session=True,
            )
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
        self._process.communicate()
        self._stack.close()

    def run(self, until: int, inputs: Mapping[str, int]) -> tuple[int, dict[str, int]]:
        """Apply inputs, others stay, and go on until something happens, or to a clock.

        Returns
        -------
        clock, outputs

        Raises
        ------
        RuntimeError
            If the simulator ended.
        """
        self._inputs.update(inputs)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(self.bench.answer(until, self._inputs))
            self._process.stdin.flush()
        found = self._process.stdout.read(self.bench.told_bytes)
        if len(found) < self.bench.told_bytes:
            status = self._process.wait()
            self._said.seek(0)
            said = self._said.read().strip().splitlines() or ["nothing"]
            raise RuntimeError(f"the simulator ended (status {status}); it said last: {said[-1]}")
        return self.bench.told(found)

    def last(self) -> np.ndarray:
        """End the simulation; return the probe as it is then."""
        self._process.communicate()
        return self.probes()[-1]

    def probes(self) -> np.ndarray:
        """Return the probe of all clocks since it was asked last."""
        data = self._probe.read()
        assert len(data) % self._record.itemsize == 0
        return np.frombuffer(data, self._record)
