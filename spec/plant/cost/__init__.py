"""Costs: a file each."""

from spec.plant.cost.base import Cost, CostSpec
from spec.plant.cost.cross_entropy import CrossEntropySpec
from spec.plant.cost.mse import MeanSquaredErrorSpec

SPECS: dict[Cost, type[CostSpec]] = {
    Cost.MSE: MeanSquaredErrorSpec,
    Cost.CROSS_ENTROPY: CrossEntropySpec,
}
"""What each is."""

__all__ = ["SPECS", "Cost", "CostSpec", "CrossEntropySpec", "MeanSquaredErrorSpec"]
