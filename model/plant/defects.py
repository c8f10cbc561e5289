"""Imperfect neurons: each has scales and offsets of its own, on both sides of its activation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from model.number.fixed import Ints, fit, shift_right
from model.number.noise import NoiseLine, NoiseSource
from spec.config import Config
from spec.noise import DEFECTS, DEFECTS_A_NEURON
from spec.numbers import Format, Rounding
from spec.plant import DEFECT_FRACTION, DEFECT_INTEGER

ONE = 1 << DEFECT_FRACTION


class Defects:
    """a = L·f(k·(z - x0)) + y0, with k, L near 1 and x0, y0 near 0, fixed by the seed.

    Parameters
    ----------
    config : Config
        With `hardware.defects`.
    seeds : sequence of int
        The `seed` register of each run.

    Attributes
    ----------
    line : NoiseLine
        Through all neurons, four places each; filled while the initial θ is made.
    """

    def __init__(self, config: Config, seeds: Sequence[int]) -> None:
        assert config.defects
        self.config = config
        self.line = NoiseLine(
            NoiseSource(config.defects, DEFECTS, seeds), DEFECTS_A_NEURON * config.neurons
        )

    def activate(self, layer: int, z: Ints, function: Callable[[Ints], Ints]) -> Ints:
        """Apply the activation of a layer, with the defects of its neurons.

        Parameters
        ----------
        layer : int
        z, result : array of int, shape (runs, samples, neurons)
            In LSBs of 2**-activation_bits.
        function : callable
            The flawless activation.
        """
        fraction = self.config.formats.activation_bits
        first, count = self.config.neuron_number(layer, 0), z.shape[-1]
        places = self.line.line.reshape(len(z), -1, DEFECTS_A_NEURON)[:, None, first:][:, :, :count]
        k, x0, L, y0 = np.moveaxis(places, -1, 0)
        number = Format(DEFECT_INTEGER, DEFECT_FRACTION)
        k, L = fit(k + ONE, number), fit(L + ONE, number)
        x0, y0 = fit(x0, number), fit(y0, number)
        scaled = k * ((z << DEFECT_FRACTION) - (x0 << fraction))
        a = function(shift_right(scaled, 2 * DEFECT_FRACTION, Rounding.TRUNCATE))
        bent = (L * a << DEFECT_FRACTION) + (y0 << fraction + DEFECT_FRACTION)
        low, high = self.config.range_of(layer)
        return np.clip(shift_right(bent, 2 * DEFECT_FRACTION, Rounding.TRUNCATE), low, high)

    def keep(self, runs: np.ndarray) -> None:
        """Go on with the runs of a mask only."""
        self.line.keep(runs)
