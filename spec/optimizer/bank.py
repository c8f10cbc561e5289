"""The bank: cells in groups, or words of memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from spec.optimizer.cell import CellSpec
from spec.plant import WEIGHT_LATENCY, Multipliers, SignalSpec

CORRELATION_LATENCY = 1
"""Clocks from u on the bus to ±u in a cell, with which it then learns; of overlapped schedules."""


def product_latency(multipliers: Multipliers) -> int:
    """Clocks from u to u·x, by node and where steps overlap: product, rounding.

    Before an inferred multiplier there is a register for u near by; another one has its own.
    """
    return multipliers.latency + 1 + (multipliers is Multipliers.INFERRED)


@dataclass(frozen=True)
class Block:
    """Cells that hear the bus together: those of a neuron.

    Parameters
    ----------
    first : int
        Number of its first parameter, in documented order.
    parameters : int
        How many it has. The last one is the bias.
    node : int
        Number of its neuron.
    """

    first: int
    parameters: int
    node: int


@dataclass(frozen=True)
class Group:
    """Blocks that an evaluation reaches at once: those of a layer.

    Parameters
    ----------
    blocks : tuple of Block
    offset : int
        Clocks by which an evaluation, or a strobe, reaches them later than the first group.
    input : SignalSpec
        What their cells multiply; for node perturbation only.
    node : bool
        Whether only the last cell of a block perturbs itself, and the others learn by it, times
        their inputs.
    doublings : int
        k: Δθ, and what cells make of u, are 2**k times as large.
    init_bits : int
        Random bits of an initial θ that its cells take; those above it are for other groups.
    """

    blocks: tuple[Block, ...]
    offset: int
    input: SignalSpec
    node: bool = False
    doublings: int = 0
    init_bits: int = 0

    @property
    def parameters(self) -> int:
        """How many parameters it has."""
        return sum(block.parameters for block in self.blocks)


@dataclass(frozen=True)
class BankSpec:
    """All cells.

    Parameters
    ----------
    cell : CellSpec
    groups : tuple of Group
    node : bool
        Whether a group perturbs itself by node.
    update_delay : int
        D.
    copies : int
        Clocks that each block spends in a copy of its own of the bus: 0 or 1.
    lead : int
        Clocks by which u comes to the first group before the strobe that uses it, where a product
        with it would otherwise be late.
    lanes : int
        Of a folded engine: blocks of a group that draw bits at once.
    near : bool
        Whether each block of the first group has a register of its own of u. It takes no time, as
        `copies` do; of schedules without overlap. Later groups hear u by registers anyway.
    multipliers : Multipliers
        Of u·x, where steps overlap.
    """

    cell: CellSpec
    groups: tuple[Group, ...]
    node: bool = False
    update_delay: int = 0
    copies: int = 0
    lead: int = 0
    lanes: int = 1
    near: bool = False
    multipliers: Multipliers = Multipliers.INFERRED

    latency = WEIGHT_LATENCY

    memory: ClassVar[bool] = False
    """Whether cells are words of memory."""

    @property
    def blocks(self) -> tuple[Block, ...]:
        """All blocks, in documented order."""
        return tuple(block for group in self.groups for block in group.blocks)

    @property
    def parameters(self) -> int:
        """P."""
        return sum(block.parameters for block in self.blocks)

    @property
    def input_fraction(self) -> int:
        """Fraction bits that what cells multiply has at most."""
        return max(group.input.fraction_bits for group in self.groups)

    @property
    def correlation_latency(self) -> int:
        """Clocks from u on the bus to a cell's ±u, beyond the one to θ and G."""
        return CORRELATION_LATENCY if self.update_delay else 0

    @property
    def interval(self) -> int:
        """Clocks a step, where steps overlap."""
        return 2 // self.cell.rails

    def age_of_inputs(self, group: Group) -> int:
        """Clocks from a group's inputs of an evaluation to the u that it made, where steps overlap.

        Of numbers, to the clock in which they are multiplied with it.
        """
        learns = self.interval * self.update_delay - CORRELATION_LATENCY - self.cell.accumulate
        near = self.multipliers is Multipliers.INFERRED
        product = 0 if group.input.binary else self.product_latency - near
        return learns - self.copies - product

    @property
    def product_latency(self) -> int:
        """Clocks from u to u·x, where steps overlap and x has more than a bit."""
        return product_latency(self.multipliers)

    def product_start(self, group: Group) -> int:
        """Clocks from u at the first group to where a group's product begins."""
        return self.lead + group.offset - self.product_latency

    @property
    def line_lag(self) -> int:
        """By how many places the line has moved on when the u of a perturbation is on the bus."""
        both = self.cell.rails == 2 and self.cell.accumulate
        return self.update_delay - both - 1


@dataclass(frozen=True)
class MemoryBankSpec(BankSpec):
    """The same with cells that are words of memory, one after the other; of one group, by weight.

    Attributes
    ----------
    word_latency : int
        Clocks from the number of a word to its weight.
    visit_latency : int
        Clocks from the number of a word to that in which it is written back.
    """

    memory: ClassVar[bool] = True
    word_latency: ClassVar[int] = 2
    visit_latency: ClassVar[int] = 4

    @property
    def sweep(self) -> int:
        """Clocks in which all words are visited: one more, in which a sweep begins."""
        return 1 + self.parameters + self.visit_latency
