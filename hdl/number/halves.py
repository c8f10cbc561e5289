"""A product in two clocks, of half the logic: a half of one factor after the other."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Const, Module, Mux, Signal

from hdl.number import fixed
from hdl.number.multiplier import total_of

LATENCY = 3
"""Clocks from the first of both to the product: of registers for a half, both, and their sum."""


def multiply_by_halves(
    m: Module, a: fixed.Value, b: fixed.Value, second: Any, name: str
) -> fixed.Value:
    """Return a·b, exactly, `LATENCY` clocks after the first of two clocks in which both stay.

    In the clock after that it means nothing. Throughput: a product every other clock.

    Parameters
    ----------
    m : Module
        Where the multiplier goes.
    a, b : fixed.Value
        The latter is halved.
    second : Value
        Whether it is the second of the clocks.
    name : str
        Prefix of the registers' names.
    """
    raw, other = a.as_value(), b.as_value()
    positive, sign = (other[:-1], other[-1]) if b.shape().signed else (other, Const(0))
    half = -(-len(positive) // 2)
    bits = Signal(half, name=f"{name}_half")
    total = total_of([Mux(bits[k], raw, 0) << k for k in range(half)])
    part = Signal(total.shape(), name=f"{name}_part")
    lower = part - (Mux(sign, raw, 0) << len(positive))
    low = Signal(lower.shape(), name=f"{name}_low")
    product = fixed.signal((a * b).shape(), name)
    m.d.comb += bits.eq(Mux(second, positive[half:], positive[:half]))
    m.d.sync += [
        part.eq(total),
        low.eq(lower),
        product.as_value().eq((part << half) + low),
    ]
    return product
