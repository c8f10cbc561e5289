"""Specs of the folded engine: where each parameter is in memory, and when what visits it.

A *lane* holds the parameters of every `lanes`-th neuron, a word each: θ, and the bit of its
perturbation where it has one of its own. A *pass* visits them all, and so makes both evaluations of
a sample: layer by layer; of a layer, a *group* of as many neurons as there are lanes at once; of
these, one input after the other, the bias last. `spec.derive` makes specs of a config.
"""

from spec.folded.engine import FoldedSpec
from spec.folded.latency import (
    ADDRESS_LATENCY,
    DRAIN_LATENCY,
    MEMORY_LATENCY,
    POOL_LATENCY,
    PORT_LATENCY,
    SAMPLE_LATENCY,
    SHORTEST_GROUP,
    START_LATENCY,
    SUM_LATENCY,
    UPDATE_LATENCY,
    WRITE_LATENCY,
    WRITING,
)
from spec.folded.layer import FoldedLayerSpec, ImageSpec, stores_samples

__all__ = [
    "ADDRESS_LATENCY",
    "DRAIN_LATENCY",
    "MEMORY_LATENCY",
    "POOL_LATENCY",
    "PORT_LATENCY",
    "SAMPLE_LATENCY",
    "SHORTEST_GROUP",
    "START_LATENCY",
    "SUM_LATENCY",
    "UPDATE_LATENCY",
    "WRITE_LATENCY",
    "WRITING",
    "FoldedLayerSpec",
    "FoldedSpec",
    "ImageSpec",
    "stores_samples",
]
