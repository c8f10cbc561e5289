"""All layers, and what lanes are: when what visits which word."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise

from spec.folded.latency import (
    ADDRESS_LATENCY,
    DRAIN_LATENCY,
    MEMORY_LATENCY,
    POOL_LATENCY,
    PORT_LATENCY,
    SAMPLE_LATENCY,
    START_LATENCY,
    SUM_LATENCY,
    UPDATE_LATENCY,
    WRITE_LATENCY,
)
from spec.folded.layer import FoldedLayerSpec, early, stores_samples
from spec.numbers import Format, bits_for
from spec.plant import Multipliers, SignalSpec, tree_latency


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
    def product_latency(self) -> int:
        """Clocks from θ and its input to their product, where it is added up.

        Blocks lie in rows of their own: a register brings the product to the sum, unless the block
        adds up.
        """
        blocks = self.multipliers in (Multipliers.REGISTERED, Multipliers.BLOCKS)
        return self.multipliers.latency + (blocks and not self.sums_stay)

    @property
    def summed(self) -> int:
        """Clocks from a visit to the sum that has its product."""
        return self.updated + self.product_latency + SUM_LATENCY

    @cached_property
    def activation_latency(self) -> int:
        """Clocks from z to a, for all layers alike."""
        return max(layer.activation.latency for layer in self.layers)

    @property
    def compared(self) -> int:
        """Clocks from the copies' z to the largest one: in pairs, compared, then chosen."""
        return 2 * bits_for(self.banks)

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
    def stored(self) -> int:
        """Clocks from a group's last visit to its first neuron's activation in memory."""
        return self.drained + WRITE_LATENCY

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
                self.stored + layer.last_group - 1 - layer.trailing for layer in self.layers[:-1]
            )
        return tuple(
            max(
                0,
                layer.last_group - following.fan_in * following.rails,
                self.stored - self.asked - sooner,
            )
            for layer, following in pairwise(self.layers)
            for sooner in [early(layer, following)]
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
    def access_latency(self) -> int:
        """Clocks from asking for a word, which is granted at once, to θ, of one lane of many."""
        return 1 + ADDRESS_LATENCY + MEMORY_LATENCY + tree_latency(self.lanes) + 1

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
