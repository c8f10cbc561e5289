"""A number times an input of a neuron."""

from __future__ import annotations

from typing import Any

from hdl.number import fixed
from spec.config import Config
from spec.tasks import Inputs


def product(value: fixed.Value, x: Any, config: Config) -> fixed.Value:
    """Return value·x, exactly; binary inputs need no multiplier.

    Parameters
    ----------
    value : fixed.Value
    x : fixed.Value or Signal
        An activation or fixed-point input; or the bit of a binary one.
    config : Config
        What that bit means.
    """
    if isinstance(x, fixed.Value):
        return value * x
    if config.task.inputs is Inputs.BIPOLAR:
        return fixed.mux(x, value, -value)
    return fixed.mux(x, value, fixed.constant(value.shape(), 0))
