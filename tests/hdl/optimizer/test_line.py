"""The delay line of perturbation bits: no two cells ever have the same bit in one evaluation."""

from __future__ import annotations

import pytest

from hdl.plant.network import Network
from spec.config import Config
from spec.timing import Timing
from tests.configs import perceptron, xor
from tests.hdl.cells import QUIET
from tests.hdl.helpers import Row, stream

CONFIGS = {
    "two layers": xor(update_delay="auto", rails=2),
    "three layers": perceptron(3, 4, 2, 3, update_delay="auto", rails=2),
    "one rail": xor(update_delay="auto"),
    "copies of the bus": perceptron(3, 4, 2, 3, update_delay=40, rails=2),
}


def arrivals(config: Config, every: int) -> list[int]:
    """Send one bit down the line; return the evaluation in which each cell has it.

    An evaluation that enters now sees a layer's cells as many clocks later as the layer is late.
    The line shifts in every so many clocks.
    """
    network, timing = Network(config), Timing.of(config)
    ahead = network.broadcast
    clocks = every * (config.parameters + 2) + network.latency + ahead
    rows: list[Row] = [
        {"bus": QUIET | {"perturb": int(k % every == 0)}, "chain": int(0 <= k - ahead < every)}
        for k in range(clocks)
    ]
    outputs = stream(network, rows, ["cells"])
    late = [
        timing.offset(layer) - timing.entry
        for layer, (neurons, weights) in enumerate(config.layer_shapes)
        for _ in range(neurons * weights)
    ]
    found = []
    for cell, delay in enumerate(late):
        bits = [row["cells"][cell]["perturbation"] for row in outputs[delay + ahead :]]
        assert sum(bits) == every
        found.append(bits.index(1) // every)
    return found


@pytest.mark.parametrize("every", [1, 2])
@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_no_two_cells_share_a_bit(config: Config, every: int) -> None:
    found = arrivals(config, every)
    assert len(set(found)) == len(found) == config.parameters
