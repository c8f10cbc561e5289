"""Only the weights that changed are sent, but all of them after a time-out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim.external import train
from sim.external.pins import Answer
from sim.external.weight_pins import Outputs, StreamWeightPins
from sim.simulators import Simulator
from tests.conftest import need
from tests.plants import external

P = 9


class Counts(Answer):
    """A plant that counts the weights it got for each evaluation, and may be silent once."""

    def __init__(self, config: Any, silent: int = -1) -> None:
        super().__init__(config)
        self.silent, self.counts, self.before = silent, list[int](), 0

    def ask(self, clock: int, outputs: Outputs) -> None:
        assert isinstance(self.pins, StreamWeightPins)
        self.counts.append(self.pins.received - self.before)
        self.before = self.pins.received
        if self.asked != self.silent:
            super().ask(clock, outputs)


def counts(builds: Path, silent: int = -1, **keys: Any) -> list[int]:
    """Train, and return how many weights each evaluation took."""
    need(Simulator.VERILATOR)
    ways = {"weights": "stream", "cost_in": "stream", "timeout": 60, "parameters": P}
    config = external(**ways, check_every=99, **keys)
    plant = Counts(config, silent)
    train.run(train.prepare(config, builds), config, 1, plant=plant)
    return plant.counts


def test_one_cell_at_a_time_is_one_weight_an_evaluation(builds: Path) -> None:
    """The cell that moved goes back, the next one moves: two in a step."""
    found = counts(builds, perturbation="tm", steps=50)
    assert found[:2] == [P, 1]
    assert set(found[2:]) <= {0, 1}  # 0: an update went as far as the perturbation
    assert sum(found[2:]) >= 0.9 * len(found[2:])


@pytest.mark.parametrize("silent", [3, 20])
def test_all_weights_after_a_time_out(silent: int, builds: Path) -> None:
    """Once, for the same evaluation; then only those that change."""
    found = counts(builds, silent, perturbation="tm", steps=50)
    assert found[silent + 1] == P
    assert max(found[1 : silent + 1] + found[silent + 2 :]) == 1


def test_a_held_baseline_is_not_sent_again(builds: Path) -> None:
    """With an update every four steps, and a perturbation that lasts for two."""
    found = counts(builds, perturbation="tm", steps=40, tau_theta=4, tau_x=4, tau_p=2)
    assert found[0] == P
    assert sum(found[1:]) <= 2 * 40


def test_all_cells_at_once_are_all_weights(builds: Path) -> None:
    found = counts(builds, steps=20, eta=-9)
    assert found == [P] * len(found)
