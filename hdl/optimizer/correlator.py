"""What a cell learns of a u: u·θ̃/Δθ by its own perturbation, or by its neuron's, times its input.

By node, u·x is made once for each input of a layer, as all of its neurons see it: a cell only takes
the sign of its neuron's perturbation. Rounding to nearest even is the same for both signs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from amaranth.hdl import Module, Mux, Signal, Value

from hdl.number import fixed, saturating
from hdl.number.delay import copy, delay
from hdl.number.multiplier import multiply
from hdl.optimizer.perturbation import Perturbation
from spec.numbers import Rounding
from spec.optimizer import BankSpec
from spec.plant import Multipliers, SignalSpec

Contribution = tuple[fixed.Value, Value]
"""A value, and a carry in its LSB, as `saturating.add` takes them."""


@dataclass(frozen=True, eq=False)
class Term:
    """What an input makes of a u, but for the sign of θ̃.

    Parameters
    ----------
    amount : fixed.Value
        u·x; u itself if x is a bit, or the 1 of a bias.
    bit : Value or None
        x, if it is a bit.
    low : int
        What 0 means then.
    """

    amount: fixed.Value
    bit: Value | None = None
    low: int = 0


def by_weight(
    m: Module, perturbation: Perturbation, u: fixed.Value, tilde: Any, plus: Value,
    initialise: Value, *, descends: bool,
) -> Contribution:  # fmt: skip
    """Return u·θ̃/Δθ of a cell that perturbs itself; `plus` is the sign that made u.

    With `descends`, the negative of it.
    """
    amount = perturbation.correlated(m, u, tilde, initialise)
    return _signed(m, amount, plus, descends=descends)


def by_node(
    m: Module, term: Term, plus: Value, own: Value, initialise: Value, *, descends: bool
) -> Contribution:
    """Return RNE(u·x)·θ̃/Δθ of a cell by its neuron's perturbation; `plus` is the sign that made u.

    Of the initial θ, ±u by the cell's `own` bit. With `descends`, the negative of it.
    """
    sign = plus
    if term.bit is not None and term.low < 0:
        sign = plus ^ ~term.bit
    value, carry = _signed(m, term.amount, Mux(initialise, own, sign), descends=descends)
    if term.bit is None or term.low < 0:
        return value, carry
    counts = Signal()
    m.d.comb += counts.eq(initialise | term.bit)
    bits = value.as_value() & counts.replicate(len(value.as_value()))
    return fixed.Value(value.shape(), bits.as_signed()), carry & counts


def terms(
    m: Module, u: fixed.Value, amount: fixed.Value, early: fixed.Value | None,
    inputs: Sequence[Any], initialise: Value, spec: BankSpec, index: int,
) -> list[Term]:  # fmt: skip
    """Return what each input of a layer makes of a u, and last what a bias does.

    Parameters
    ----------
    m : Module
    u : fixed.Value
        What is on the bus, of which the initial θ is made.
    amount : fixed.Value
        `u·|θ̃|/Δθ`, `spec.lead` clocks before it is used.
    early : fixed.Value or None
        The same `spec.product_latency` clocks before; None: products are made at once, of `amount`.
    inputs : sequence of fixed.Value or Value
        Of the evaluation that made u, as they meet it: numbers as the multipliers do, bits at the
        end.
    initialise : Value
        Whether the initial θ is made of `u` now.
    spec : BankSpec
    index : int
        Of the group.
    """
    given = spec.groups[index].input
    late = later(m, amount, spec.lead, "u_late")
    itself = fixed.named(m, fixed.mux(initialise, u, late), "u_used") if spec.lead else amount
    found = []
    for k, x in enumerate(inputs):
        if given.binary:
            found.append(Term(itself, x, given.low))
            continue
        name = f"u_times_x_{index}_{k}"
        if early is None:
            exact = fixed.named(m, amount * x, name)
        else:
            inferred = spec.multipliers is Multipliers.INFERRED
            near = _copied(m, early, f"u_near_{k}") if inferred else early
            exact = multiply(m, near, x, spec.multipliers, name)
        shape = _rounded(amount.shape(), given)
        raw = exact.reshape(u.shape().f_bits, Rounding.NEAREST_EVEN).as_value()
        rounded = fixed.Value(shape, raw[: shape.storage.width].as_signed())
        rounded = later(m, rounded, 0 if early is None else 1, f"rounded_{k}")
        found.append(Term(fixed.named(m, fixed.mux(initialise, u, rounded), f"u_x_{k}")))
    return [*found, Term(itself)]


def copies(m: Module, made: Sequence[Term], name: str) -> list[Term]:
    """Return terms a clock later, from registers of their own; what several share has one."""
    amounts: dict[int, fixed.Value] = {}
    found = []
    for k, term in enumerate(made):
        if id(term.amount) not in amounts:
            amounts[id(term.amount)] = _copied(m, term.amount, f"{name}_{k}_u_x")
        bit = None if term.bit is None else copy(m, term.bit, 1, f"{name}_{k}_x")
        found.append(Term(amounts[id(term.amount)], bit, term.low))
    return found


def shape(
    perturbation: Perturbation, u: fixed.Shape, spec: SignalSpec | None, *, bias: bool
) -> fixed.Shape:
    """Shape of a contribution; `spec` is what cells multiply, for node perturbation only."""
    amount = perturbation.amount(u)
    if spec is None or spec.binary or bias:
        return fixed.SQ(amount.i_bits, amount.f_bits)
    both = fixed.mux(Signal(), fixed.signal(u), fixed.signal(_rounded(amount, spec)))
    return both.shape()


def _signed(m: Module, amount: fixed.Value, plus: Value, *, descends: bool) -> Contribution:
    """Return ±amount by a sign."""
    negative = Signal()
    m.d.comb += negative.eq(plus if descends else ~plus)
    return saturating.complement(m, amount, negative), negative


def _rounded(amount: fixed.Shape, spec: SignalSpec) -> fixed.Shape:
    """Smallest signed shape of RNE(amount·x): that of the ends of both ranges."""
    ends = [
        round(Fraction(a * x, 1 << spec.fraction_bits))  # to nearest even
        for a in (amount.min_raw, amount.max_raw)
        for x in (spec.low, spec.high)
    ]
    return fixed.span(min(*ends, -1), max(ends), amount.f_bits)


def later(m: Module, value: fixed.Value, clocks: int, name: str) -> fixed.Value:
    """Return a value some clocks later."""
    return fixed.Value(
        value.shape(), delay(m, value.as_value(), value.shape().storage, clocks, name)
    )


def _copied(m: Module, value: fixed.Value, name: str) -> fixed.Value:
    """Return a value a clock later, from a register of its own."""
    return fixed.Value(value.shape(), copy(m, value.as_value(), value.shape().storage, name))
