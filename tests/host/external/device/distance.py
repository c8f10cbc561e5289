"""A plant whose cost is how far its weights are from numbers of each sample."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np


def target(parameter: int, sample: int) -> float:
    """Where a weight is to be."""
    return (parameter - 2 + sample % 2) / 8


class Distance:
    """The sum of |w - target|, and noise of its own; it fails in the call of that number."""

    def __init__(
        self, parameters: int = 5, samples: int = 2, noise: float = 0.0, fails: int = 0
    ) -> None:
        self.parameters, self.samples = parameters, samples
        self.noise, self.fails, self.calls = noise, fails, 0
        self.random = np.random.default_rng(1)

    def __call__(self, theta: Iterable[float], sample: int) -> float:
        self.calls += 1
        if self.calls == self.fails:
            raise ValueError("no light")
        cost = sum(abs(w - target(k, sample)) for k, w in enumerate(theta))
        return float(cost + self.noise * self.random.random())

    def accuracy(self, theta: Iterable[float]) -> float:
        """Of weights that are near."""
        return float(np.mean([abs(w - target(k, 0)) < 0.25 for k, w in enumerate(theta)]))
