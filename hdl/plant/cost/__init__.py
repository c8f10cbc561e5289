"""Costs: a file each."""

from __future__ import annotations

from hdl.plant.cost.cross_entropy import CrossEntropy
from hdl.plant.cost.mse import MeanSquaredError
from spec.plant import CostSpec, CrossEntropySpec, MeanSquaredErrorSpec


def cost_of(spec: CostSpec) -> MeanSquaredError | CrossEntropy:
    """Return the component that computes a cost."""
    match spec:
        case MeanSquaredErrorSpec():
            return MeanSquaredError(spec)
        case CrossEntropySpec():
            return CrossEntropy(spec)
    raise NotImplementedError(f"no gateware of {spec}")


__all__ = ["CrossEntropy", "MeanSquaredError", "cost_of"]
