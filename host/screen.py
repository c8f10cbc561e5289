"""What the user sees: standard output, and progress while work goes on."""

from __future__ import annotations

import contextlib
import contextvars
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, Self

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from host import ending

FIRST_S, LONGEST_S = 15.0, 300.0
"""Seconds until a log has its first line of progress, and most between two; it doubles."""


class Output(Console):
    """Standard output. Brackets and colons in names are no markup."""

    def __init__(self) -> None:
        super().__init__(highlight=False, soft_wrap=True, markup=False, emoji=False)

    def print(self, *objects: Any, **options: Any) -> None:
        """Print as rich does.

        Raises
        ------
        OSError
            If it cannot be written: on a full disk; or a BrokenPipeError if nobody reads it.
        """
        with ending.named_output():
            super().print(*objects, **options)

    def on_broken_pipe(self) -> None:
        """Leave it to who handles it."""
        raise  # noqa: PLE0704  # the BrokenPipeError that rich is handling


class Above(Protocol):
    """What can be shown above a bar of progress."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it."""
        ...

    def words(self) -> str:
        """Say it in a line, where there is no terminal."""
        ...

    def settle(self) -> None:
        """Know that it is drawn for the last time."""
        ...


console = Output()
errors = Console(stderr=True, markup=False, emoji=False)
quiet = not errors.is_terminal
_silent = contextvars.ContextVar("silent", default=False)  # each thread has its own
_above: contextvars.ContextVar[Above | None] = contextvars.ContextVar("above", default=None)


@contextlib.contextmanager
def above(shown: Above | None) -> Iterator[None]:
    """Show something above every bar of progress meanwhile, if there is something."""
    token = _above.set(shown)
    try:
        yield
    finally:
        _above.reset(token)


@contextlib.contextmanager
def silenced() -> Iterator[None]:
    """Show no progress: for programs that use this one as a library."""
    before = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(before)


class _Log:
    """Progress where there is no terminal: a line now and then, whoever is at work."""

    def __init__(self, title: str) -> None:
        self.title, self.remark, self.part = title, "", 0.0
        self.above = _above.get()
        self._begin, self._done = time.monotonic(), threading.Event()
        self._thread = threading.Thread(target=self._say, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _say(self) -> None:
        wait = FIRST_S
        while not self._done.wait(wait):
            wait = min(2 * wait, LONGEST_S)
            elapsed, part = time.monotonic() - self._begin, self.part
            left = f", about {duration(elapsed / part - elapsed)} left" if part else ""
            percent = f"{part:.0%}" if part else ""
            more = self.above.words() if self.above else ""
            remark = ", ".join(filter(None, (self.remark, more)))
            words = " ".join(filter(None, (f"{self.title}:", percent, remark)))
            ending.say(f"{words} ({duration(elapsed)}{left})")


def duration(seconds: float) -> str:
    """Say how long something takes: '40 s', '3 min', '2.5 h', '12 days'."""
    for unit, size in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size or (unit == "h" and seconds >= 5_400):
            count = seconds / size
            return f"{count:.1f} {unit}" if count < 10 and unit != "min" else f"{count:,.0f} {unit}"
    return f"{seconds:.0f} s"


class _Progress(Progress):
    """Bars of progress, and what is above them."""

    def __init__(self, *columns: ProgressColumn, console: Console) -> None:
        self.above, self._over = _above.get(), False
        super().__init__(
            *columns,
            console=console,
            transient=self.above is None,
            refresh_per_second=4 if self.above else 10,
        )

    def get_renderables(self) -> Iterable[RenderableType]:
        """Return what is drawn."""
        if self.above:
            yield self.above
        if not self._over:
            yield from super().get_renderables()

    def stop(self) -> None:
        """Draw what is above for the last time; it stays, and the bars go."""
        if self.above:
            self.above.settle()
            self._over = True
        super().stop()


@contextlib.contextmanager
def progress_bar(title: str, total: float) -> Iterator[Callable[[float, str], None]]:
    """Show a bar on standard error; yields a function that takes the state and a remark.

    What is `above` it stays when the bar goes. Where there is no terminal, a line now and then;
    nothing while `silenced`.
    """
    if _silent.get():
        yield lambda done, remark: None
        return
    if quiet:
        with _Log(title) as log:

            def tell(done: float, remark: str) -> None:
                log.part, log.remark = done / total, remark

            yield tell
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}% {task.fields[remark]}", markup=False),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with _Progress(*columns, console=errors) as progress:
        task = progress.add_task(title, total=total, remark="")

        def advance(done: float, remark: str) -> None:
            progress.update(task, completed=done, remark=remark)

        yield advance


@contextlib.contextmanager
def working(title: str) -> Iterator[Callable[[str], None]]:
    """Show that something of unknown length goes on; yields a function that takes its stage.

    Nothing while `silenced`.
    """
    if _silent.get():
        yield lambda stage: None
    elif quiet:
        with _Log(title) as log:
            yield lambda stage: setattr(log, "remark", stage)
    else:
        with errors.status(Text(title)) as status:
            yield lambda stage: status.update(Text(f"{title}: {stage}"))
