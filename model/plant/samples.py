"""The sample memory: in order or at random."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.number.fixed import Ints
from model.number.lfsr import Lfsrs
from spec.lfsr import ORDER
from spec.numbers import bits_for
from spec.plant import SamplesSpec
from spec.tasks import Order


class SampleMemory:
    """All samples, and which of them each run trains on now.

    Parameters
    ----------
    spec : SamplesSpec
    seeds : sequence of int
        The `seed` register of each run.

    Attributes
    ----------
    x : array of int, shape (samples, inputs)
    t : array of int, shape (samples, outputs)
    classes : array of int, shape (samples,)
    index, next : array of int, shape (runs,)
        The current sample of each run, and in order the one after it.
    """

    def __init__(self, spec: SamplesSpec, seeds: Sequence[int]) -> None:
        self.x: Ints = np.array(spec.data.x, dtype=np.int64)
        self.t: Ints = np.array(spec.data.t, dtype=np.int64)
        self.classes: Ints = np.array(spec.data.classes, dtype=np.int64)
        self.order = spec.order
        self.lfsr = Lfsrs(ORDER, seeds)
        bits = bits_for(spec.depth)
        # Random bits of a draw; 8 more than needed unless the samples are always a power of two.
        exact = not spec.adjustable and spec.depth == 1 << bits
        self.draw_bits = bits if exact else bits + 8
        self.index: Ints = np.zeros(len(seeds), dtype=np.int64)
        self.next = self.index.copy()

    def _draw(self) -> Ints:
        """Index ⌊r·samples / 2**draw_bits⌋ of the random number r."""
        r = self.lfsr.state.astype(np.int64) & ((1 << self.draw_bits) - 1)
        self.lfsr.shift(self.draw_bits)
        return r * len(self.x) >> self.draw_bits

    def advance(self) -> None:
        """Go to the next sample."""
        if self.order is Order.RANDOM:
            self.index = self._draw()
        else:
            self.index = self.next
            self.next = (self.next + 1) % len(self.x)

    def keep(self, runs: np.ndarray) -> None:
        """Go on with the runs of a mask only."""
        self.lfsr.state, self.index = self.lfsr.state[runs], self.index[runs]
        self.next = self.next[runs]
