"""Pipelined trees: one or two levels of pairs a clock, or the last three at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from amaranth.hdl import Module, Signal

from hdl.number import fixed

Term = TypeVar("Term")


def tree(
    terms: Sequence[Term],
    combine: Callable[[Term, Term], Term],
    register: Callable[[Term, str], Term],
    levels: int = 2,
    three: Callable[[Term, Term, Term], Term] | None = None,
) -> Term:
    """Combine all terms in pairs, the earlier one first; a register after every few levels.

    Parameters
    ----------
    terms : sequence
    combine : callable
        Makes one of two.
    register : callable
        Makes a register of a value, given a name for it.
    levels : int
        Between two registers: 1 or 2.
    three : callable, optional
        Makes one of the last three, in one clock.
    """
    stage = 0
    while len(terms) > 1:
        if three and len(terms) == 3:
            terms = [three(*terms)]
        for _ in range(levels):
            terms = [_pair(terms[k : k + 2], combine) for k in range(0, len(terms), 2)]
        terms = [register(term, f"{stage}_{k}") for k, term in enumerate(terms)]
        stage += 1
    return terms[0]


def _pair(terms: Sequence[Any], combine: Callable[[Any, Any], Any]) -> Any:
    """Combine two, or leave one."""
    return combine(*terms) if len(terms) == 2 else terms[0]


def adder_tree(
    m: Module, terms: Sequence[fixed.Value], levels: int = 2, *, at_once: bool = False
) -> fixed.Value:
    """Return the exact sum, `spec.plant.tree_latency` clocks later.

    The attribute `chain` tells synthesis to add each pair by itself, although it sees them all. Of
    three terms alone it makes a row of full adders and a chain, unless it finds their pair twice.

    Parameters
    ----------
    m : Module
    terms : sequence of fixed.Value
    levels : int
        As those of `tree`.
    at_once : bool
        Whether the last three take one clock, and that row.
    """
    apart = {"chain": 1} if len(terms) > 3 else {}

    def register(total: fixed.Value, name: str) -> fixed.Value:
        held = fixed.signal(total.shape(), f"sum_{name}")
        m.d.sync += held.eq(total)
        return held

    def pair(a: fixed.Value, b: fixed.Value) -> fixed.Value:
        total = fixed.signal((a + b).shape(), "pair", attrs=apart)
        m.d.comb += total.eq(a + b)
        return total

    def three(a: fixed.Value, b: fixed.Value, c: fixed.Value) -> fixed.Value:
        """Add by a row of full adders and a chain, which is faster than two chains."""
        shape = (a + b + c).shape()
        width = shape.storage.width
        p, q, r = (fixed.extend(term.reshape(shape.f_bits).as_value(), width) for term in (a, b, c))
        ones, twos = Signal(width, name="ones"), Signal(width, name="twos")
        m.d.comb += [ones.eq(p ^ q ^ r), twos.eq(p & q | p & r | q & r)]
        total = fixed.signal(shape, "three")
        m.d.comb += total.as_value().eq(ones + (twos << 1))
        return total

    return tree(terms, pair, register, levels, three if at_once else None)
