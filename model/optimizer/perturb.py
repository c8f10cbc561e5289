"""Perturbations: random code, Walsh code, time multiplexing, sines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.number.fixed import Ints
from model.number.lfsr import Lfsrs
from spec.code import SINE_BITS, STRIDES, Sines, Turns, Walsh, sine_levels
from spec.config import Config
from spec.lfsr import PERTURBATION
from spec.training import Perturbation


class RandomCode:
    """Random code (R-CM), and what all sources of perturbation have in common.

    Parameters
    ----------
    config : Config
        P, the length of the delay line; the code.
    seeds : sequence of int
        The `seed` register of each run.

    Attributes
    ----------
    line : array of int, shape (runs, P)
        What the cells hold: 1 is a perturbation of +Δθ, 0 of -Δθ, or a phase.
    """

    def __init__(self, config: Config, seeds: Sequence[int]) -> None:
        self.lfsr = Lfsrs(PERTURBATION, seeds)
        self.line: Ints = np.zeros((len(seeds), config.parameters), dtype=np.int64)

    def fill(self) -> None:
        """Shift once: every cell takes its neighbour's bit, the first one a new one."""
        self.line = self._shifted(self.line)

    def _shifted(self, bits: Ints) -> Ints:
        new = self.lfsr.bit()[:, None].astype(np.int64)
        self.lfsr.shift()
        return np.concatenate((new, bits[:, :-1]), axis=1)

    def perturb(self) -> None:
        """Take the next perturbation; of a random code, what also fills the initial θ.

        In the analog loop that is a shift, of as many as `Config.shifts` says.
        """
        self.fill()

    @property
    def polarity(self) -> Ints:
        """+1 or -1 for each cell: the bit as a random sign."""
        return np.where(self.line, 1, -1)

    @property
    def theta_tilde(self) -> Ints:
        """θ̃ of each cell, in units of 2**-`sine_fraction` Δθ: ±1, 0 or the value of a sine."""
        return self.polarity

    def keep(self, runs: np.ndarray) -> None:
        """Go on with the runs of a mask only."""
        self.lfsr.state, self.line = self.lfsr.state[runs], self.line[runs]


class WalshCode(RandomCode):
    """Walsh code (CM): cell k has the parity of k AND the column; its sign alternates by period.

    Filled with random bits as `RandomCode`, so that the initial θ is the same.
    """

    def __init__(self, config: Config, seeds: Sequence[int]) -> None:
        super().__init__(config, seeds)
        assert isinstance(config.code, Walsh)
        self.code, self.numbers = config.code, numbers(config)
        self.columns = Lfsrs(self.code.lfsr, seeds)
        self.count = 0

    def perturb(self) -> None:
        """Go to the next column."""
        period, place = divmod(self.count, self.code.period)
        column = np.zeros_like(self.columns.state)
        if place:
            column = self.columns.state
            self.columns.shift()
        met = column[:, None] & self.numbers.astype(np.uint64)
        self.line = (np.bitwise_count(met) % 2 == period % 2).astype(np.int64)
        self.count += 1

    def keep(self, runs: np.ndarray) -> None:
        """Go on with the runs of a mask only."""
        super().keep(runs)
        self.columns.state = self.columns.state[runs]


class TimeMultiplex(RandomCode):
    """Time multiplexing (TM): one cell after the other, +Δθ, the others not at all.

    Filled with random bits as `RandomCode`, so that the initial θ is the same.
    """

    def __init__(self, config: Config, seeds: Sequence[int]) -> None:
        super().__init__(config, seeds)
        assert isinstance(config.code, Turns)
        self.code, self.numbers = config.code, numbers(config)
        self.turn = np.array([self.code.start(seed) for seed in seeds])
        self.stride = np.array([self.code.strides[seed % STRIDES] for seed in seeds])

    def perturb(self) -> None:
        """Go to the next turn."""
        self.line = (self.numbers == self.turn[:, None]).astype(np.int64)
        self.turn = (self.turn + self.stride) % self.code.cells

    @property
    def theta_tilde(self) -> Ints:
        """+1 for the cell whose turn it is, 0 for the others."""
        return self.line

    def keep(self, runs: np.ndarray) -> None:
        """Go on with the runs of a mask only."""
        super().keep(runs)
        self.turn, self.stride = self.turn[runs], self.stride[runs]


class SquareWaves(RandomCode):
    """Square waves (FM_SQUARE): the highest bit of a cell's phase is its sign.

    The delay line runs through the highest bits, so that the initial θ is the same as that of
    `RandomCode`; what was there moves down, which makes the phases random.
    """

    def __init__(self, config: Config, seeds: Sequence[int]) -> None:
        super().__init__(config, seeds)
        assert isinstance(config.code, Sines)
        self.code = config.code
        self.frequency = np.array([self.code.frequency(k) for k in numbers(config)])

    def fill(self) -> None:
        """Shift once: the line by a cell, every phase by a bit."""
        highest = self.code.phase_bits - 1
        self.line = self._shifted(self.line >> highest) << highest | self.line >> 1

    def perturb(self) -> None:
        """Go on by a slot."""
        self.line = (self.line + self.frequency) % self.code.period

    @property
    def polarity(self) -> Ints:
        """The sign of each cell's wave."""
        return np.where(self.line >> self.code.phase_bits - 1, 1, -1)


class SineWaves(SquareWaves):
    """Sines (FM) of amplitude √2·Δθ, from a table."""

    def __init__(self, config: Config, seeds: Sequence[int]) -> None:
        super().__init__(config, seeds)
        self.levels = np.array(sine_levels(config.sine_fraction))

    @property
    def theta_tilde(self) -> Ints:
        """Each cell's value of its sine."""
        looked_at = self.line >> self.code.phase_bits - SINE_BITS
        quarter = len(self.levels)
        rising = looked_at % (2 * quarter) < quarter
        place = looked_at % quarter
        return self.polarity * self.levels[np.where(rising, place, quarter - 1 - place)]


def numbers(config: Config) -> Ints:
    """Return the number by which the code knows each cell: its own, or that of its neuron."""
    if not config.node:
        return np.arange(config.parameters)
    weights = [weights for neurons, weights in config.layer_shapes for _ in range(neurons)]
    return np.repeat(np.arange(config.neurons), weights)


SOURCES = {
    Perturbation.RCM: RandomCode,
    Perturbation.CM: WalshCode,
    Perturbation.TM: TimeMultiplex,
    Perturbation.FM: SineWaves,
    Perturbation.FM_SQUARE: SquareWaves,
}
"""The source of each type of perturbation."""
