"""Node perturbation: G is the gradient, though only biases perturb."""

from __future__ import annotations

import numpy as np
import pytest

from model.reference import angle
from tests.configs import perceptron
from tests.model.bench import FINE, FIXED, Bench

NEURONS, STEPS = 5, 2048
RANDOM = np.rad2deg(np.arctan(np.sqrt((NEURONS - 1) / STEPS)))
"""Median angle of random codes: the noise of the other neurons, as of P cells in one by one."""

LIMITS = {
    "rcm": 1.3 * RANDOM,
    "cm": 0.5,  # exact after each period, but for curvature and the formats
    "tm": 0.5,
    "fm": 1.5,  # a sine's values are rounded to 1/16 of Δθ
    "fm_square": 1.3 * RANDOM,  # square waves share harmonics, and are no better than chance
}
"""Degrees."""


@pytest.mark.parametrize(("kind", "limit"), LIMITS.items(), ids=LIMITS)
def test_gives_the_gradient(kind: str, limit: float) -> None:
    """On a linear network, in ten networks with four runs each."""
    steps = NEURONS * 400 if kind == "tm" else STEPS
    config = perceptron(
        *(3, 3, 2), hidden="identity", output="identity", binary_targets=True,
        **FIXED | FINE | {"amplitude": -7, "eta": -9, "steps": steps},
        perturbation=kind, estimator="node",
    )  # fmt: skip
    bench = Bench(config, 40, 10)
    G = np.zeros_like(bench.cells.G, dtype=float)
    for _ in bench.slots():
        G = bench.estimate(steps)
    found = G * (NEURONS if kind == "tm" else 1)  # a turn is that of one neuron only
    angles = [angle(ours, true) for ours, true in zip(found, bench.gradient, strict=True)]
    assert np.median(angles) < limit
    if kind == "rcm":
        assert np.median(angles) > RANDOM / 1.3
    sizes = np.linalg.norm(found, axis=1) / np.linalg.norm(bench.gradient, axis=1)
    assert abs(np.median(sizes) - 1) < 0.02
