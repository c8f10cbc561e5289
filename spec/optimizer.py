"""Small specs of the optimizer: what each of its components needs to know, with its latency.

None of them knows a network: to the optimizer, a plant is groups of cells that an evaluation
reaches some clocks after another. `spec.derive` makes them of a config.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from spec.code import Sines, Turns, Walsh
from spec.noise import Gaussian
from spec.numbers import Format
from spec.plant import WEIGHT_LATENCY, SignalSpec
from spec.training import Perturbation

CORRELATION_LATENCY = 1
"""Clocks from u on the bus to ±u in a cell, with which it then learns; of overlapped schedules."""

PRODUCT_LATENCY = 3
"""Clocks from u on the bus to u·x: u in a register near by, product, rounding; of overlapped
schedules with node perturbation, where an input has more than a bit."""

ENTRY = 2
"""Clocks from an overlapped schedule to the plant: two registers, for speed."""

MAX_LEFT_SHIFT = 4
"""C̃ is shifted left by this much and right by eta_shift, 0 to 15."""

ETA_SHIFT_BITS = 4


@dataclass(frozen=True)
class PerturbationSpec:
    """How cells perturb themselves.

    Parameters
    ----------
    kind : Perturbation
    code : Walsh, Turns, Sines or None
        What a periodic code is; None for random ones.
    amplitude : int
        Δθ = 2**amplitude.
    fraction_bits : int
        Of θ̃ in units of Δθ: 0, but for sines.
    """

    kind: Perturbation
    code: Walsh | Turns | Sines | None
    amplitude: int
    fraction_bits: int = 0

    @property
    def bits(self) -> int:
        """Bits of a cell's perturbation: the phase of a sine, or a sign, or what the kind says."""
        return self.code.phase_bits if isinstance(self.code, Sines) else self.kind.bits


@dataclass(frozen=True)
class CellSpec:
    """A synapse cell.

    Parameters
    ----------
    theta : Format
    gradient : Format
        Of G.
    weight : Format
        Of θ ± Δθ as the multiplier sees it: a bit more than the top bits of θ.
    bus : Format
        Of u.
    perturbation : PerturbationSpec
    accumulate : bool
        Whether there is a G; otherwise θ ← sat(θ - u·θ̃/Δθ) at once.
    leak : int
        An update leaves G - (G >> leak); 0 leaves nothing.
    noise : Gaussian or None
        Of an update.
    rails : int
        Evaluations a clock; of two, the first is never perturbed.
    coincide : bool
        Whether an accumulation and an update may come in one clock.
    """

    theta: Format
    gradient: Format
    weight: Format
    bus: Format
    perturbation: PerturbationSpec
    accumulate: bool = True
    leak: int = 0
    noise: Gaussian | None = None
    rails: int = 1
    coincide: bool = False

    @property
    def amplitude_lsbs(self) -> int:
        """Δθ in LSBs of the multiplier's weight."""
        return 1 << self.perturbation.amplitude + self.weight.fraction_bits


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
    product_latency : int
        Clocks by which u comes before the strobe that uses it, for what it is multiplied by.
    lanes : int
        Of a folded engine: blocks of a group that draw bits at once.
    """

    cell: CellSpec
    groups: tuple[Group, ...]
    node: bool = False
    update_delay: int = 0
    copies: int = 0
    product_latency: int = 0
    lanes: int = 1

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
        return (
            learns - self.copies - (0 if group.input.binary else max(0, self.product_latency - 1))
        )

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


@dataclass(frozen=True)
class ChangeSpec:
    """From costs to the change in cost C̃, and to u.

    Parameters
    ----------
    cost_width, cost_fraction_bits : int
        Of a cost, which is unsigned.
    bus : Format
        Of u, whose LSB is that of θ.
    noise : Gaussian or None
        Of a perturbed cost.
    rails : int
        Costs at once; of two, the first is C0.
    guard_bits : int
        Of the analog loop: log2(τ_hp), by which C̃ is finer than C; None in the discrete loop.
    """

    cost_width: int
    cost_fraction_bits: int
    bus: Format
    noise: Gaussian | None = None
    rails: int = 1
    guard_bits: int | None = None

    register_latency = 1
    """Clocks from a cost to C."""

    latency = 3
    """Clocks from C to u: C̃, shift, rounding."""

    @property
    def analog(self) -> bool:
        """Whether C̃ is C through a high-pass."""
        return self.guard_bits is not None

    @property
    def guard(self) -> int:
        """Fraction bits of C̃ beyond those of C."""
        return self.guard_bits or 0

    @property
    def held_width(self) -> int:
        """Bits of C and C0: one more, for the sign, where noise can make a cost negative."""
        return self.cost_width + bool(self.noise)

    @property
    def tilde_width(self) -> int:
        """Bits of C̃, signed: it holds every C - C0; a high-pass saturates there."""
        return self.held_width + 1 + self.guard


@dataclass(frozen=True)
class ScheduleSpec:
    """When what happens.

    Parameters
    ----------
    parameters : int
        P.
    init_bits : int
        Random bits of an initial θ.
    bus : Format
        Of u, which makes it.
    samples : int
        That a check can evaluate at most.
    adjustable : bool
        Whether a register says how many it evaluates; otherwise all of them.
    shifts : int
        Places by which the line moves on for a perturbation, a clock each.
    analog, antithetic : bool
    rails : int
    update_delay : int
        D.
    evaluation : int
        Clocks from the tag of an evaluation to its C; of overlapped schedules, which count them.

    Attributes
    ----------
    patient : bool
        Whether an evaluation must have come back before the next one goes in.
    sweeps : bool
        Whether an update takes as long as a sweep through memory.
    """

    parameters: int
    init_bits: int
    bus: Format
    samples: int
    adjustable: bool = False
    shifts: int = 1
    analog: bool = False
    antithetic: bool = False
    rails: int = 1
    update_delay: int = 0
    evaluation: int = 0

    patient: ClassVar[bool] = False
    sweeps: ClassVar[bool] = False

    @property
    def entry(self) -> int:
        """Clocks from the schedule to the plant."""
        return ENTRY if self.update_delay else 0

    @property
    def interval(self) -> int:
        """Initiation interval of an overlapped schedule: clocks a step."""
        return 2 // self.rails

    @property
    def flight(self) -> int:
        """Clocks of D steps."""
        return self.interval * self.update_delay


@dataclass(frozen=True)
class PatientScheduleSpec(ScheduleSpec):
    """The same for a plant that makes one evaluation at a time, in its own time; D = 0."""

    patient: ClassVar[bool] = True


@dataclass(frozen=True)
class SweepingScheduleSpec(PatientScheduleSpec):
    """The same with cells that are words of memory."""

    sweeps: ClassVar[bool] = True


@dataclass(frozen=True)
class Stage:
    """Values of the registers from a step on."""

    step: int
    tau_p: int
    tau_x: int
    tau_theta: int
    eta_shift: int


@dataclass(frozen=True)
class OptimizerSpec:
    """The whole optimizer.

    Parameters
    ----------
    schedule : ScheduleSpec
    bank : BankSpec
    change : ChangeSpec
    stages : tuple of Stage
        What changes during a run.
    spare : int
        Clocks by which D is longer than it need be; u spends them in registers.
    """

    schedule: ScheduleSpec
    bank: BankSpec
    change: ChangeSpec
    stages: tuple[Stage, ...] = ()
    spare: int = 0
