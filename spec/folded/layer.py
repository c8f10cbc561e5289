"""Where the parameters of a layer are in memory, and how its places are visited."""

from __future__ import annotations

from dataclasses import dataclass

from spec.folded.latency import SHORTEST_GROUP, WRITING
from spec.network import POOL, WINDOW
from spec.plant import ActivationSpec, SignalSpec


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


def stores_samples(first: FoldedLayerSpec) -> bool:
    """Whether the inputs of a first layer are needed again after its first group."""
    return first.node or first.groups > 1 or first.image is not None


def early(layer: FoldedLayerSpec, following: FoldedLayerSpec) -> int:
    """Return how much sooner a layer may begin than its first input seems to allow.

    Clocks, counted from a layer that asks for its first input when the first neuron of the last
    group of the layer before, at the last place, is in memory: most inputs are there long before,
    and are needed in the order in which they come, at most one a clock.
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
