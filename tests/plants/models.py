"""Plants that configs of tests name; also what users write wrong."""

from __future__ import annotations

import math
import os
import signal
from typing import Any

import numpy as np


class Quadratic:
    """Mean square distance to a place of each sample's own, with noise of its own if wanted."""

    def __init__(
        self, parameters: int = 4, samples: int = 1, spread: float = 0.5, noise: float = 0.0
    ) -> None:
        self.parameters, self.samples = parameters, samples
        rng = np.random.default_rng(parameters)
        self.places = spread * rng.uniform(-1, 1, (samples, parameters))
        self._noise, self._rng = noise, np.random.default_rng(1)

    def __call__(self, theta: Any, sample: int) -> float:
        cost = float(np.square(theta - self.places[sample]).mean())
        return cost + (self._noise and abs(self._rng.normal(0, self._noise)))


class Accurate(Quadratic):
    """One that says how many samples are near."""

    def accuracy(self, theta: Any) -> float:
        return float(np.mean(np.abs(theta - self.places).max(axis=1) < 0.25))


class Fails(Quadratic):
    """One that is well for some evaluations, and then does what it is told to."""

    def __init__(self, how: str, after: int = 5, **options: Any) -> None:
        super().__init__(**options)
        self._how, self._left = how, after

    def __call__(self, theta: Any, sample: int) -> Any:
        self._left -= 1
        if self._left > 0:
            return super().__call__(theta, sample)
        if self._how == "raises":
            raise ZeroDivisionError("a plant of many\nlines")
        if self._how == "exits":
            raise SystemExit(0)
        return {"nan": math.nan, "none": None, "many": np.zeros(3), "text": "x"}[self._how]


class Layers:
    """A network of two layers, to which the inputs of samples go; it puts out its outputs."""

    samples = 1

    def __init__(self, inputs: int = 2, hidden: int = 3, outputs: int = 1) -> None:
        self._first, self._second = (hidden, inputs + 1), (outputs, hidden + 1)
        self._split = hidden * (inputs + 1)
        self.parameters = self._split + outputs * (hidden + 1)

    def __call__(self, theta: Any, x: Any) -> Any:
        first, second = np.split(theta, [self._split])
        first, second = first.reshape(self._first), second.reshape(self._second)
        hidden = np.tanh(2 * (first[:, :-1] @ x + first[:, -1]))
        return 1 / (1 + np.exp(-2 * (second[:, :-1] @ hidden + second[:, -1])))


class Error(Layers):
    """The same, but it puts out a cost: how far its outputs are from the middle."""

    def __call__(self, theta: Any, x: Any) -> Any:
        return float(np.mean((super().__call__(theta, x) - 0.5) ** 2))


class Infinite(Quadratic):
    """One whose cost knows no bounds."""

    def __call__(self, theta: Any, sample: int) -> float:
        return math.inf if theta[0] > 0 else -math.inf


class Refuses:
    """One that does not like its options."""

    def __init__(self, **options: Any) -> None:
        raise ValueError(f"cannot have\n{options}")


class Without:
    """One that does not say how many parameters it has."""

    samples = 1


class Leaves:
    """One that ends the process."""

    def __init__(self) -> None:
        raise SystemExit(0)


class Wrong:
    """One with other numbers than it may have."""

    def __init__(self, parameters: Any = 1, samples: Any = 1) -> None:
        self.parameters, self.samples = parameters, samples


number = 3


class Interrupts(Quadratic):
    """One at which the user says that it is enough."""

    def __init__(self, after: int = 50, **options: Any) -> None:
        super().__init__(**options)
        self._left = after

    def __call__(self, theta: Any, sample: int) -> float:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGTERM)
        return super().__call__(theta, sample)


class Inaccurate(Quadratic):
    """One that does not know how accurate it is."""

    def __init__(self, how: str, **options: Any) -> None:
        super().__init__(**options)
        self._how = how

    def accuracy(self, theta: Any) -> Any:
        return {"nan": math.nan, "none": None, "text": "x", "more": 1.5}[self._how]
