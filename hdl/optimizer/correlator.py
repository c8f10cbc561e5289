"""What a cell learns of a u: u·θ̃/Δθ by its own perturbation, or by its neuron's and its input."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Const, Module, Signal, Value

from hdl import shapes
from hdl.number import fixed, saturating
from hdl.number.product import product
from hdl.optimizer.perturbation import Perturbation
from spec.numbers import Rounding
from spec.plant import SignalSpec

Contribution = tuple[fixed.Value, Value]
"""A value, and a carry in its LSB, as `saturating.add` takes them."""


def by_weight(
    m: Module, perturbation: Perturbation, u: fixed.Value, tilde: Any, plus: Value,
    initialise: Value, *, descends: bool,
) -> Contribution:  # fmt: skip
    """Return u·θ̃/Δθ of a cell that perturbs itself; `plus` is the sign that made u.

    With `descends`, the negative of it.
    """
    amount = perturbation.correlated(m, u, tilde, initialise)
    negative = Signal()
    m.d.comb += negative.eq(plus if descends else ~plus)
    return saturating.complement(m, amount, negative), negative


def share(
    m: Module, perturbation: Perturbation, u: fixed.Value, minus_u: fixed.Value, tilde: Any,
    initialise: Value,
) -> fixed.Value:  # fmt: skip
    """Return u·θ̃/Δθ of a neuron, by the perturbation of its bias cell."""
    amount = perturbation.correlated(m, u, tilde, initialise)
    signed = fixed.mux(tilde.plus, amount, minus_u if amount is u else -amount)
    nothing = fixed.constant(amount.shape(), 0)
    exact = fixed.mux(perturbation.active(tilde), signed, nothing)
    return fixed.named(m, exact, "share")


def by_node(
    m: Module, share: fixed.Value, minus_share: fixed.Value, x: Any, spec: SignalSpec,
    first: fixed.Value, initialise: Value,
) -> Contribution:  # fmt: skip
    """Return RNE(share·x) of a cell with an input, or its share of a bias cell, whose x is None.

    Of the initial θ, `first`: ±u by the cell's own bit.
    """
    own = share
    if x is not None:
        exact = fixed.named(m, product(share, x, spec, minus_share), "share_times_x")
        own = exact.reshape(first.shape().f_bits, Rounding.NEAREST_EVEN)
    return fixed.named(m, fixed.mux(initialise, first, own), "contribution"), Const(0, 1)


def shape(
    perturbation: Perturbation, u: fixed.Shape, spec: SignalSpec | None, *, bias: bool
) -> fixed.Shape:
    """Shape of a contribution; `spec` is what cells multiply, for node perturbation only."""
    one, amount = Signal(), fixed.signal(perturbation.amount(u))
    if spec is None:
        return fixed.SQ(amount.shape().i_bits, amount.shape().f_bits)
    bus, share = fixed.signal(u), fixed.mux(one, amount, -amount)
    if not bias:
        x: Any = Signal(shapes.signal(spec), name="x")
        share = product(share, x, spec).reshape(u.f_bits, Rounding.NEAREST_EVEN)
    return fixed.mux(one, fixed.mux(one, bus, -bus), share).shape()
