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


def of_node(
    m: Module, perturbation: Perturbation, u: fixed.Value, minus_u: fixed.Value, tilde: Any,
    initialise: Value,
) -> fixed.Value:  # fmt: skip
    """Return u·θ̃/Δθ of a neuron, by the perturbation of its bias cell."""
    amount = perturbation.correlated(m, u, tilde, initialise)
    signed = fixed.mux(tilde.plus, amount, minus_u if amount is u else -amount)
    nothing = fixed.constant(amount.shape(), 0)
    exact = fixed.mux(perturbation.active(tilde), signed, nothing)
    return fixed.named(m, exact, "of_node")


def by_node(
    m: Module, of_node: fixed.Value, minus_of_node: fixed.Value, x: Any, spec: SignalSpec,
    initial: fixed.Value, initialise: Value,
) -> Contribution:  # fmt: skip
    """Return RNE(of_node·x) of a cell with an input; of a bias cell, whose x is None, `of_node`.

    Of the initial θ, `initial`: ±u by the cell's own bit.
    """
    learned = of_node
    if x is not None:
        exact = fixed.named(m, product(of_node, x, spec, minus_of_node), "of_node_times_x")
        learned = exact.reshape(initial.shape().f_bits, Rounding.NEAREST_EVEN)
    return fixed.named(m, fixed.mux(initialise, initial, learned), "contribution"), Const(0, 1)


def shape(
    perturbation: Perturbation, u: fixed.Shape, spec: SignalSpec | None, *, bias: bool
) -> fixed.Shape:
    """Shape of a contribution; `spec` is what cells multiply, for node perturbation only."""
    one, amount = Signal(), fixed.signal(perturbation.amount(u))
    if spec is None:
        return fixed.SQ(amount.shape().i_bits, amount.shape().f_bits)
    bus, learned = fixed.signal(u), fixed.mux(one, amount, -amount)
    if not bias:
        x: Any = Signal(shapes.signal(spec), name="x")
        learned = product(learned, x, spec).reshape(u.f_bits, Rounding.NEAREST_EVEN)
    return fixed.mux(one, fixed.mux(one, bus, -bus), learned).shape()
