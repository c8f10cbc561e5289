"""Linear feedback shift registers, one state a run."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from spec.lfsr import Lfsr

States = npt.NDArray[np.uint64]


class Lfsrs:
    """Independent Fibonacci LFSRs of one polynomial.

    Parameters
    ----------
    spec : Lfsr
        Width and taps.
    seeds : sequence of int
        The `seed` register of each run.

    Attributes
    ----------
    state : array of uint64, shape (runs,)
    """

    def __init__(self, spec: Lfsr, seeds: Sequence[int]) -> None:
        self.spec = spec
        self.state: States = np.array([spec.load(seed) for seed in seeds], dtype=np.uint64)

    def shift(self, count: int = 1) -> None:
        """Shift `count` times; as many at once as there are old bits below the lowest tap."""
        for leap, taps, new, mask in _leaps(self.spec, count):
            bits = np.bitwise_xor.reduce(self.state >> taps, axis=0) & new
            self.state = (self.state << leap | bits) & mask

    def bit(self) -> npt.NDArray[np.bool_]:
        """Return the output, the oldest bit of each state."""
        return self.state >> np.uint64(self.spec.width - 1) != 0


@functools.cache
def _leaps(spec: Lfsr, count: int) -> list[tuple[np.uint64, States, np.uint64, np.uint64]]:
    """Split so many shifts: how many at once, places of the taps, masks of new bits and state."""
    longest = min(spec.taps)
    leaps = [min(longest, count - done) for done in range(0, count, longest)]
    return [
        (
            np.uint64(leap),
            np.array([[tap - leap] for tap in spec.taps], dtype=np.uint64),
            np.uint64((1 << leap) - 1),
            np.uint64((1 << spec.width) - 1),
        )
        for leap in leaps
    ]


class WideLfsrs:
    """Independent Fibonacci LFSRs of 64 to 127 bits, of which up to 64 are shifted out at once.

    Parameters
    ----------
    spec : Lfsr
        No tap below 64.
    seeds : sequence of int
        The `seed` register of each run.

    Attributes
    ----------
    state : array of uint64, shape (runs, 2)
        Low bits and high bits.
    """

    def __init__(self, spec: Lfsr, seeds: Sequence[int]) -> None:
        self.spec = spec
        low = (1 << 64) - 1
        loaded = [spec.load(seed) for seed in seeds]
        words = [[state & low, state >> 64] for state in loaded]
        self.state: States = np.array(words, dtype=np.uint64).reshape(-1, 2)

    def draw(self, count: int) -> npt.NDArray[np.int64]:
        """Shift `count` bits out, oldest first; shape (runs, count)."""
        words = np.empty((-(-count // 64), len(self.state)), dtype=">u8")
        for k in range(len(words)):
            words[k] = self._word(self.spec.width - 64)
            self._shift(min(64, count - 64 * k))
        found = np.ascontiguousarray(words.T).view(np.uint8)
        return np.unpackbits(found, axis=1, count=count).astype(np.int64)

    def _word(self, place: int) -> States:
        """Return 64 bits of each state, from a place on."""
        low, high = self.state.T
        if place == 0:
            return low
        return low >> np.uint64(place) | high << np.uint64(64 - place)

    def _shift(self, count: int) -> None:
        """Shift up to 64 times."""
        new = np.bitwise_xor.reduce([self._word(tap - 64) for tap in self.spec.taps])
        low, high = self.state.T
        if count < 64:
            left, right = np.uint64(count), np.uint64(64 - count)
            high, new = high << left | low >> right, low << left | new >> right
        else:
            high = low
        mask = np.uint64((1 << self.spec.width - 64) - 1)
        self.state = np.stack((new, high & mask), axis=1)
