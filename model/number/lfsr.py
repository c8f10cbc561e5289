"""Linear feedback shift registers, one state a run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from spec.lfsr import Lfsr


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
        self.state: npt.NDArray[np.uint64] = np.array(
            [spec.load(seed) for seed in seeds], dtype=np.uint64
        )

    def shift(self, count: int = 1) -> None:
        """Shift `count` times; as many at once as there are old bits below the lowest tap."""
        mask = np.uint64((1 << self.spec.width) - 1)
        while count > 0:
            leap = min(count, min(self.spec.taps))
            bits = np.zeros_like(self.state)
            for tap in self.spec.taps:
                bits ^= self.state >> np.uint64(tap - leap)
            new = bits & np.uint64((1 << leap) - 1)
            self.state = (self.state << np.uint64(leap) | new) & mask
            count -= leap

    def bit(self) -> npt.NDArray[np.bool_]:
        """Return the output, the oldest bit of each state."""
        return self.state >> np.uint64(self.spec.width - 1) != 0
