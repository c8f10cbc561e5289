"""One of many values, chosen by a tree of registers."""

from __future__ import annotations

from collections.abc import Sequence

from amaranth.hdl import Array, Const, Module, Signal, Value, ValueLike

from spec.numbers import bits_for

WAYS = 4
"""Into a register: two LUTs of four inputs a bit."""


def levels(count: int) -> int:
    """Clocks from one of so many values to what `select` returns."""
    return max(1, -(-bits_for(count) // 2))


def select(
    m: Module, values: Sequence[Value], place: Value, name: str, when: ValueLike = 1
) -> Value:
    """Return the value at a place, `levels` clocks later, for which the place must stay.

    Signs are extended where values meet, no earlier.

    Parameters
    ----------
    m : Module
    values : sequence of Value
        Of any shapes.
    place : Value
        Has at least the bits that their number needs; beyond the last one, any is selected.
    name : str
        Of the registers.
    when : Value
        Whether to select at all: else 0, a clock later.
    """
    level = list(values)
    last = levels(len(values)) - 1
    for k in range(last + 1):
        chosen: list[Value] = []
        for first in range(0, len(level), WAYS):
            some = level[first : first + WAYS]
            bits = place[2 * k : min(2 * k + 2, bits_for(len(values)))]
            one = Array(some)[bits] if len(some) > 1 else some[0]
            register = Signal(one.shape(), name=f"{name}_{k}_{first // WAYS}")
            m.d.sync += register.eq(one)
            if k == last:
                with m.If(~Value.cast(when)):
                    m.d.sync += register.eq(0)
            chosen.append(register)
        level = chosen
    return level[0]


def below(value: Value, bound: int) -> Value:
    """Whether a number is less than a constant, in LUTs: a chain of carries is longer."""
    less: Value = Const(0, 1)
    for k, bit in enumerate(value):
        less = ~bit | less if bound >> k & 1 else ~bit & less
    return less if bound >> len(value) == 0 else Const(1, 1)
