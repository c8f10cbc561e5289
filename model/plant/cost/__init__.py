"""Costs: a file each."""

from __future__ import annotations

from model.number.fixed import Ints
from model.plant.cost.cross_entropy import cross_entropy
from model.plant.cost.mse import mean_squared_error
from spec.plant import CostSpec, CrossEntropySpec, MeanSquaredErrorSpec


def cost_of(spec: CostSpec, y: Ints, t: Ints) -> Ints:
    """Compute C of y and t, in LSBs of a cost.

    Parameters
    ----------
    spec : CostSpec
    y, t : array of int, shape (…, outputs)
        In LSBs of an output.
    """
    match spec:
        case MeanSquaredErrorSpec():
            return mean_squared_error(spec, y, t)
        case CrossEntropySpec():
            return cross_entropy(spec, y, t)
    raise NotImplementedError(f"no golden model of {spec}")


__all__ = ["cost_of"]
