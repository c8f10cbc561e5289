"""The samples, as a memory holds them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from spec.numbers import bits_for
from spec.plant.signal import SignalSpec
from spec.tasks import Dataset, Order

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
    ring : int
        Samples that the memory can hold, where it is refilled while it is read; 0: all of them.
    """

    input: SignalSpec
    target: SignalSpec
    data: Dataset
    order: Order
    writable: bool = False
    room: int | None = None
    ring: int = 0

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

    def word_rows(self) -> Iterator[list[int]]:
        """Yield the words of every sample, as they are written."""
        for row in self.rows():
            yield [row >> WORD * k & (1 << WORD) - 1 for k in range(self.words)]

    @property
    def count(self) -> int:
        """Number of samples in use."""
        return len(self.data)

    @property
    def depth(self) -> int:
        """Samples of which one is drawn, at most."""
        return self.room or self.count

    @property
    def slots(self) -> int:
        """Samples that the memory can hold."""
        return self.ring or self.depth

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
class FoldedSamplesSpec(SamplesSpec):
    """Samples of which a folded engine reads an input at a time.

    In words, inputs do not cross from one to the next. Targets and class begin with a word of their
    own.
    """

    @property
    def fields(self) -> int:
        """Inputs in a word."""
        return min(WORD // self.input.bits, self.data.inputs)

    @property
    def input_words(self) -> int:
        """Words that the inputs of a sample take."""
        return -(-self.data.inputs // self.fields)

    @property
    def beside_bits(self) -> int:
        """Bits of targets and class."""
        return self.data.outputs * self.target.bits + self.label_bits

    @property
    def beside_words(self) -> int:
        """Words that these take."""
        return -(-self.beside_bits // WORD)

    @property
    def words(self) -> int:
        """Words of 32 bits that a sample takes."""
        return self.input_words + self.beside_words

    def word_rows(self) -> Iterator[list[int]]:
        """Yield the words of every sample, as they are written."""
        data = self.data
        for x, t, label in zip(data.x, data.t, data.classes, strict=True):
            yield self.packed(x, t, label)

    def packed(self, x: Sequence[int], t: Sequence[int], label: int) -> list[int]:
        """Return the words of a sample; parameters are those of `pack`."""
        bits, mask = self.input.bits, (1 << self.input.bits) - 1
        raws = [int(v > 0) if self.input.binary else int(v) & mask for v in x]
        words = [
            sum(raw << bits * k for k, raw in enumerate(raws[first : first + self.fields]))
            for first in range(0, len(raws), self.fields)
        ]
        beside = self.pack((), t, label)
        return words + [beside >> WORD * k & (1 << WORD) - 1 for k in range(self.beside_words)]
