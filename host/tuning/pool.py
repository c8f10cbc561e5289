"""Candidates on several processors, each in a process of its own."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from types import TracebackType
from typing import Self

from host import ending
from host.rules import Tables
from host.tuning.scoring import Score, evaluate
from spec.config import Config

Task = tuple[int, Tables, int]
"""Number of a candidate, its changes, the most steps of a run."""


@dataclass(frozen=True)
class _Work:
    config: Config
    runs: int
    stop: Event


_work: _Work | None = None
"""Of this process, if it works for another one."""


def _begin(work: _Work) -> None:
    global _work
    _work = work


def _score(task: Task) -> Score:
    assert _work is not None
    _, changes, steps = task
    return evaluate(_work.config, changes, steps, _work.runs, _work.stop.is_set)


class Pool:
    """Scores candidates; what comes of one does not depend on how many are at work.

    Parameters
    ----------
    config : Config
    runs : int
        Of each candidate.
    jobs : int
        Processes; 1 is this one.
    """

    def __init__(self, config: Config, runs: int, jobs: int) -> None:
        self.config, self.runs = config, runs
        self._executor = None
        if jobs > 1:
            context = multiprocessing.get_context("spawn")  # a fork would have this one's threads
            self._stop = context.Event()
            work = _Work(config, runs, self._stop)
            self._executor = ProcessPoolExecutor(jobs, context, _begin, (work,))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        if self._executor is not None:
            if kind is not None:
                self._stop.set()
            self._executor.shutdown(cancel_futures=True)

    def scores(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Score]]:
        """Yield the number of each candidate with its score, in the order in which they are known.

        Raises
        ------
        KeyboardInterrupt
            On a signal; what is at work is given up.
        RuntimeError
            If a process was killed.
        """
        if self._executor is None:
            for number, changes, steps in tasks:
                with ending.deferred():
                    found = evaluate(self.config, changes, steps, self.runs, ending.asked)
                yield number, found
            return
        futures: dict[Future[Score], int] = {}
        with _unheard():
            for task in tasks:
                futures[self._executor.submit(_score, task)] = task[0]
        for future in as_completed(futures):
            yield futures[future], future.result()


@contextlib.contextmanager
def _unheard() -> Iterator[None]:
    """Let signals wait, and have none in processes that begin: this one says when they end."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ending.SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
