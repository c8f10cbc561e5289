"""Coding: numbers of inputs and outputs become integers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from spec.activation import Activation
from spec.data.scaling import Linear, between
from spec.tasks import Inputs, code_input, code_target

Place = Callable[[int], str]
"""Names a sample, for errors."""

Rows = tuple[tuple[int, ...], ...]
"""Integers of samples."""


@dataclass(frozen=True)
class Coding:
    """The formats of a network's inputs and outputs.

    Attributes
    ----------
    inputs : Inputs
    output : Activation
        Of the last layer.
    fraction_bits : int
        Of fixed inputs and of outputs.
    """

    inputs: Inputs
    output: Activation
    fraction_bits: int

    @property
    def outputs(self) -> tuple[int, int]:
        """Lowest and highest output, in LSBs."""
        return self.output.range(self.fraction_bits)

    @property
    def input_limits(self) -> tuple[float, float]:
        """Lowest and highest value of a fixed input."""
        return -2.0, 2 - 2.0**-self.fraction_bits

    @property
    def output_limits(self) -> tuple[float, float]:
        """Lowest and highest value of an output."""
        low, high = self.outputs
        return float(np.ldexp(low, -self.fraction_bits)), float(np.ldexp(high, -self.fraction_bits))

    def target_scaling(self, numbers: np.ndarray) -> Linear:
        """Scale numbers to the middle eight tenths of what an output gives, or of ±1.

        The rest is for what was never trained: an output saturates at its ends.
        """
        low, high = np.clip(self.output_limits, -1.0, 1.0)
        margin = (high - low) / 10
        return between(numbers, float(low + margin), float(high - margin))

    def code_inputs(self, x: np.ndarray, place: Place, *, clip: bool) -> tuple[Rows, int]:
        """Round inputs to the nearest LSB; return them, and how many were out of range.

        Parameters
        ----------
        x : array of float, shape (samples, inputs)
        place : callable
        clip : bool
            Whether what is out of range becomes the nearest value within, or is refused.
        """
        if self.inputs.binary:
            allowed = np.isin(x, (-1, 1) if self.inputs is Inputs.BIPOLAR else (0, 1))
            self._refuse(x, ~allowed, place, code_input, self.inputs)
            return _rows(x), 0
        outside = (x < self.input_limits[0]) | (x > self.input_limits[1])
        if not clip:
            self._refuse(x, outside, place, code_input, self.inputs)
        return self._rounded(np.clip(x, *self.input_limits)), int(outside.sum())

    def code_targets(self, t: np.ndarray, place: Place, *, clip: bool) -> tuple[Rows, int]:
        """Round targets to the nearest LSB, as `code_inputs` does with inputs."""
        low, high = self.output_limits
        outside = (t < low) | (t > high)
        if not clip:
            self._refuse(t, outside, place, code_target, self.outputs)
        return self._rounded(np.clip(t, low, high)), int(outside.sum())

    def _rounded(self, values: np.ndarray) -> Rows:
        return _rows(np.rint(np.ldexp(values, self.fraction_bits)))

    def _refuse(
        self, values: np.ndarray, wrong: np.ndarray, place: Place, code: Callable, limits: object
    ) -> None:
        """Let the first value that is wrong be refused, with its place."""
        for k, column in np.argwhere(wrong)[:1]:
            code(float(values[k, column]), limits, self.fraction_bits, place(int(k)))


def _rows(values: np.ndarray) -> Rows:
    return tuple(map(tuple, values.astype(np.int64).tolist()))
