"""Curves as text: bars of blocks, of one row or several; median and quartiles of many runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

BLOCKS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float], width: int = 60, top: float = 0.0) -> str:
    """Draw values as a line of blocks, from 0 to the largest, or `top` if that is larger.

    Each block is the mean of its stretch.
    """
    if not values:
        return ""
    means = thinned(values, width)
    top = max(*means, top) or 1.0
    return "".join(BLOCKS[min(7, int(8 * max(0.0, value) / top))] for value in means)


def thinned(values: Sequence[float], width: int) -> list[float]:
    """Return as many means of stretches of values as there is width for."""
    width = min(width, len(values))
    edges = [len(values) * k // width for k in range(width + 1)]
    return [sum(values[a:b]) / (b - a) for a, b in pairwise(edges)]


def bars(values: Sequence[float], rows: int, top: float) -> list[str]:
    """Draw each value as a bar of several rows, from 0 to `top`; at least an eighth of a row."""
    lines = []
    for row in reversed(range(rows)):
        eighths = [math.ceil(8 * rows * value / top) - 8 * row for value in values]
        least = int(row == 0)
        lines.append("".join(f" {BLOCKS}"[min(8, max(least, eighth))] for eighth in eighths))
    return lines


def band(spread: np.ndarray, rows: int, top: float) -> list[str]:
    """Draw a median, `━`, in a band from lower to upper quartile, `░`.

    Parameters
    ----------
    spread : array of float, shape (3, columns)
        As `host.checks.quartiles`; nothing is drawn of NaN.
    rows : int
    top : float
        What the highest row ends at; the lowest begins at 0.
    """
    known = ~np.isnan(spread[1])
    places = np.where(known, np.clip(np.nan_to_num(spread) * rows / top, 0, rows - 1), -2)
    low, median, high = places.astype(np.int64)
    lines = []
    for row in reversed(range(rows)):
        letters = np.where((low <= row) & (row <= high) & known, "░", " ")
        lines.append("".join(np.where(median == row, "━", letters)))
    return lines
