"""The schedule's state machine: a bit for each phase."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import reduce
from operator import or_

from amaranth.hdl import Cat, Module, Signal, Value

from spec.phase import Phase


class Phases:
    """One bit for each phase, for speed; of the phases' numbers only others hear.

    What follows a phase is said once, within `during` of it; where nothing is said, it stays.

    Parameters
    ----------
    m : Module
        Of which the state machine is a part.
    """

    def __init__(self, m: Module) -> None:
        self._m = m
        self._now = Signal(len(Phase), init=1 << Phase.IDLE)
        self._coming = Signal(len(Phase))
        self._ways: list[Signal] = []
        m.d.sync += self._now.eq(self._coming)

    @contextmanager
    def during(self, *phases: Phase) -> Iterator[None]:
        """Say what happens in some phases; they last until it lets another one follow."""
        way = Signal(len(Phase), name=f"after_{phases[0].name.lower()}")
        self._ways.append(way)
        here = Signal(name=f"in_{phases[0].name.lower()}")
        self._m.d.comb += here.eq(Cat(self._now[phase] for phase in phases).any())
        with self._m.If(here):
            stays = sum(1 << phase for phase in phases)
            self._m.d.comb += way.eq(stays if len(phases) == 1 else self._now & stays)
            yield

    def go(self, phase: Phase) -> None:
        """Let a phase follow that of which something is being said."""
        self._m.d.comb += self._ways[-1].eq(1 << phase)

    def coming(self, phase: Phase) -> Value:
        """Whether it will be that phase in the next clock."""
        return self._coming[phase]

    def registered(self, *phases: Phase, others: Sequence[Value] = ()) -> Signal:
        """Whether it is one of the phases: a register, for what every cell hears of.

        It is set, too, after a clock in which one of `others` was.
        """
        found = Signal(init=Phase.IDLE in phases)
        coming = (self._coming[phase] for phase in phases)
        self._m.d.sync += found.eq(Cat(*coming, *others).any())
        return found

    def decoded(self, *phases: Phase) -> Signal:
        """Whether it is one of the phases, for what registers follow."""
        found = Signal()
        self._m.d.comb += found.eq(Cat(self._now[phase] for phase in phases).any())
        return found

    def number(self) -> Value:
        """Return the phase, as a number; once all has been said of all phases."""
        self._m.d.comb += self._coming.eq(reduce(or_, self._ways))
        bits = max(Phase).bit_length()
        return Cat((self._now & _having(bit)).any() for bit in range(bits))


def _having(bit: int) -> int:
    """Return which phases have a bit in their numbers, as bits."""
    return sum(1 << phase for phase in Phase if phase >> bit & 1)
