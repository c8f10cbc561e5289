"""Signals over time, as changes: register values from a clock on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.number.fixed import Ints


class Track:
    """One signal over time.

    Parameters
    ----------
    initial : int or array of int, shape (count,)
    """

    def __init__(self, initial: Ints | int) -> None:
        self._times = [-1]
        self._values = [initial]

    def set(self, clock: int, value: Ints | int) -> None:
        """Let the signal have `value` from `clock` on; clocks must not go back."""
        self._times.append(clock)
        self._values.append(value)

    def take(self, start: int, stop: int) -> Ints:
        """Return the values of clocks `start` to `stop` - 1, and forget what came before."""
        times = np.array(self._times)
        ends = np.append(times[1:], stop).clip(start, stop)
        lasts = ends - times.clip(start, stop)
        # Of several values from one clock on, the last one counts; the others last no clock.
        values = np.repeat(np.array(self._values, dtype=np.int64), lasts, axis=0)
        keep = int(np.searchsorted(times, stop, side="right")) - 1
        self._times, self._values = self._times[keep:], self._values[keep:]
        return values.reshape(stop - start, -1)


class CellTracks:
    """A signal of all cells over time: that of a layer as late as the bus reaches it.

    Parameters
    ----------
    counts : sequence of int
        How many cells each layer has.
    parts : sequence of slice
        Which cells are those of each layer.
    offsets : sequence of int
        Clocks by which each layer is late.
    """

    def __init__(
        self, counts: Sequence[int], parts: Sequence[slice], offsets: Sequence[int]
    ) -> None:
        tracks = [Track(np.zeros(count, dtype=np.int64)) for count in counts]
        self._layers = list(zip(tracks, parts, offsets, strict=True))

    def set(self, clock: int, values: Ints) -> None:
        """Let the cells have `values`, of shape (P,), from `clock` on."""
        for track, part, offset in self._layers:
            track.set(clock + offset, values[part])

    def take(self, start: int, stop: int) -> Ints:
        """Return the values of clocks `start` to `stop` - 1, and forget what came before."""
        return np.concatenate([track.take(start, stop) for track, *_ in self._layers], axis=1)
