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
