"""Fewer samples than there is room for: one gateware, any number of them, in lockstep."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hdl.trainer import Trainer
from sim.simulators import Simulator, to_verilog
from sim.verify import verify
from tests.configs import first_samples, perceptron

KEYS: dict[str, Any] = {"steps": 60, "check_every": 9, "samples": 7, "eta": 0}
CASES = {
    "random": perceptron(2, 2, 1, room=16, **KEYS),
    "no power of two": perceptron(2, 2, 1, room=11, binary_targets=True, **KEYS),
    "no more room": perceptron(2, 2, 1, room=7, **KEYS),
    "in sequence": perceptron(2, 2, 1, room=16, order="sequential", **KEYS),
    "overlapped": perceptron(2, 2, 1, room=16, update_delay="auto", **KEYS),
    "several outputs": perceptron(3, 4, 3, room=9, **KEYS),
}


@pytest.mark.parametrize("name", CASES)
def test_one_gateware_for_any_number(name: str, icarus: Simulator, builds: Path) -> None:
    config = CASES[name]
    source, digests = to_verilog(Trainer(config, probe=True)), set()
    for count in (7, 4, 1):
        result = verify(first_samples(config, count), icarus, builds, source=source)
        assert result.mismatches == []
        assert result.steps == 60
        digests.add(result.theta_digest)
    assert len(digests) == 3
