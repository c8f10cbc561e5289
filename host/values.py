"""How values on the command line are read: numbers, names."""

from __future__ import annotations

import argparse
import math

from host import verilog_name
from host.wave import command as wave

MOST_DIGITS = 18
"""Of a number."""

MOST_QUOTED = 100
"""Letters of what a message repeats."""


def positive(text: str) -> int:
    """Read a whole number of at least 1."""
    return _whole(text, 1)


def natural(text: str) -> int:
    """Read a whole number of at least 0."""
    return _whole(text, 0)


def _whole(text: str, least: int) -> int:
    """Read digits; of 64 bits at most, so that it can be printed."""
    digits = text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
    if not digits or int(text) < least:
        raise argparse.ArgumentTypeError(
            f"{shortened(text)} must be a whole number of at least {least}, of at most "
            f"{MOST_DIGITS} digits"
        )
    return int(text)


def shortened(text: str) -> str:
    """Quote what a user typed, but no more than a line takes."""
    return repr(text if len(text) <= MOST_QUOTED else text[:MOST_QUOTED] + "…")


def megahertz(text: str) -> float:
    """Read a frequency."""
    try:
        value = float(text) if text.isascii() else math.nan
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{shortened(text)} must be a number of MHz above 0")
    return value


def identifier(text: str) -> str:
    """Read a name for a Verilog module."""
    if not verilog_name.is_name(text):
        raise argparse.ArgumentTypeError(f"{shortened(text)} must be {verilog_name.WANTED}")
    return text


def cells(text: str) -> list[int]:
    """Read numbers of cells, separated by commas."""
    try:
        found = [natural(part) for part in text.split(",")]
    except argparse.ArgumentTypeError:
        found = []
    if not found or len(set(found)) < len(found) or len(found) > wave.MOST_CELLS:
        raise argparse.ArgumentTypeError(
            f"{shortened(text)} must be up to {wave.MOST_CELLS} numbers of cells, such as 0,3,8, "
            "each once"
        )
    return found
