"""The golden trainer of an external plant."""

from __future__ import annotations

from collections.abc import Sequence

from model.external.plant import ExternalPlant
from model.loop import Loop
from model.parts import Parts
from spec.external import derive
from spec.external.config import ExternalConfig
from spec.external.registers import values
from spec.external.timing import ExternalTiming


class ExternalTrainer(Loop[ExternalConfig, ExternalPlant]):
    """Trains a plant's model, one run a seed; parameters and attributes are those of `Loop`.

    `clocks` counts none that a plant takes, nor those of converters.
    """

    def _parts(self, config: ExternalConfig, seeds: Sequence[int]) -> Parts[ExternalPlant]:
        timing, plant = ExternalTiming.of_external(config), ExternalPlant(config, seeds)
        registers = values(config)
        registers["solved_cost"] = registers["solved_below"] - 1
        return Parts(derive.optimizer(config), registers, timing, plant)
