"""Dense layers."""

from __future__ import annotations

from dataclasses import dataclass, field

from spec.noise import Gaussian
from spec.numbers import Format
from spec.plant.activation import ActivationSpec
from spec.plant.arithmetic import Multipliers, Pipeline, tree_latency
from spec.plant.signal import SignalSpec

WEIGHT_LATENCY = 1
"""Clocks from the tag of an evaluation to the weights that the cells put out for it."""

DEFECT_LATENCY = 4
"""Clocks by which a neuron's defects delay its activation: -x0, ·k, ·L, + y0."""

DEFECT_FRACTION = 8
"""Fraction bits of a neuron's defects: k and L around 1, x0 and y0 around 0."""

DEFECT_INTEGER = 3
"""Integer bits at which defects saturate, the sign among them."""


@dataclass(frozen=True)
class LayerSpec:
    """A dense layer: neurons that all see the same inputs.

    Parameters
    ----------
    neurons : int
    fan_in : int
        Weights of a neuron, its bias among them.
    input : SignalSpec
    weight : Format
        Of θ ± Δθ as the multiplier sees it.
    activation : ActivationSpec
    defects : Gaussian or None
        Deviation of each neuron's scales and offsets, in LSBs of 2**-DEFECT_FRACTION.
    multipliers : Multipliers
    ahead : int
        Clocks by which an evaluation asks for the weights before x is there.
    pipeline : Pipeline
    """

    neurons: int
    fan_in: int
    input: SignalSpec
    weight: Format
    activation: ActivationSpec
    defects: Gaussian | None = None
    multipliers: Multipliers = Multipliers.INFERRED
    ahead: int = 0
    pipeline: Pipeline = field(default=Pipeline.DEEP, repr=False)

    @property
    def output(self) -> SignalSpec:
        """What a neuron puts out; thrice as wide with defects."""
        low, high = self.activation.range
        wider = high - low if self.defects else 0
        return SignalSpec(low - wider, high + wider, self.activation.fraction_bits)

    @property
    def parameters(self) -> int:
        """Weights of all neurons."""
        return self.neurons * self.fan_in

    @property
    def inputs(self) -> int:
        """How many numbers it takes."""
        return self.fan_in - 1

    @property
    def products(self) -> int:
        """How many an evaluation takes, biases among them."""
        return self.parameters

    @property
    def signals(self) -> int:
        """How many numbers it puts out."""
        return self.neurons

    @property
    def activation_latency(self) -> int:
        """Clocks from z to a."""
        return self.activation.latency + (DEFECT_LATENCY if self.defects else 0)

    @property
    def product_latency(self) -> int:
        """Clocks from x and weights to their products; a bit needs no multiplier."""
        return 1 if self.input.binary else self.multipliers.latency

    @property
    def levels(self) -> int:
        """Levels of the adder tree a clock: one where products come from registered blocks."""
        return 2 if self.product_latency == 1 else 1

    @property
    def at_once(self) -> bool:
        """Whether the last three terms of a sum are added in one clock."""
        return self.pipeline is Pipeline.SHORT

    @property
    def neuron_latency(self) -> int:
        """Clocks from x and weights to a: product, adder tree, activation."""
        summed = tree_latency(self.fan_in, self.levels, at_once=self.at_once)
        return self.product_latency + summed + self.activation_latency

    @property
    def wait(self) -> int:
        """Clocks that x waits for the weights."""
        return WEIGHT_LATENCY - self.ahead

    @property
    def latency(self) -> int:
        """Clocks from x to a; the weights come `wait` clocks later than x."""
        return self.wait + self.neuron_latency
