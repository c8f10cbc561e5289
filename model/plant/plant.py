"""The plant: a network with its samples, which makes costs of weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.number.fixed import Ints
from model.plant.cost import cost_of
from model.plant.defects import Defects
from model.plant.network import Network
from model.plant.samples import SampleMemory
from model.plant.score import Score, score
from spec.plant import CostSpec, NetworkSpec, SamplesSpec


class Plant:
    """A network, its samples and its cost, for every run.

    Parameters
    ----------
    network : NetworkSpec
    cost : CostSpec
    samples : SamplesSpec
    seeds : sequence of int
        The `seed` register of each run.

    Attributes
    ----------
    network, samples, defects
        The parts; `defects` is None where there are none.
    """

    def __init__(
        self, network: NetworkSpec, cost: CostSpec, samples: SamplesSpec, seeds: Sequence[int]
    ) -> None:
        self.cost = cost
        self.samples = SampleMemory(samples, seeds)
        self.defects = Defects(network, seeds) if network.layers[0].defects else None
        self.network = Network(network, self.defects)
        self._found: list[Ints] = []

    def evaluate(self, weights: Ints) -> Ints:
        """Return the cost of the current sample of each run, of its weights of shape (runs, P)."""
        index = self.samples.index
        self._found = self.network.activations(weights, self.samples.x[index][:, None])
        return cost_of(self.cost, self._found[-1][:, 0], self.samples.t[index])

    def cell_inputs(self) -> Ints:
        """Return what each cell has multiplied in the last evaluation, of shape (runs, P)."""
        return self.network.cell_inputs(self._found)

    def check(self, weights: Ints) -> Score:
        """Evaluate every sample."""
        samples = self.samples
        x = np.broadcast_to(samples.x, (len(weights), *samples.x.shape))
        return score(self.cost, self.network.evaluate(weights, x), samples.t, samples.classes)

    def keep(self, runs: np.ndarray) -> None:
        """Go on with the runs of a mask only."""
        self.samples.keep(runs)
        if self.defects:
            self.defects.keep(runs)
