"""A product of two numbers some clocks later: of a multiplier block, of logic, or inferred."""

from __future__ import annotations

from typing import Any

from amaranth import hdl
from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hdl.number import fixed
from spec.plant import Multipliers

GROUP = 4
"""Bits of the narrower factor whose multiples are added up in one clock: two levels of a tree."""


def multiply(
    m: Module, a: fixed.Value, b: fixed.Value, multipliers: Multipliers, name: str
) -> fixed.Value:
    """Return a·b, exactly, `multipliers.latency` clocks later.

    Parameters
    ----------
    m : Module
        Where the multiplier goes.
    a, b : fixed.Value
        Read once; an expression needs no name.
    multipliers : Multipliers
    name : str
        Of the product; of no other in `m`.
    """
    if multipliers is Multipliers.INFERRED:
        register = fixed.signal((a * b).shape(), name)
        m.d.sync += register.eq(a * b)
        return register
    unit = Multiplier(a.shape(), b.shape(), logic=multipliers is Multipliers.LOGIC)
    m.submodules[f"{name}_multiplier"] = unit
    m.d.comb += [unit.a.eq(a), unit.b.eq(b)]
    return unit.product


class Multiplier(wiring.Component):
    """a·b, exactly, by three stages of registers: operands, middle, end.

    On a board, the platform's `get_multiplier` makes it of a block, or returns None. Then it is of
    logic; and where there is no platform, as in a simulation, it is their behavioural twin.
    Registers start from 0 and have no reset.

    Latency: `latency` clocks. Throughput: a product a clock.

    Parameters
    ----------
    a, b : fixed.Shape
    logic : bool
        Whether it is to be of logic on any board.

    Members
    -------
    a, b : In(a), In(b)
    product : Out
        Of the shape of the exact product.
    """

    a: fixed.Value
    b: fixed.Value
    product: fixed.Value

    latency = Multipliers.REGISTERED.latency

    def __init__(self, a: fixed.Shape, b: fixed.Shape, *, logic: bool = False) -> None:
        self.logic = logic
        exact = (fixed.signal(a) * fixed.signal(b)).shape()
        super().__init__({"a": In(a), "b": In(b), "product": Out(exact)})

    def elaborate(self, platform: Any) -> Module:
        """Build what the platform has, or logic."""
        if platform is None:
            return self._twin()
        offer = getattr(platform, "get_multiplier", None)
        made = None if self.logic or offer is None else offer(self)
        return self.of_logic() if made is None else made

    def _twin(self) -> Module:
        m = Module()
        a, b = self._operands(m)
        raw = self.product.as_value()
        middle, end = (Signal.like(raw, name=name, reset_less=True) for name in ("middle", "end"))
        m.d.sync += [middle.eq(a * b), end.eq(middle)]
        m.d.comb += raw.eq(end)
        return m

    def _operands(self, m: Module) -> tuple[hdl.Value, hdl.Value]:
        """Register both operands; return them raw."""
        held = []
        for value, name in ((self.a, "a_held"), (self.b, "b_held")):
            raw = value.as_value()
            register = Signal(value.shape().storage, name=name, reset_less=True)
            m.d.sync += register.eq(raw)
            held.append(register)
        return held[0], held[1]

    def of_logic(self) -> Module:
        """Build it of adders: multiples of the wider operand by the bits of the narrower."""
        m = Module()
        wide, narrow = sorted(self._operands(m), key=len, reverse=True)
        top = len(narrow) - 1
        partial = []
        for start in range(0, len(narrow), GROUP):
            terms: list[hdl.Value] = []
            for k in range(start, min(start + GROUP, len(narrow))):
                multiple = Mux(narrow[k], wide, 0) << k - start
                sign = narrow.shape().signed and k == top
                terms.append(-multiple if sign else multiple)
            total = total_of(terms)
            register = Signal(total.shape(), name=f"partial_{start}", reset_less=True)
            m.d.sync += register.eq(total)
            partial.append(register << start)
        raw = self.product.as_value()
        end = Signal(raw.shape(), name="end", reset_less=True)
        m.d.sync += end.eq(total_of(partial))
        m.d.comb += raw.eq(end)
        return m


def total_of(terms: list[hdl.Value]) -> hdl.Value:
    """Add up in pairs."""
    while len(terms) > 1:
        pairs = [terms[k : k + 2] for k in range(0, len(terms), 2)]
        terms = [pair[0] + pair[1] if len(pair) == 2 else pair[0] for pair in pairs]
    return terms[0]
