"""An external plant in integers: weights become numbers, costs conversions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from model.number.fixed import Ints
from model.plant.samples import SampleMemory
from model.plant.score import Score
from spec.external import derive
from spec.external.config import ExternalConfig
from spec.external.exchange import ExchangeSpec
from spec.external.model import PlantModel, said


class Converted:
    """A plant's model behind converters.

    Parameters
    ----------
    spec : ExchangeSpec
    cost_bits : int
        Fraction bits of a cost.
    model : PlantModel
    """

    def __init__(self, spec: ExchangeSpec, cost_bits: int, model: PlantModel) -> None:
        self.spec, self.model = spec, model
        self._lsb = math.ldexp(1.0, -spec.weight.fraction_bits)
        self._scale = math.ldexp(1.0, cost_bits - spec.average)
        self._largest = (1 << spec.cost_width) - 1

    def convert(self, weights: Ints, sample: int) -> int:
        """Return a conversion of the cost: rounded to the nearest, and limited by its width.

        Raises
        ------
        RuntimeError
            If the model fails, or returns no number.
        """
        try:
            cost = float(self.model(weights * self._lsb, sample))
        except (Exception, SystemExit) as error:  # it is the user's, and may raise anything
            raise RuntimeError(f"the plant's model, for sample {sample}: {said(error)}") from None
        if math.isnan(cost):
            raise RuntimeError(f"the plant's model returned {cost} for sample {sample}")
        scaled = cost * self._scale
        if not 0 <= scaled <= self._largest:
            return self._largest if scaled > 0 else 0
        return round(scaled)

    def cost(self, weights: Ints, sample: int) -> int:
        """Return the sum of all conversions of an evaluation."""
        return sum(self.convert(weights, sample) for _ in range(self.spec.conversions))


class ExternalPlant:
    """A plant of its own for every run.

    Parameters
    ----------
    config : ExternalConfig
    seeds : sequence of int
        The `seed` register of each run.

    Attributes
    ----------
    samples : SampleMemory
        Which of them each run trains on now.
    plants : list of Converted
    """

    defects = None

    def __init__(self, config: ExternalConfig, seeds: Sequence[int]) -> None:
        self._config, self._runs, self.count = config, len(seeds), config.samples
        self.samples = SampleMemory(derive.samples(config), seeds)

    @cached_property
    def plants(self) -> list[Converted]:
        """Make the plants; until one is evaluated, a config needs no model."""
        config, spec = self._config, derive.exchange(self._config)
        return [
            Converted(spec, config.formats.cost_bits, config.model()) for _ in range(self._runs)
        ]

    def evaluate(self, weights: Ints) -> Ints:
        """Return the cost of the current sample of each run, of its weights of shape (runs, P)."""
        found = zip(self.plants, weights, self.samples.index.tolist(), strict=True)
        return np.array([plant.cost(*given) for plant, *given in found], dtype=np.int64)

    def cell_inputs(self) -> Ints:
        """Refuse: nobody knows what a cell multiplies."""
        raise NotImplementedError("an external plant has no inputs of cells")

    def check(self, weights: Ints) -> Score:
        """Evaluate every sample."""
        costs = [
            [plant.cost(of_run, k) for k in range(self.count)]
            for plant, of_run in zip(self.plants, weights, strict=True)
        ]
        found = np.array(costs, dtype=np.int64)
        return Score(found, np.zeros(found.shape, dtype=bool))

    def keep(self, runs: np.ndarray) -> None:
        """Go on with the runs of a mask only."""
        self.samples.keep(runs)
        self.plants = [plant for plant, kept in zip(self.plants, runs, strict=True) if kept]
