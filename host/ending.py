"""How a command ends before its time: by Ctrl-C, by a request to end, with its terminal.

It imports little, as it is there from the first moment on.
"""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

ONE_S = 1.0
"""Signals so soon after the first are the same wish: a service's end may be said by several."""

NOBODY_READS = 128 + signal.SIGPIPE
"""Exit status if who reads standard output has gone, as `head` does: there is nothing to say."""


class _Wish:
    """What was heard.

    Attributes
    ----------
    number : int or None
        Of the first signal.
    since : float
        When it came.
    deferred : bool
        Whether who works will look by itself.
    """

    number: int | None = None
    since: float = 0.0
    deferred: bool = False


_wish = _Wish()


@contextlib.contextmanager
def signals(numbers: Sequence[signal.Signals] = SIGNALS) -> Iterator[None]:
    """Turn signals into a KeyboardInterrupt, so that all contexts are left.

    One that is ignored, as under nohup, stays so.
    """
    global _wish
    _wish = _Wish()
    try:
        with _handled(_hear, numbers):
            yield
    finally:
        _wish = _Wish()  # who trains next in this process was not meant


@contextlib.contextmanager
def at_once() -> Iterator[None]:
    """End this process at once on a signal: there is nothing to clean up, as in an import."""
    with _handled(lambda number, _: os._exit(128 + number)):
        yield


@contextlib.contextmanager
def deferred() -> Iterator[None]:
    """Let a signal wait for the next `check`, so that what is going on stays whole.

    One that comes `ONE_S` after the first does not wait.
    """
    _wish.deferred = True
    try:
        yield
    finally:
        _wish.deferred = False


def asked() -> bool:
    """Whether a signal came."""
    return _wish.number is not None


def check() -> None:
    """Raise a KeyboardInterrupt if a signal came."""
    if asked():
        raise KeyboardInterrupt


def status() -> int:
    """Return the exit status of a command that was interrupted: as shells count, 130 for Ctrl-C."""
    return 128 + (_wish.number or signal.SIGINT)


def _hear(number: int, frame: FrameType | None) -> None:
    now = time.monotonic()
    first = _wish.number is None
    if first:
        _wish.number, _wish.since = number, now
    if now - _wish.since >= ONE_S or (first and not _wish.deferred):
        raise KeyboardInterrupt


@contextlib.contextmanager
def _handled(handler: object, numbers: Sequence[signal.Signals] = SIGNALS) -> Iterator[None]:
    before = {}
    if threading.current_thread() is threading.main_thread():
        for number in numbers:
            if signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, handler)  # type: ignore[arg-type]
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def open_streams() -> None:
    """Give the standard streams what any of them may lack: a file, and an answer to any letter.

    A closed one would have its number taken by the next file that is opened; and not every
    terminal knows θ.
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def say(text: str) -> None:
    """Print one line on standard error, whatever the text has in it; lost if nobody reads."""
    line = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    with contextlib.suppress(OSError, AttributeError):  # AttributeError: there is no such stream
        sys.stderr.write(line + "\n")
        sys.stderr.flush()


def close_output() -> None:
    """Write what is left for standard output.

    Raises
    ------
    OSError
        If it cannot be written; a second attempt, by Python at its end, is spared.
    """
    if sys.stdout is None:
        return
    try:
        with named_output():
            sys.stdout.flush()
    except OSError:
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise


@contextlib.contextmanager
def named_output() -> Iterator[None]:
    """Let an OSError say that it is of standard output."""
    try:
        yield
    except OSError as error:
        error.filename = "standard output"
        raise


def reason(error: BaseException) -> str:
    """Say in a line why something failed."""
    if isinstance(error, MemoryError):
        return "there is not enough memory"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)
