"""What a plant's model says of its own accuracy."""

from __future__ import annotations

import math
from typing import Any

from model.number.fixed import Ints, shift_right
from spec import derive
from spec.external.config import ExternalConfig
from spec.external.model import said
from spec.numbers import Rounding


def accuracy_of(config: ExternalConfig, theta: Ints) -> float | None:
    """Return the fraction of a plant's samples that come out right; None if it does not say.

    Parameters
    ----------
    config : ExternalConfig
    theta : array of int, shape (P,)
        In LSBs; the plant has its top bits.

    Raises
    ------
    RuntimeError
        If the model fails, or returns no fraction.
    """
    plant: Any = config.model()
    if not hasattr(plant, "accuracy"):
        return None
    weight = derive.weight(config)
    dropped = derive.theta(config).fraction_bits - weight.fraction_bits
    seen = shift_right(theta, dropped, Rounding.TRUNCATE)
    try:
        found = float(plant.accuracy(seen * math.ldexp(1.0, -weight.fraction_bits)))
    except (Exception, SystemExit) as error:  # it is the user's, and may raise anything
        raise RuntimeError(f"accuracy of the plant's model: {said(error)}") from None
    if not 0 <= found <= 1:
        raise RuntimeError(f"accuracy of the plant's model: must be from 0 to 1, not {found}")
    return found
