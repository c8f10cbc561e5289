"""Pipelined adder tree."""

from __future__ import annotations

from collections.abc import Sequence

from amaranth.hdl import Module

from hdl import fixed
from spec.numbers import bits_for


def latency(count: int) -> int:
    """Clocks of a tree of `count` terms: its levels."""
    return bits_for(count)


def adder_tree(m: Module, terms: Sequence[fixed.Value]) -> fixed.Value:
    """Return the exact sum, `latency(len(terms))` clocks later; one register a level."""
    level = 0
    while len(terms) > 1:
        sums: list[fixed.Value] = []
        for k in range(0, len(terms), 2):
            total = terms[k] + terms[k + 1] if k + 1 < len(terms) else terms[k]
            register = fixed.signal(total.shape(), f"sum_{level}_{k // 2}")
            m.d.sync += register.eq(total)
            sums.append(register)
        terms, level = sums, level + 1
    return terms[0]
