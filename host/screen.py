"""What the user sees while work goes on."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True)
quiet = not errors.is_terminal


@contextlib.contextmanager
def progress_bar(title: str, total: float) -> Iterator[Callable[[float, str], None]]:
    """Show a bar on standard error; yields a function that takes the state and a remark."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}% {task.fields[remark]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=errors, transient=True, disable=quiet) as progress:
        task = progress.add_task(title, total=total, remark="")

        def advance(done: float, remark: str) -> None:
            progress.update(task, completed=done, remark=remark)

        yield advance


@contextlib.contextmanager
def working(title: str) -> Iterator[Callable[[str], None]]:
    """Show that something of unknown length goes on; yields a function that takes its stage."""
    if quiet:
        yield lambda stage: None
    else:
        with errors.status(title) as status:
            yield lambda stage: status.update(f"{title}: {stage}")
