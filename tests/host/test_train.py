"""What training says of many runs."""

from __future__ import annotations

import numpy as np

from host.train import Training, median
from model.trainer import Run
from spec.config import Config
from tests.conftest import EXAMPLES

XOR = Config.load(EXAMPLES / "xor.toml")


def run(seed: int, solved: bool, steps: int) -> Run:
    return Run(seed, solved, steps, steps * 21, 4, 9, np.array([1, 2]))


def test_median_counts_unsolved_runs_as_infinite() -> None:
    """Unsolved runs count wherever they are, and whatever number of steps they made."""
    good, bad = [run(1, True, 300), run(2, True, 100)], [run(3, False, 1), run(4, False, 1)]
    assert median(good, "steps") == 200
    assert median(good, "clocks") == 200 * 21
    assert median(bad[:1] + good, "steps") == 300
    assert median(good + bad, "steps") is None
    assert median(bad, "clocks") is None


def test_json_has_that_median() -> None:
    runs = [run(1, True, 100), run(2, False, 9), run(3, True, 300)]
    made = Training("model", XOR, runs).to_json()
    assert (made["solved"], made["median_steps"]) == (2, 300)
    made = Training("model", XOR, runs[:2]).to_json()
    assert (made["solved"], made["median_steps"]) == (1, None)
