"""A number times what a neuron takes in."""

from __future__ import annotations

from typing import Any

from hdl.number import fixed
from spec.plant import SignalSpec


def product(
    value: fixed.Value, x: Any, spec: SignalSpec, minus: fixed.Value | None = None
) -> fixed.Value:
    """Return value·x, exactly; a bit needs no multiplier.

    Parameters
    ----------
    value : fixed.Value
    x : fixed.Value or Signal
    spec : SignalSpec
        What x is.
    minus : fixed.Value, optional
        -value, if there is one that several products share.
    """
    if isinstance(x, fixed.Value):
        return value * x
    low = (-value if minus is None else minus) if spec.low else fixed.constant(value.shape(), 0)
    return fixed.mux(x, value, low)
