"""One of many values, chosen in as few LUTs as there are."""

from __future__ import annotations

from collections.abc import Sequence

from amaranth.hdl import Array, Const, Module, Signal, Value, ValueLike

from spec.numbers import bits_for

PAIRS = 16
"""In a chain at most: as many clocks."""


def clocks(count: int) -> int:
    """From one of so many values to what `select` returns, at most."""
    if count == 1:
        return 0
    pairs = -(-count // 2)
    return pairs if pairs <= PAIRS else PAIRS + clocks(-(-pairs // PAIRS))


def select(
    m: Module, values: Sequence[Value], place: Value, name: str, when: ValueLike = 1
) -> Value:
    """Return the value at a place, `clocks` clocks later, for which the place must stay.

    The lowest bit of the place travels down a chain of registers, a pair of values at each. At the
    pair that is addressed it chooses one, which travels on in its place. So a LUT of four inputs is
    enough for a bit of two values.

    Parameters
    ----------
    m : Module
    values : sequence of Value
        Of any shapes.
    place : Value
        Of one of them; else what is returned means nothing.
    name : str
        Of the registers.
    when : Value
        Whether to select at all: else it is 0, if there are several.
    """
    if len(values) == 1:
        return values[0]
    when = Value.cast(when)
    bits = bits_for(2 * PAIRS)
    found = [
        _chain(m, values[k : k + 2 * PAIRS], place[:bits], f"{name}_{k}", when)
        for k in range(0, len(values), 2 * PAIRS)
    ]
    return found[0] if len(found) == 1 else select(m, found, place[bits:], f"{name}_of", when)


def _chain(m: Module, values: Sequence[Value], place: Value, name: str, when: Value) -> Value:
    place = place[: max(1, bits_for(len(values)))]
    shape = Array(values)[place].shape()
    wide = [Signal(shape, name=f"{name}_{k}_wide") for k in range(len(values))]
    m.d.comb += [mine.eq(value) for mine, value in zip(wide, values, strict=True)]
    moving: Value = (place[0] & when).replicate(len(wide[0]))
    for k in range(0, len(values), 2):
        here, register = Signal(name=f"{name}_{k}_here"), Signal(shape, name=f"{name}_{k}")
        m.d.comb += here.eq((place[1:] == k // 2) & when)
        m.d.sync += register.eq(moving)
        with m.If(here):
            even, odd = wide[k], wide[min(k + 1, len(wide) - 1)]
            m.d.sync += register.eq((moving & odd) | (~moving & even))
        moving = register
    return moving


def below(value: Value, bound: int) -> Value:
    """Whether a number is less than a constant, in LUTs: a chain of carries is longer."""
    less: Value = Const(0, 1)
    for k, bit in enumerate(value):
        less = ~bit | less if bound >> k & 1 else ~bit & less
    return less if bound >> len(value) == 0 else Const(1, 1)
