"""One of many values, chosen in as few LUTs as there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from amaranth.hdl import Const, Module, Mux, Signal, Value

from spec.numbers import bits_for

PAIRS = 16
"""In a chain at most: as many clocks."""

Pair = tuple[Value, Value, Value]
"""Whether one of them is chosen, in a register; what is, if the lowest bit of its place is 0; and
if it is 1."""


def clocks(count: int) -> int:
    """From one of so many values, or the place, to what `select` returns, at most."""
    if count == 1:
        return 0
    pairs = -(-count // 2)
    return 1 + pairs if pairs <= PAIRS else 1 + PAIRS + clocks(-(-pairs // PAIRS))


def select(m: Module, values: Sequence[Value], place: Value, name: str) -> Value:
    """Return the value at a place, `clocks` clocks later, for which the place must stay.

    Parameters
    ----------
    m : Module
    values : sequence of Value
        Of any shapes.
    place : Value
        Of one of them; else what is returned means nothing.
    name : str
        Of the registers.
    """
    if len(values) == 1:
        return values[0]
    bits = bits_for(2 * PAIRS)
    found = [
        travel(m, place[0], pairs(m, values[k : k + 2 * PAIRS], place[:bits], name), f"{name}_{k}")
        for k in range(0, len(values), 2 * PAIRS)
    ]
    return found[0] if len(found) == 1 else select(m, found, place[bits:], f"{name}_of")


def pairs(
    m: Module, values: Sequence[Value], place: Value, name: str, when: Value | None = None
) -> list[Pair]:
    """Return the pairs of values, of which one is chosen by their places, if at all."""
    found = []
    for k in range(0, len(values), 2):
        here = Signal(name=f"{name}_{k}_here")
        chosen = place[1:] == k // 2
        m.d.sync += here.eq(chosen if when is None else chosen & when)
        found.append((here, values[k], values[min(k + 1, len(values) - 1)]))
    return found


def travel(m: Module, low: Value, chain: Iterable[Pair], name: str) -> Value:
    """Return what is chosen, as many clocks after all of it stays as there are pairs.

    The lowest bit of the place travels down a chain of registers, a pair of values at each. At the
    pair that is addressed it chooses one, which travels on in its place. So a LUT of four inputs is
    enough for a bit of two values. Nothing is chosen: the bit comes out, in all places.

    A register is as wide as what came so far needs, so that narrow values should come first.
    """
    moving: Value = low.as_signed()
    for k, (here, even, odd) in enumerate(chain):
        shape = Mux(here, Mux(low, odd, even), moving).shape()
        before, first, second, register = (
            Signal(shape, name=f"{name}_{k}_{part}", reset_less=True)
            for part in ("before", "even", "odd", "chosen")
        )
        m.d.comb += [before.eq(moving), first.eq(even), second.eq(odd)]
        m.d.sync += register.eq(before)
        with m.If(here):
            m.d.sync += register.eq((before & second) | (~before & first))
        moving = register
    return moving


def below(value: Value, bound: int) -> Value:
    """Whether a number is less than a constant, in LUTs: a chain of carries is longer."""
    less: Value = Const(0, 1)
    for k, bit in enumerate(value):
        less = ~bit | less if bound >> k & 1 else ~bit & less
    return less if bound >> len(value) == 0 else Const(1, 1)
