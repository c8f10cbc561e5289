"""Imperfect neurons: each has scales and offsets of its own, on both sides of its activation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from model.number.fixed import Ints, fit, shift_right
from model.number.noise import NoiseLine, NoiseSource
from spec.noise import DEFECTS, DEFECTS_A_NEURON
from spec.numbers import Format, Rounding
from spec.plant import DEFECT_FRACTION, DEFECT_INTEGER, NetworkSpec

ONE = 1 << DEFECT_FRACTION

CENTRES = np.array([ONE, 0, ONE, 0])
"""Of k, x0, L and y0."""


class Defects:
    """a = L·f(k·(z - x0)) + y0, with k, L near 1 and x0, y0 near 0, fixed by the seed.

    Parameters
    ----------
    spec : NetworkSpec
        Of layers with defects.
    seeds : sequence of int
        The `seed` register of each run.

    Attributes
    ----------
    line : NoiseLine
        Through all neurons, four places each; filled while the initial θ is made.
    """

    def __init__(self, spec: NetworkSpec, seeds: Sequence[int]) -> None:
        self.layers = spec.layers
        deviation = self.layers[0].defects
        assert deviation
        source = NoiseSource(deviation, DEFECTS, seeds)
        self.line = NoiseLine(source, DEFECTS_A_NEURON * spec.neurons)

    @property
    def numbers(self) -> Ints:
        """k, x0, L and y0 of every neuron, of shape (runs, neurons, 4), in LSBs."""
        line = self.line.line
        places = line.reshape(len(line), -1, DEFECTS_A_NEURON)
        return fit(places + CENTRES, Format(DEFECT_INTEGER, DEFECT_FRACTION))

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
        spec = self.layers[layer]
        fraction = spec.activation.fraction_bits
        first = sum(before.neurons for before in self.layers[:layer])
        # Of one run, z may be of many: `model.eta` evaluates so.
        k, x0, L, y0 = np.moveaxis(self.numbers[:, None, first : first + spec.neurons], -1, 0)
        scaled = k * ((z << DEFECT_FRACTION) - (x0 << fraction))
        a = function(shift_right(scaled, 2 * DEFECT_FRACTION, Rounding.TRUNCATE))
        bent = (L * a << DEFECT_FRACTION) + (y0 << fraction + DEFECT_FRACTION)
        whole = shift_right(bent, 2 * DEFECT_FRACTION, Rounding.TRUNCATE)
        return np.clip(whole, spec.output.low, spec.output.high)

    def keep(self, runs: np.ndarray) -> None:
        """Go on with the runs of a mask only."""
        self.line.keep(runs)
