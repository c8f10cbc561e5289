"""Small specs of the plant: what each of its components needs to know, with its latency.

`spec.derive` makes them of a config. A latency is stated here, once; the golden model's clocks and
the gateware's components both take it from here, and tests measure it in simulation.
"""

from __future__ import annotations

import enum
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from spec import activation
from spec.activation import TABLED, Activation
from spec.noise import Gaussian
from spec.numbers import Format, bits_for
from spec.tasks import Dataset, Inputs, Order

WEIGHT_LATENCY = 1
"""Clocks from the tag of an evaluation to the weights that the cells put out for it."""

DEFECT_LATENCY = 4
"""Clocks by which a neuron's defects delay its activation: -x0, ·k, ·L, + y0."""

DEFECT_FRACTION = 8
"""Fraction bits of a neuron's defects: k and L around 1, x0 and y0 around 0."""

DEFECT_INTEGER = 3
"""Integer bits at which defects saturate, the sign among them."""


class Multipliers(enum.Enum):
    """How products of two numbers are made. What a run computes depends on `latency` alone."""

    INFERRED = "inferred"  # in one clock; by the tools, of blocks if there are enough, or of logic
    REGISTERED = "registered"  # as below; of blocks if there are enough, or of logic
    BLOCKS = "blocks"  # multiplier blocks with all their registers
    LOGIC = "logic"  # LUTs, pipelined

    @property
    def latency(self) -> int:
        """Clocks from two factors to their product: of registers for operands, middle and end."""
        return 1 if self is Multipliers.INFERRED else 3


def tree_latency(count: int, levels: int = 2) -> int:
    """Clocks of a tree of `count` terms, which combines up to 2**levels a clock."""
    return -(-bits_for(count) // levels)


@dataclass(frozen=True)
class SignalSpec:
    """What a neuron puts out or takes in: a bit with a meaning, or a fixed-point number.

    Parameters
    ----------
    low, high : int
        Range, in LSBs; of a bit, what 0 and 1 mean.
    fraction_bits : int
    binary : bool
        Whether it is a bit.
    """

    low: int
    high: int
    fraction_bits: int
    binary: bool = False

    @property
    def bits(self) -> int:
        """Bits of it in a sample: one, or two's complement if it can be negative."""
        if self.binary:
            return 1
        sign = self.low < 0
        return max(self.high.bit_length(), (-self.low - 1).bit_length() if sign else 0) + sign

    @classmethod
    def of_samples(cls, inputs: Inputs, fraction_bits: int) -> SignalSpec:
        """Return what an input of a sample is."""
        if inputs.binary:
            return cls(0 if inputs is Inputs.UNIPOLAR else -1, 1, 0, True)
        return cls(-2 << fraction_bits, (2 << fraction_bits) - 1, fraction_bits)


@dataclass(frozen=True)
class ActivationSpec:
    """An activation: a = f(z), saturating.

    Parameters
    ----------
    kind : Activation
    fraction_bits : int
        Of z and a.
    amplitude : int
        Δθ = 2**amplitude, for the tables.
    deep : bool
        Whether PLAN chooses a segment in a clock of its own.
    """

    kind: Activation
    fraction_bits: int
    amplitude: int
    deep: bool = False

    @property
    def range(self) -> tuple[int, int]:
        """Lowest and highest output, in LSBs."""
        return self.kind.range(self.fraction_bits)

    @property
    def table(self) -> activation.Table:
        """Table of a tabled activation."""
        return activation.table(self.kind, self.fraction_bits, self.amplitude)

    @property
    def latency(self) -> int:
        """Clocks from z to a: a clamp is one, PLAN two or three, a table three."""
        if self.kind in TABLED:
            return 3
        return 2 + self.deep if self.kind is Activation.PLAN else 1


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
    reuse : int
        Weights that share a multiplier, at most; an evaluation then takes as many clocks.
    multipliers : Multipliers
    ahead : int
        Clocks by which an evaluation asks for the weights before x is there.
    """

    neurons: int
    fan_in: int
    input: SignalSpec
    weight: Format
    activation: ActivationSpec
    defects: Gaussian | None = None
    reuse: int = 1
    multipliers: Multipliers = Multipliers.INFERRED
    ahead: int = 0

    @property
    def shared(self) -> bool:
        """Whether weights share a multiplier."""
        return self.reuse > 1

    @property
    def sharing(self) -> tuple[range, ...]:
        """Which of a neuron's weights share a cell: as few cells as can be, as even as can be."""
        cells = -(-self.fan_in // self.reuse)
        ends = [self.fan_in * k // cells for k in range(cells + 1)]
        return tuple(range(ends[k], ends[k + 1]) for k in range(cells))

    @property
    def cells(self) -> int:
        """Cells of a neuron."""
        return len(self.sharing)

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
    def neuron_latency(self) -> int:
        """Clocks from x and weights to a: product, adder tree, turns, activation."""
        turns = self.reuse if self.shared else 0
        products = self.product_latency + tree_latency(self.cells, self.levels)
        return products + turns + self.activation_latency

    @property
    def wait(self) -> int:
        """Clocks that x waits for the weights."""
        return WEIGHT_LATENCY - self.ahead

    @property
    def latency(self) -> int:
        """Clocks from x to a; the weights come `wait` clocks later than x."""
        return self.wait + self.neuron_latency


@dataclass(frozen=True)
class NetworkSpec:
    """Layer after layer."""

    layers: tuple[LayerSpec, ...]

    @property
    def input(self) -> SignalSpec:
        """What the first layer sees."""
        return self.layers[0].input

    @property
    def inputs(self) -> int:
        """How many inputs it has."""
        return self.layers[0].fan_in - 1

    @property
    def output(self) -> SignalSpec:
        """What the last layer puts out."""
        return self.layers[-1].output

    @property
    def outputs(self) -> int:
        """How many outputs it has."""
        return self.layers[-1].neurons

    @property
    def neurons(self) -> int:
        """Neurons of all layers."""
        return sum(layer.neurons for layer in self.layers)

    @cached_property
    def parts(self) -> tuple[slice, ...]:
        """Which parameters are those of each layer, in documented order."""
        ends = list(itertools.accumulate(layer.parameters for layer in self.layers))
        return tuple(map(slice, [0, *ends], ends))

    @property
    def input_fraction(self) -> int:
        """Fraction bits that the inputs of all layers have at most."""
        return max(layer.input.fraction_bits for layer in self.layers)

    @property
    def latency(self) -> int:
        """Clocks from a sample to y."""
        return sum(layer.latency for layer in self.layers)

    @property
    def offsets(self) -> tuple[int, ...]:
        """Clocks from a sample to when its evaluation asks each layer's cells for weights."""
        starts = itertools.accumulate((layer.latency for layer in self.layers), initial=0)
        return tuple(start - layer.ahead for start, layer in zip(starts, self.layers, strict=False))

    @property
    def depth(self) -> int:
        """How many layers there are."""
        return len(self.layers)


@dataclass(frozen=True)
class CostSpec:
    """A cost of y and t, never negative.

    Parameters
    ----------
    outputs : int
    output, target : SignalSpec
        A target is one bit if all are 0 or 1, else as an output.
    fraction_bits : int
        Of a cost.
    multipliers : Multipliers
    """

    outputs: int
    output: SignalSpec
    target: SignalSpec
    fraction_bits: int
    multipliers: Multipliers = Multipliers.INFERRED

    @property
    def width(self) -> int:
        """Bits of a cost: that of the largest error."""
        dropped = 2 * self.output.fraction_bits - self.fraction_bits
        return ((self.output.high - self.output.low) ** 2 >> dropped).bit_length()

    @property
    def latency(self) -> int:
        """Clocks from y to the cost, which is not registered: error, square, sum.

        Multipliers that register their operands need no register for the error.
        """
        return max(2, self.multipliers.latency) + tree_latency(self.outputs)


WORD = 32
"""Bits of a word, in which a sample memory is written."""


@dataclass(frozen=True)
class SamplesSpec:
    """The samples, and the order in which they come.

    Parameters
    ----------
    input, target : SignalSpec
    data : Dataset
    order : Order
    writable : bool
        Whether samples can be replaced at run time.
    room : int or None
        Samples that the memory can hold, of which a register says how many are in use; None: those
        of `data`, always all of them.
    """

    input: SignalSpec
    target: SignalSpec
    data: Dataset
    order: Order
    writable: bool = False
    room: int | None = None

    @property
    def bits(self) -> int:
        """Bits of a sample: inputs, targets, class."""
        width = self.data.inputs * self.input.bits + self.data.outputs * self.target.bits
        return width + self.label_bits

    @property
    def words(self) -> int:
        """Words of 32 bits that a sample takes."""
        return -(-self.bits // WORD)

    def pack(self, x: Sequence[int], t: Sequence[int], label: int) -> int:
        """Return a sample as it is in memory: inputs from the lowest bit up, targets, class.

        Parameters
        ----------
        x, t : sequence of int
            In LSBs; of an input that is a bit, what it means.
        label : int
        """
        packed = place = 0
        for spec, values in ((self.input, x), (self.target, t)):
            for value in values:
                raw = int(value > 0) if spec.binary else int(value)
                packed |= (raw & (1 << spec.bits) - 1) << place
                place += spec.bits
        return packed | int(label) << place

    def rows(self) -> list[int]:
        """Return all samples, packed."""
        data = self.data
        return [
            self.pack(x, t, label) for x, t, label in zip(data.x, data.t, data.classes, strict=True)
        ]

    @property
    def count(self) -> int:
        """Number of samples in use."""
        return len(self.data)

    @property
    def depth(self) -> int:
        """Samples that the memory can hold."""
        return self.room or self.count

    @property
    def adjustable(self) -> bool:
        """Whether a register says how many samples are in use."""
        return self.room is not None

    @property
    def address_bits(self) -> int:
        """Bits of a sample's number."""
        return max(1, bits_for(self.depth))

    @property
    def label_bits(self) -> int:
        """Bits of a sample's class."""
        return max(1, bits_for(self.data.outputs))


@dataclass(frozen=True)
class ScoreSpec:
    """What a check counts: correct samples and the sum of their costs; `samples` at most."""

    outputs: int
    output: SignalSpec
    label_bits: int
    cost_width: int
    samples: int
    cost_latency: int

    @property
    def correct_width(self) -> int:
        """Bits that count correct samples, and one more value: more than there are."""
        return bits_for(self.samples + 2)

    @property
    def sum_width(self) -> int:
        """Bits of the sum of the costs of all samples."""
        return self.cost_width + bits_for(self.samples)
