"""An external plant in integers: weights become numbers, costs conversions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from model.number.fixed import Ints, shift_right
from model.plant.cost import cost_of
from model.plant.samples import SampleMemory
from model.plant.score import Score
from spec.external import derive
from spec.external.config import ExternalConfig
from spec.external.model import said
from spec.numbers import Rounding


class Converted:
    """A plant's model behind converters.

    Parameters
    ----------
    config : ExternalConfig
    """

    def __init__(self, config: ExternalConfig) -> None:
        self.spec, self.model = derive.exchange(config), config.model()
        formats, spec = config.formats, self.spec
        self._lsb = math.ldexp(1.0, -spec.weight.fraction_bits)
        fraction = formats.activation_bits if spec.outputs else formats.cost_bits
        self._scale = math.ldexp(1.0, fraction - spec.average)
        self._largest = (1 << spec.cost_width) - 1

    def convert(self, words: Ints, sample: int, output: int = 0) -> int:
        """Return a conversion: rounded to the nearest, and limited by its width.

        Parameters
        ----------
        words : array of int
            Weights, and the inputs of the sample if they are ours.
        sample : int
            Its number, of which a plant with samples of its own is told.
        output : int
            Of which output, if the plant puts out outputs; else of the cost.

        Raises
        ------
        RuntimeError
            If the model fails, or returns no number.
        """
        try:
            theta, x = np.split(words * self._lsb, [self.spec.parameters])
            found: Any = self.model(theta, x if self.spec.inputs else sample)
            cost = float(found[output] if self.spec.outputs else found)
        except (Exception, SystemExit) as error:  # it is the user's, and may raise anything
            raise RuntimeError(f"the plant's model, for sample {sample}: {said(error)}") from None
        if math.isnan(cost):
            raise RuntimeError(f"the plant's model returned {cost} for sample {sample}")
        scaled = cost * self._scale
        if not 0 <= scaled <= self._largest:
            return self._largest if scaled > 0 else 0
        return round(scaled)

    def means(self, words: Ints, sample: int) -> list[int]:
        """Return the sum of all conversions of the cost, or of each output."""
        return [
            sum(self.convert(words, sample, output) for _ in range(self.spec.conversions))
            for output in range(self.spec.signals)
        ]


def inputs(config: ExternalConfig) -> Ints:
    """Return x of all samples as it goes to the plant, cut off behind the LSB of weights."""
    if config.data is None:
        return np.zeros((config.samples, 0), dtype=np.int64)
    spec, weight = derive.samples(config).input, derive.exchange(config).weight
    x = np.array(config.data.x, dtype=np.int64)
    return shift_right(x, spec.fraction_bits - weight.fraction_bits, Rounding.TRUNCATE)


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
        self._config, self._runs = config, len(seeds)
        self.count, self.error = config.samples, derive.cost(config)
        self.samples = SampleMemory(derive.samples(config), seeds)
        self.x = inputs(config)

    @cached_property
    def plants(self) -> list[Converted]:
        """Make the plants; until one is evaluated, a config needs no model."""
        return [Converted(self._config) for _ in range(self._runs)]

    def evaluate(self, weights: Ints) -> Ints:
        """Return the cost of the current sample of each run, of its weights of shape (runs, P)."""
        found = zip(self.plants, weights, self.samples.index.tolist(), strict=True)
        return np.array([self._cost(*given) for given in found], dtype=np.int64)

    def _cost(self, plant: Converted, weights: Ints, sample: int) -> int:
        """Return the cost of a sample: what the plant says, or the error of its outputs."""
        means = plant.means(np.concatenate([weights, self.x[sample]]), sample)
        if self.error is None:
            return means[0]
        return int(cost_of(self.error, np.array(means), self.samples.t[sample]))

    def cell_inputs(self) -> Ints:
        """Refuse: nobody knows what a cell multiplies."""
        raise NotImplementedError("an external plant has no inputs of cells")

    def check(self, weights: Ints) -> Score:
        """Evaluate every sample."""
        costs = [
            [self._cost(plant, of_run, k) for k in range(self.count)]
            for plant, of_run in zip(self.plants, weights, strict=True)
        ]
        found = np.array(costs, dtype=np.int64)
        return Score(found, np.zeros(found.shape, dtype=bool))

    def keep(self, runs: np.ndarray) -> None:
        """Go on with the runs of a mask only."""
        self.samples.keep(runs)
        self.plants = [plant for plant, kept in zip(self.plants, runs, strict=True) if kept]
