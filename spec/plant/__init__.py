"""Small specs of the plant: what each of its components needs to know, with its latency.

`spec.derive` makes them of a config. A latency is stated here, once; the golden model's clocks and
the gateware's components both take it from here, and tests measure it in simulation.
"""

from spec.plant.activation import ActivationSpec
from spec.plant.arithmetic import Engine, Multipliers, Pipeline, tree_latency
from spec.plant.conv import ConvSpec
from spec.plant.cost import SPECS as COST_SPECS
from spec.plant.cost import Cost, CostSpec, CrossEntropySpec, MeanSquaredErrorSpec
from spec.plant.layer import (
    DEFECT_FRACTION,
    DEFECT_INTEGER,
    DEFECT_LATENCY,
    WEIGHT_LATENCY,
    LayerSpec,
)
from spec.plant.network import NetworkSpec
from spec.plant.pool import PoolSpec
from spec.plant.samples import WORD, FoldedSamplesSpec, SamplesSpec
from spec.plant.score import ScoreSpec
from spec.plant.signal import SignalSpec

__all__ = [
    "COST_SPECS",
    "DEFECT_FRACTION",
    "DEFECT_INTEGER",
    "DEFECT_LATENCY",
    "WEIGHT_LATENCY",
    "WORD",
    "ActivationSpec",
    "ConvSpec",
    "Cost",
    "CostSpec",
    "CrossEntropySpec",
    "Engine",
    "FoldedSamplesSpec",
    "LayerSpec",
    "MeanSquaredErrorSpec",
    "Multipliers",
    "NetworkSpec",
    "Pipeline",
    "PoolSpec",
    "SamplesSpec",
    "ScoreSpec",
    "SignalSpec",
    "tree_latency",
]
