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
        """Shift `count` times."""
        one, mask = np.uint64(1), np.uint64((1 << self.spec.width) - 1)
        for _ in range(count):
            bit = self.state >> np.uint64(self.spec.taps[0] - 1)
            for tap in self.spec.taps[1:]:
                bit = bit ^ (self.state >> np.uint64(tap - 1))
            self.state = (self.state << one | bit & one) & mask

    def bit(self) -> npt.NDArray[np.bool_]:
        """Return the output, the oldest bit of each state."""
        return self.state >> np.uint64(self.spec.width - 1) != 0
