"""Fresh random code: in every perturbation, a bit for each cell that was never another's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.number.fixed import Ints
from model.number.lfsr import WideLfsrs
from model.optimizer.perturbation.base import Perturbation
from spec.lfsr import FRESH
from spec.optimizer import BankSpec


class FreshCode(Perturbation):
    """Each cell that perturbs itself takes a bit of its own; the line only makes the initial θ.

    A cell that does not, of a layer by node, keeps what it has of the line.
    """

    def __init__(self, spec: BankSpec, seeds: Sequence[int]) -> None:
        super().__init__(spec, seeds)
        self.fresh = WideLfsrs(FRESH, seeds)
        self._cells, self._places, self.count = draws(spec)

    def perturb(self) -> None:
        """Draw."""
        self.line = self.line.copy()
        self.line[:, self._cells] = self.fresh.draw(self.count)[:, self._places]

    def keep(self, runs: np.ndarray) -> None:
        """Go on with the runs of a mask only."""
        super().keep(runs)
        self.fresh.state = self.fresh.state[runs]


def draws(spec: BankSpec) -> tuple[Ints, Ints, int]:
    """Return in which order cells draw: layer by layer, and in one as lanes come by.

    Of a layer by node, a bit for each neuron. Else groups of as many neurons as there are lanes;
    in each, for one weight after the other (the bias last), a bit for every lane. Where the last
    group has fewer neurons, the bits of the other lanes are dropped.

    Returns
    -------
    cells : array of int
        That draw.
    places : array of int
        Of each of their bits among all that are drawn.
    count : int
        Bits drawn for a perturbation.
    """
    cells, places, count = [], [], 0
    for group in spec.groups:
        first, neurons = group.blocks[0].first, len(group.blocks)
        weights = group.blocks[0].parameters
        if group.node:
            cells.append(first + weights * np.arange(1, neurons + 1) - 1)
            places.append(count + np.arange(neurons))
            count += neurons
        else:
            neuron, weight = np.divmod(np.arange(neurons * weights), weights)
            turn, lane = np.divmod(neuron, spec.lanes)
            cells.append(first + np.arange(neurons * weights))
            places.append(count + (turn * weights + weight) * spec.lanes + lane)
            count += -(-neurons // spec.lanes) * weights * spec.lanes
    return np.concatenate(cells), np.concatenate(places), count


MAKES = {"fresh": FreshCode}
