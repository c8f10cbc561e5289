"""The golden trainer: the loop with a network of ours as its plant."""

from __future__ import annotations

from collections.abc import Sequence

from model.loop import Loop
from model.parts import Parts
from model.plant.plant import Plant
from model.run import Run, theta_digest
from spec import derive
from spec.config import Config
from spec.registers import register_values
from spec.timing import Timing

__all__ = ["Run", "Trainer", "theta_digest"]


class Trainer(Loop[Config, Plant]):
    """Trains a network, one run a seed; parameters and attributes are those of `Loop`."""

    def _parts(self, config: Config, seeds: Sequence[int]) -> Parts[Plant]:
        network, cost, samples = (
            derive.network(config), derive.cost(config), derive.samples(config)
        )  # fmt: skip
        plant = Plant(network, cost, samples, seeds)
        timing = Timing.of(config)
        return Parts(derive.optimizer(config), register_values(config), timing, plant)
