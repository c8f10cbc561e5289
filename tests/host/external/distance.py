"""A plant whose cost is how far its weights are from numbers of each sample."""

from __future__ import annotations

from collections.abc import Iterable


def target(parameter: int, sample: int) -> float:
    """Where a weight is to be."""
    return (parameter - 2 + sample % 2) / 8


class Distance:
    """The sum of |w - target|."""

    def __init__(self, parameters: int = 5, samples: int = 2) -> None:
        self.parameters, self.samples = parameters, samples

    def __call__(self, theta: Iterable[float], sample: int) -> float:
        return float(sum(abs(w - target(k, sample)) for k, w in enumerate(theta)))
