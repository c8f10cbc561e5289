"""Specs of the folded engine: where each parameter is in memory, and when what visits it.

A *lane* holds the parameters of every `lanes`-th neuron, a word each: θ, and the bit of its
perturbation where it has one of its own. A *pass* visits them all, and so makes both evaluations of
a sample: layer by layer; of a layer, a *group* of as many neurons as there are lanes at once; of
these, one input after the other, the bias last. `spec.derive` makes specs of a config.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise

from spec.network import POOL, WINDOW
from spec.numbers import Format, bits_for
from spec.plant import ActivationSpec, Multipliers, SignalSpec

START_LATENCY = 1
"""Clocks from a strobe to what it starts: it comes from afar."""

ADDRESS_LATENCY = 1
"""Clocks from a visit to its address at a memory: a register drives all of them."""

MEMORY_LATENCY = 2
"""Clocks from an address to what is there: block RAM, and a register behind it."""

SAMPLE_LATENCY = MEMORY_LATENCY + 1
"""Clocks from asking for an input of the sample to it: it is one of several in a word."""

UPDATE_LATENCY = 2
"""Clocks from a word to its θ after an update: the amount with its sign, then the sum."""

PORT_LATENCY = 1
"""Clocks that a word waits to be written, where its memory has one port: words are read in every
other clock, and this one comes in between."""

SUM_LATENCY = 1
"""Clocks from a product to the sum that has it."""

DRAIN_LATENCY = 3
"""Clocks from a sum that is complete to z: moved to a register; what perturbs it, chosen; added."""

POOL_LATENCY = 1
"""Clocks from an activation to what is put out, the largest of those that pooling makes one of."""

SHORTEST_GROUP = SAMPLE_LATENCY + 1
"""Clocks that a place takes at least, unless it is its layer's last: an input that the first group
has put into memory can be read by then."""

WRITING = MEMORY_LATENCY + UPDATE_LATENCY + PORT_LATENCY - 1
"""Clocks that memory of one port takes, after the last visit that writes, to write its words."""


@dataclass(frozen=True)
class ImageSpec:
    """What a convolution sees.

    Parameters
    ----------
    rows, columns, channels : int
    pooled : bool
        Whether pooling stands behind the convolution; only places that it takes in are visited.
    """

    rows: int
    columns: int
    channels: int
    pooled: bool

    @property
    def places_of_row(self) -> int:
        """Outputs in a row, after pooling."""
        places = self.columns - WINDOW + 1
        return places // POOL if self.pooled else places

    @property
    def places_of_column(self) -> int:
        """Outputs in a column, after pooling."""
        places = self.rows - WINDOW + 1
        return places // POOL if self.pooled else places

    @property
    def outputs(self) -> int:
        """Places of what it puts out, after pooling."""
        return self.places_of_row * self.places_of_column

    @property
    def corners(self) -> tuple[int, ...]:
        """Inputs from the first place that pooling makes one of to each of them."""
        line = self.columns * self.channels
        every = range(POOL if self.pooled else 1)
        return tuple(row * line + column * self.channels for row in every for column in every)

    @property
    def places(self) -> int:
        """Places at which the window is put."""
        return self.outputs * (POOL * POOL if self.pooled else 1)


@dataclass(frozen=True)
class FoldedLayerSpec:
    """A layer, in memory: dense, or a convolution with the pooling behind it.

    Parameters
    ----------
    neurons, fan_in : int
        As those of `LayerSpec`.
    lanes : int
        Lanes for its neurons, each of which is in as many lanes as there are `copies`.
    word : int
        Address of its first word, in every lane.
    input : int
        Address of its first input, among all inputs.
    neuron : int
        Number of its first neuron, among all neurons.
    rails : int
        Clocks of a visit: 1, or one for each evaluation.
    shared : bool
        Whether both evaluations have the same inputs, and so the same products.
    activation : ActivationSpec
    output : SignalSpec
    init_bits, doublings : int
        As those of `spec.optimizer.Group`.
    image : ImageSpec, optional
        What a convolution sees.
    copies : int
        How many lanes have the same parameters, each for another place of those that pooling makes
        one of; the first ones have the first place.
    node : bool
        Whether its neurons perturb their sums, and u is multiplied by its inputs.
    word_ports : int
        Ports of the memory of words: with one, a word is read in the first clock of a visit, and
        another written in the second.
    sums_stay : bool
        Whether sums stay where they are added up until all of them have left, a lane a clock.
    """

    neurons: int
    fan_in: int
    lanes: int
    word: int
    input: int
    neuron: int
    rails: int
    shared: bool
    activation: ActivationSpec
    output: SignalSpec
    init_bits: int
    doublings: int = 0
    image: ImageSpec | None = None
    copies: int = 1
    node: bool = False
    word_ports: int = 2
    sums_stay: bool = False

    @property
    def places(self) -> int:
        """How often its parameters are gone through: at each place of an image, or so many."""
        return self.image.places // self.copies if self.image else 1

    @property
    def offsets(self) -> tuple[int, ...]:
        """How far the inputs of each copy are from those of the first one."""
        return self.image.corners[: self.copies] if self.image else (0,)

    @property
    def inputs(self) -> int:
        """How many it takes."""
        image = self.image
        return image.rows * image.columns * image.channels if image else self.fan_in - 1

    @property
    def outputs(self) -> int:
        """How many it puts out."""
        return self.neurons * (self.image.outputs if self.image else 1)

    @property
    def groups(self) -> int:
        """How often its inputs are gone through."""
        return -(-self.neurons // self.lanes)

    @property
    def last_group(self) -> int:
        """Neurons of the last group."""
        return self.neurons - (self.groups - 1) * self.lanes

    @property
    def words(self) -> int:
        """Words of a lane."""
        return self.groups * self.fan_in

    @property
    def gap(self) -> int:
        """Clocks that a place waits for the one before it to leave the lanes."""
        return self._gap_after(self.fan_in * self.rails)

    @property
    def first_rails(self) -> int:
        """Clocks of a visit at the first place, where words are written."""
        return self.rails if self.word_ports > 1 else 2

    @property
    def first_gap(self) -> int:
        """Clocks that a place waits for the first one: also for its words, with one port."""
        leaves = self._gap_after(self.fan_in * self.first_rails)
        return leaves if self.word_ports > 1 else max(leaves, WRITING)

    def _gap_after(self, visits: int) -> int:
        """Clocks until all lanes have been left, and inputs put into memory can be read."""
        leaving = min(self.lanes, self.neurons)
        gap = max(0, max(leaving, SHORTEST_GROUP) - visits)
        return max(gap, leaving) if self.sums_stay else gap

    @property
    def group_clocks(self) -> int:
        """Clocks from a group's first visit to that of the next group."""
        first = self.fan_in * self.first_rails + self.first_gap
        return first + (self.places - 1) * (self.fan_in * self.rails + self.gap)

    @property
    def trailing(self) -> int:
        """Clocks of its last visit that follow the one of its product, for a word to be written."""
        return self.first_rails - self.rails if self.places == 1 else 0

    @property
    def visits(self) -> int:
        """Clocks from its first visit to its last, both included, but for those that trail."""
        after = self.gap if self.places > 1 else self.first_gap + self.trailing
        return self.groups * self.group_clocks - after


@dataclass(frozen=True)
class FoldedSpec:
    """All layers, and what lanes are.

    Parameters
    ----------
    layers : tuple of FoldedLayerSpec
    lanes : int
    lane_multipliers : int
    multipliers : Multipliers
    theta, weight, bus : Format
        As those of `CellSpec`.
    x : SignalSpec
        What holds every input of every layer, and the 1 of a bias.
    sample : SignalSpec
        What an input of a sample is.
    amplitude : int
        Δθ = 2**amplitude.
    fresh : bool
        Whether every bit is drawn anew; else it is that of the parameter before, in the line.
    init_bits : int
        Random bits of an initial θ.
    """

    layers: tuple[FoldedLayerSpec, ...]
    lanes: int
    lane_multipliers: int
    multipliers: Multipliers
    theta: Format
    weight: Format
    bus: Format
    x: SignalSpec
    sample: SignalSpec
    amplitude: int
    fresh: bool
    init_bits: int

    @property
    def node(self) -> bool:
        """Whether the neurons of a layer perturb their sums."""
        return any(layer.node for layer in self.layers)

    @property
    def by_weight(self) -> bool:
        """Whether the weights of a layer perturb themselves."""
        return not all(layer.node for layer in self.layers)

    def has_bits(self, layer: FoldedLayerSpec) -> bool:
        """Whether a layer's words have bits, or its neurons have all that there are."""
        return not (layer.node and self.fresh)

    @property
    def stored_bits(self) -> bool:
        """Whether words have bits at all."""
        return any(self.has_bits(layer) for layer in self.layers)

    @property
    def leaps(self) -> tuple[int, ...]:
        """How many bits are drawn in a clock, most of them first; none where the line has all.

        Where only neurons have bits, one a clock, before a pass. Else one for each lane, as it
        comes by; or, of the last group of a layer by node, for each neuron.
        """
        if not self.fresh:
            return ()
        fewer = {layer.last_group for layer in self.layers if layer.node} - {self.lanes}
        return (self.lanes, *sorted(fewer)) if self.stored_bits else (1,)

    @property
    def word_ports(self) -> int:
        """Ports of the memory of words."""
        return self.layers[0].word_ports

    @property
    def sums_stay(self) -> bool:
        """Whether sums stay where they are added up: in multiplier blocks, if there are any."""
        return self.layers[0].sums_stay

    @property
    def banks(self) -> int:
        """Banks of lanes, each with inputs of its own: for the places of the copies."""
        return max(layer.copies for layer in self.layers)

    @property
    def inputs(self) -> int:
        """Inputs of the network."""
        return self.layers[0].inputs

    @property
    def loads(self) -> int:
        """Clocks in which a sample comes into memory before its pass: a convolution's."""
        return self.inputs if self.layers[0].image else 0

    @property
    def outputs(self) -> int:
        """Outputs of the network."""
        return self.layers[-1].neurons

    @property
    def neurons(self) -> int:
        """Neurons of all layers."""
        return sum(layer.neurons for layer in self.layers)

    @property
    def groups(self) -> int:
        """Groups of all layers."""
        return sum(layer.groups for layer in self.layers)

    @property
    def last_groups(self) -> tuple[int, ...]:
        """The last one of each layer, counted through all of them."""
        return tuple(number - 1 for number in accumulate(layer.groups for layer in self.layers))

    @property
    def words(self) -> int:
        """Words of a lane's memory."""
        return sum(layer.words for layer in self.layers)

    @property
    def address_bits(self) -> int:
        """Bits of a word's address."""
        return max(1, bits_for(self.words))

    @property
    def stores_samples(self) -> bool:
        """Whether inputs of a sample are needed again: by another group, or by the next step."""
        return stores_samples(self.layers[0])

    @property
    def stored_inputs(self) -> int:
        """Inputs in memory."""
        return sum(layer.inputs for layer in self.layers[not self.stores_samples :])

    @property
    def kept(self) -> range:
        """Which of them the next step needs: from the first to the last layer by node."""
        layers = [layer for layer in self.layers if layer.node]
        return range(layers[0].input, layers[-1].input + layers[-1].inputs) if layers else range(0)

    @property
    def parameters(self) -> int:
        """P."""
        return sum(layer.neurons * layer.fan_in for layer in self.layers)

    @property
    def dropped(self) -> int:
        """Low bits of θ that no multiplier sees."""
        return self.theta.fraction_bits - self.weight.fraction_bits

    @property
    def lead(self) -> int:
        """Clocks by which what goes with parameters begins before they are read.

        By node, an input is read, multiplied by u, rounded; then it is there when they are. A
        sample's input takes a clock longer than they do.
        """
        return 1 + self.multipliers.latency if self.node else SAMPLE_LATENCY - MEMORY_LATENCY

    @property
    def found(self) -> int:
        """Clocks from a visit to the words, as they were."""
        return self.lead + ADDRESS_LATENCY + MEMORY_LATENCY

    @property
    def updated(self) -> int:
        """Clocks from a visit to θ after the update, when it meets its input."""
        return self.found + UPDATE_LATENCY

    @property
    def written(self) -> int:
        """Clocks from a visit to the one in which its word is written."""
        return self.updated + (PORT_LATENCY if self.word_ports == 1 else 0)

    @property
    def summed(self) -> int:
        """Clocks from a visit to the sum that has its product."""
        return self.updated + self.multipliers.latency + SUM_LATENCY

    @cached_property
    def activation_latency(self) -> int:
        """Clocks from z to a, for all layers alike."""
        return max(layer.activation.latency for layer in self.layers)

    @property
    def compared(self) -> int:
        """Clocks from the copies' z to the largest one."""
        return bits_for(self.banks)

    @property
    def perturbs_weights(self) -> bool:
        """Whether products are of weights that are perturbed: then z needs no other sum.

        So they may be where the perturbed evaluation has a multiplier of its own, which sees ±Δθ.
        It takes less logic, but one more sum from a word to its product: with memory of one port,
        which only small devices need.
        """
        seen = self.amplitude >= -self.weight.fraction_bits
        return self.word_ports == 1 and self.lane_multipliers == 2 and not self.node and seen

    @property
    def sums_changes(self) -> bool:
        """Whether lanes add up what perturbations make of z."""
        return self.by_weight and not self.perturbs_weights

    @property
    def drain_latency(self) -> int:
        """Clocks from a sum that is complete to z; if it is z, it is but moved."""
        return 1 if self.perturbs_weights else DRAIN_LATENCY

    @property
    def leaving(self) -> int:
        """Clocks from a sum that is complete to its activation."""
        return self.drain_latency + self.compared + self.activation_latency

    @property
    def drained(self) -> int:
        """Clocks from a group's last visit to what its first neuron puts out."""
        return self.summed + self.leaving + POOL_LATENCY

    @property
    def asked(self) -> int:
        """Clocks from a visit to the address of its input at a memory."""
        return self.updated - SAMPLE_LATENCY

    @cached_property
    def pauses(self) -> tuple[int, ...]:
        """Clocks without a visit after each layer but the last one.

        The next layer begins before all its inputs are in memory: as soon as each of them is by the
        time that it is asked for, and the lanes' sums have left by the time that others are there.
        Where memory has one port, it waits until they are all there.
        """
        if self.word_ports == 1:
            return tuple(
                self.drained + layer.last_group - 1 - layer.trailing for layer in self.layers[:-1]
            )
        return tuple(
            max(
                0,
                layer.last_group - following.fan_in * following.rails,
                self.drained - self.asked - early,
            )
            for layer, following in pairwise(self.layers)
            for early in [_early(layer, following)]
        )

    @cached_property
    def layer_clocks(self) -> tuple[int, ...]:
        """Clocks from each layer's first visit to that of the next one, of the last one to y."""
        *layers, last = self.layers
        through = [
            layer.visits + layer.trailing + pause
            for layer, pause in zip(layers, self.pauses, strict=True)
        ]
        return (*through, last.visits - 1 + self.drained + last.last_group)

    @property
    def pass_start(self) -> int:
        """Clocks from the strobe that starts a pass to the first visit."""
        return START_LATENCY + 1 + self.loads

    @cached_property
    def pass_clocks(self) -> int:
        """Clocks from the strobe that starts a pass to y."""
        return self.pass_start + sum(self.layer_clocks)

    @property
    def longest_visits(self) -> int:
        """Clocks that someone else waits at most until no word is visited.

        A pass' visits may follow each other without a gap, and so do those of the initial θ.
        """
        visits = sum(layer.visits for layer in self.layers) + sum(self.pauses)
        return max(self.fill_clocks, visits) + self.written + 1

    @property
    def fill_clocks(self) -> int:
        """Clocks from the first visit of a bit of the initial θ to the end of the last one."""
        return self.parameters * (1 if self.word_ports > 1 else 2)

    @property
    def init_clocks(self) -> int:
        """Clocks from a strobe that fills in a bit of the initial θ to the next one.

        Every parameter by itself, until the last one is in memory.
        """
        return START_LATENCY + 1 + self.fill_clocks + self.updated


def stores_samples(first: FoldedLayerSpec) -> bool:
    """Whether the inputs of a first layer are needed again after its first group."""
    return first.node or first.groups > 1 or first.image is not None


def _early(layer: FoldedLayerSpec, following: FoldedLayerSpec) -> int:
    """Return by how many clocks everything would be in memory too early.

    If the next layer asked for its first input in the clock after the first neuron of the last
    group is there, at the last place. Inputs are needed in the order in which they come, and not
    faster.
    """
    image = following.image
    if not image:
        slower = min(layer.group_clocks, layer.lanes * following.rails)
        return 0 if layer.image else (layer.groups - 1) * slower
    assert layer.image
    # What comes after the last input of the first windows is needed at the next place.
    reach = WINDOW + POOL - 1 if image.pooled else WINDOW
    row, column = min(reach, image.rows) - 1, min(reach, image.columns) - 1
    later = image.rows * image.columns - 1 - (row * image.columns + column)
    if not later:
        return 0
    between = layer.group_clocks // layer.image.outputs
    return min(later * between, following.fan_in * following.rails - layer.last_group + 1)
