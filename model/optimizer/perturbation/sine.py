"""Frequency multiplexing (FM): a sine of its own for each cell; or only its sign."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.number.fixed import Ints
from model.optimizer.perturbation.base import Perturbation, numbers
from spec.code import SINE_BITS, Sines, sine_levels
from spec.optimizer import BankSpec


class SquareWaves(Perturbation):
    """Square waves (FM_SQUARE): the highest bit of a cell's phase is its sign.

    The delay line runs through the highest bits, so that the initial θ is the same as that of
    all others; what was there moves down, which makes the phases random.
    """

    def __init__(self, spec: BankSpec, seeds: Sequence[int]) -> None:
        super().__init__(spec, seeds)
        code = spec.cell.perturbation.code
        assert isinstance(code, Sines)
        self.code = code
        self.frequency = np.array([self.code.frequency(k) for k in numbers(spec)])

    def fill(self) -> None:
        """Shift once: the line by a cell, every phase by a bit."""
        highest = self.code.phase_bits - 1
        self.line = self._shifted(self.line >> highest) << highest | self.line >> 1

    def places(self, run: int = 0) -> list[int]:
        """Return the highest bits, and those that have moved down in the last cell."""
        highest = self.code.phase_bits - 1
        last = int(self.line[run, -1])
        gone = [last >> highest - k & 1 for k in range(1, highest + 1)]
        return [int(phase) >> highest for phase in self.line[run]] + gone

    def perturb(self) -> None:
        """Go on by a slot."""
        self.line = (self.line + self.frequency) % self.code.period

    @property
    def polarity(self) -> Ints:
        """The sign of each cell's wave."""
        return np.where(self.line >> self.code.phase_bits - 1, 1, -1)


class SineWaves(SquareWaves):
    """Sines (FM) of amplitude √2·Δθ, from a table."""

    def __init__(self, spec: BankSpec, seeds: Sequence[int]) -> None:
        super().__init__(spec, seeds)
        self.levels = np.array(sine_levels(spec.cell.perturbation.fraction_bits))

    @property
    def theta_tilde(self) -> Ints:
        """Each cell's value of its sine."""
        looked_at = self.line >> self.code.phase_bits - SINE_BITS
        quarter = len(self.levels)
        rising = looked_at % (2 * quarter) < quarter
        place = looked_at % quarter
        return self.polarity * self.levels[np.where(rising, place, quarter - 1 - place)]


MAKES = {"fm": SineWaves, "fm_square": SquareWaves}
