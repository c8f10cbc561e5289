"""What all perturbations have in common: the delay line of random bits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.number.fixed import Ints
from model.number.lfsr import Lfsrs
from spec.lfsr import PERTURBATION
from spec.optimizer import BankSpec


class Perturbation:
    """What all perturbations have in common: a delay line of random bits, of which θ starts.

    Parameters
    ----------
    spec : BankSpec
        P, the length of the delay line; the code.
    seeds : sequence of int
        The `seed` register of each run.

    Attributes
    ----------
    line : array of int, shape (runs, P)
        What the cells hold: 1 is a perturbation of +Δθ, 0 of -Δθ, or a phase.
    """

    def __init__(self, spec: BankSpec, seeds: Sequence[int]) -> None:
        self.lfsr = Lfsrs(PERTURBATION, seeds)
        self.line: Ints = np.zeros((len(seeds), spec.parameters), dtype=np.int64)

    def fill(self) -> None:
        """Shift once: every cell takes its neighbour's bit, the first one a new one."""
        self.line = self._shifted(self.line)

    def _shifted(self, bits: Ints) -> Ints:
        new = self.lfsr.bit()[:, None].astype(np.int64)
        self.lfsr.shift()
        return np.concatenate((new, bits[:, :-1]), axis=1)

    def perturb(self) -> None:
        """Take the next perturbation."""
        raise NotImplementedError

    @property
    def polarity(self) -> Ints:
        """+1 or -1 for each cell: the bit as a random sign."""
        return 2 * self.line - 1

    @property
    def theta_tilde(self) -> Ints:
        """θ̃ of each cell, in units of 2**-`fraction_bits` Δθ: ±1, 0 or the value of a sine."""
        return self.polarity

    def places(self, run: int = 0) -> list[int]:
        """Return what entered the line last, so that the cells hold what they do.

        What the first cell took is the first; what has gone through all cells comes last.
        """
        return [int(bit) for bit in self.line[run]]

    def keep(self, runs: np.ndarray) -> None:
        """Go on with the runs of a mask only."""
        self.lfsr.state, self.line = self.lfsr.state[runs], self.line[runs]


def numbers(spec: BankSpec) -> Ints:
    """Return the number by which the code knows each cell: its own, or that of its neuron."""
    if not spec.node:
        return np.arange(spec.parameters)
    return np.repeat(*np.transpose([(block.node, block.parameters) for block in spec.blocks]))
