"""Where the windows of convolutions and pools are, as places in what a layer takes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.intp]


def convolution(shape: tuple[int, ...], *, planar: bool) -> Places:
    """Return which numbers of an image each 3 x 3 window sees, shape (windows, 9 · channels).

    Parameters
    ----------
    shape : tuple of int
        Rows, columns, channels.
    planar : bool
        Whether the image comes channel by channel; otherwise a place's channels come together.
    """
    image = _numbered(shape, planar=planar)
    rows, columns, _ = shape
    return np.array(
        [image[r : r + 3, c : c + 3].ravel() for r in range(rows - 2) for c in range(columns - 2)]
    )


def pool(shape: tuple[int, ...]) -> Places:
    """Return of which numbers each number of a 2 x 2 pool is the largest, shape (numbers, 4)."""
    image = _numbered(shape, planar=False)
    rows, columns, channels = shape
    return np.array(
        [
            image[2 * r : 2 * r + 2, 2 * c : 2 * c + 2, k].ravel()
            for r in range(rows // 2)
            for c in range(columns // 2)
            for k in range(channels)
        ]
    )


def _numbered(shape: tuple[int, ...], *, planar: bool) -> Places:
    """Return the place of each number of an image by row, column and channel."""
    rows, columns, channels = shape
    if planar:
        return (
            np.arange(rows * columns * channels).reshape(channels, rows, columns).transpose(1, 2, 0)
        )
    return np.arange(rows * columns * channels).reshape(shape)
