"""No word of block RAM is used that is read in the clock in which it is written."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from hdl.trainers import trainer_of
from sim.simulators import Simulator, to_verilog
from sim.verify import verify
from spec.config import Config
from tests.collisions import memories, wrong
from tests.configs import FOLDED, perceptron

POOLED: list[dict[str, Any]] = [
    {"kind": "conv", "channels": 2}, {"kind": "pool"}, {"kind": "dense", "neurons": 2},
]  # fmt: skip
KEYS: dict[str, Any] = {
    "samples": 3, "inputs": "fixed", "steps": 8, "check_every": 3, "eta": -4, **FOLDED
}  # fmt: skip


def image(lanes: int, *shape: int, **keys: Any) -> Config:
    network = {"shape": list(shape), "layer": POOLED}
    return perceptron(math.prod(shape), 2, network=network, lanes=lanes, **KEYS | keys)


CONFIGS = {
    "smallest": perceptron(1, 1, lanes=1, **KEYS),
    "groups": perceptron(3, 5, 2, lanes=2, **KEYS),
    "node": perceptron(20, 5, 2, lanes=2, estimator="node", perturbation="fresh", **KEYS),
    "image": image(2, 4, 4, 2),
    "squares": image(8, 4, 6, 1),
    "mixed": image(8, 4, 6, 1, estimator="node", perturbation="fresh"),
    "one port": perceptron(3, 5, 2, lanes=2, word_ports=1, **KEYS),
    "one port, node": perceptron(
        20, 5, 2, lanes=2, estimator="node", perturbation="fresh", word_ports=1, **KEYS
    ),
    "one port, image": image(2, 6, 6, 1, lane_multipliers=2, word_ports=1),
    "one port, squares": image(8, 4, 6, 1, word_ports=1),
    "one port, mixed": image(8, 4, 6, 1, estimator="node", perturbation="fresh", word_ports=1),
}


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_what_collides_is_not_used(config: Config, icarus: Simulator, builds: Path) -> None:
    source = to_verilog(trainer_of(config, probe=True))
    assert "words" in memories(source)
    assert verify(config, icarus, builds, source=wrong(source)).mismatches == []
    assert verify(config, icarus, builds, source=wrong(source, always=True)).mismatches
