"""The judge of the golden model: the loop in float64, one run at a time, and true gradients.

Deliberately plain: each equation of the loop stands here once, under its own name. They are written
from the published algorithms, with η, Δθ and every τ by their meaning; nothing here knows a shift,
a width or a polynomial. Only operators act on θ, G and costs, so that numbers that carry an error
bound can take the place of float64 (`tests/model/ball.py`).
"""

from __future__ import annotations

import itertools
import math
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spec import derive
from spec.activation import Activation
from spec.config import Config
from spec.tasks import Order
from spec.training import Estimator

Array = NDArray[np.float64]

LIMIT = 8.0
"""Where relu and identity saturate."""


def plan(z: Array) -> Array:
    """Sigmoid in four lines (PLAN); it steps down by 1/256 at |z| = 2.375, as published."""
    a = np.abs(z)
    f = np.where(a < 1, a / 4 + 0.5, np.where(a < 2.375, a / 8 + 0.625, a / 32 + 0.84375))
    f = np.where(a < 5, f, 1.0)
    return np.where(z < 0, 1 - f, f)


def plan_slope(z: Array) -> Array:
    """Slope of PLAN within its lines."""
    a = np.abs(z)
    return np.where(a < 1, 1 / 4, np.where(a < 2.375, 1 / 8, np.where(a < 5, 1 / 32, 0.0)))


def sigmoid(z: Array) -> Array:
    """Logistic function, written so that it cannot overflow."""
    return 0.5 + 0.5 * np.tanh(z / 2)


def inside(z: Array, low: float, high: float) -> Array:
    """1 where z lies between the limits, else 0: the slope of a clamp."""
    return ((low < z) & (z < high)).astype(np.float64)


FUNCTIONS: dict[Activation, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    Activation.HARD_TANH: (lambda z: np.clip(z, -1, 1), lambda z: inside(z, -1, 1)),
    Activation.HARD_SIGMOID: (lambda z: np.clip(z / 4 + 0.5, 0, 1), lambda z: inside(z, -2, 2) / 4),
    Activation.PLAN: (plan, plan_slope),
    Activation.SIGMOID: (sigmoid, lambda z: sigmoid(z) * sigmoid(-z)),
    Activation.TANH: (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    Activation.RELU: (lambda z: np.clip(z, 0, LIMIT), lambda z: inside(z, 0, LIMIT)),
    Activation.IDENTITY: (lambda z: np.clip(z, -LIMIT, LIMIT), lambda z: inside(z, -LIMIT, LIMIT)),
}
"""Each activation as a real function, with its derivative (0 where it saturates)."""


def angle(a: Array, b: Array) -> float:
    """Angle between two vectors other than zero, in degrees."""
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    return math.degrees(2 * math.atan2(np.linalg.norm(a - b), np.linalg.norm(a + b)))


class Reference:
    """One training run of Algorithm 1, the discrete loop, in float64.

    θ is a flat vector of P values: layer by layer, neuron by neuron, weights then bias (whose
    input is +1). All attributes are in real units, not in LSBs.

    Parameters
    ----------
    config : Config
        What to train. Of the formats only θ's range is used, and only to clip.
    rng : numpy.random.Generator
        Draws the initial θ (uniform in ±2**init), the samples and the perturbations.
    clip : bool
        Whether θ saturates at the range of formats.theta, as in hardware.

    Attributes
    ----------
    n : int
        Steps done.
    theta, theta_tilde, G : ndarray of float64, shape (P,)
        Parameters, their perturbations of ±Δθ, and G = Σ C̃·θ̃/Δθ² since the last update, or with
        momentum what decays of it.
    C0, C, C_tilde : float
        Cost without and with the perturbation, and C̃ = C - C0, as of the last step. With the
        antithetic estimator, C0 is that of -θ̃.
    found : deque of ndarray
        What the last steps found that is not in G yet: D of them.
    """

    def __init__(self, config: Config, rng: np.random.Generator, clip: bool = True) -> None:
        training, data, theta = config.training, config.data, derive.theta(config)
        self.config, self.rng = config, rng
        self.tau_p, self.tau_x, self.tau_theta = training.tau_p, training.tau_x, training.tau_theta
        self.eta, self.amplitude = 2.0**training.eta, 2.0**training.amplitude
        self.kept = 1 - 2.0**-training.momentum  # of G, by an update
        self.estimator, self.delay = training.estimator, config.update_delay
        lsb = 2.0**-theta.fraction_bits
        self.bounds = (theta.minimum * lsb, theta.maximum * lsb) if clip else (-math.inf, math.inf)
        one = 2.0**data.fraction_bits
        self.x = np.array(data.x) / (1.0 if config.task.inputs.binary else one)
        self.t = np.array(data.t) / one
        self.shapes = [(b, a + 1) for a, b in itertools.pairwise(config.network.layers)]
        weights = [weights for neurons, weights in self.shapes for _ in range(neurons)]
        self.bias = np.repeat(np.cumsum(weights) - 1, weights)  # of each cell's neuron

        self.n, self.sample = 0, -1
        self.theta = rng.uniform(-(2.0**training.init), 2.0**training.init, sum(weights))
        self.theta_tilde = np.zeros_like(self.theta)
        self.G = 0 * self.theta
        self.C0 = self.C = self.C_tilde = 0.0
        self.found: deque[Array] = deque()
        self.used = 0  # steps of which G has heard
        self.moved = False  # θ, since C0 was measured

    def step(self) -> None:
        """Do one step of Algorithm 1: θ is updated before C0 is measured, so C0 is never stale."""
        new_sample = self.n % self.tau_x == 0
        if new_sample:
            self.sample = self.next_sample()
        self.update()
        if self.n % self.tau_p == 0:
            self.theta_tilde = self.perturbation()
        if self.estimator is Estimator.ANTITHETIC:
            self.C0 = self.evaluate(self.theta - self.theta_tilde)
        elif new_sample or self.moved:
            self.C0 = self.evaluate(self.theta)
        self.moved = False
        self.C = self.evaluate(self.theta + self.theta_tilde)
        self.C_tilde = self.C - self.C0
        self.found.append(self.estimate())
        if len(self.found) > self.delay:
            self.accumulate()
        self.n += 1

    def accumulate(self) -> None:
        """G ← G + what was found D steps ago."""
        self.G = self.G + self.found.popleft()
        self.used += 1

    def update(self) -> None:
        """θ ← θ - η·G after every τ_θ steps of which G has heard; then G ← 0, or decays."""
        if self.used and self.used % self.tau_theta == 0:
            self.theta = (self.theta - self.eta * self.G).clip(*self.bounds)
            self.G = self.decayed(self.G)
            self.used, self.moved = 0, True

    def decayed(self, G: Array) -> Array:
        """What an update leaves of G: nothing, or with momentum 1 - 2**-momentum of it."""
        return self.kept * G

    def drain(self) -> None:
        """Use all that was found, as is done before a check."""
        self.update()
        while self.found:
            self.accumulate()
            self.update()

    def evaluate(self, theta: Array) -> float:
        """Cost of the current sample."""
        return self.cost(theta, self.x[self.sample], self.t[self.sample])

    def estimate(self) -> Array:
        """Gradient that this step saw: C̃·θ̃/Δθ², on average ∂C/∂θ.

        Half of it with the antithetic estimator, where C̃ spans 2·θ̃. With node perturbation a
        neuron's θ̃/Δθ² makes ∂C/∂z of its sum z, and each of its cells multiplies that by its own
        input of the perturbed evaluation: ∂z/∂w = x.
        """
        correlated = self.C_tilde * self.theta_tilde / self.amplitude**2
        if self.estimator is Estimator.ANTITHETIC:
            return correlated / 2
        if self.estimator is Estimator.NODE:
            return correlated[self.bias] * self.inputs()
        return correlated

    def run(self, steps: int) -> None:
        """Do so many steps."""
        for _ in range(steps):
            self.step()

    def train(self) -> int | None:
        """Run until solved, looking every `check_every` steps; return the steps, None if never."""
        training = self.config.training
        while self.n < training.steps:
            self.run(min(training.check_every, training.steps - self.n))
            self.drain()
            solved = self.mean_cost() <= training.solved_cost
            if solved and self.accuracy() >= training.solved_accuracy:
                return self.n
        return None

    def next_sample(self) -> int:
        """Draw the index of the next sample."""
        if self.config.task.order is Order.SEQUENTIAL:
            return (self.sample + 1) % len(self.x)
        return int(self.rng.integers(len(self.x)))

    def perturbation(self) -> Array:
        """Draw ±Δθ for every parameter; with node perturbation for biases, so for the sums z."""
        drawn = self.rng.integers(2, size=len(self.bias))
        signed = np.where(drawn, -self.amplitude, self.amplitude)
        if self.estimator is Estimator.NODE:
            signed[self.bias != np.arange(len(self.bias))] = 0
        return signed

    def layers(self, theta: Array) -> list[Array]:
        """Split θ into a matrix for each layer; a row is a neuron, its last column the bias."""
        matrices, start = [], 0
        for neurons, weights in self.shapes:
            matrices.append(theta[start : start + neurons * weights].reshape(neurons, weights))
            start += neurons * weights
        return matrices

    def forward(self, theta: Array, x: Array) -> tuple[list[Array], list[Array]]:
        """Return each layer's sums z, and the activations a from a[0] = x, a sample or several."""
        z, a = [], [x]
        for index, w in enumerate(self.layers(theta)):
            z.append(a[-1] @ w[:, :-1].T + w[:, -1])
            a.append(self.activate(index, z[-1]))
        return z, a

    def activate(self, layer: int, z: Array) -> Array:
        """Apply the activation of a layer."""
        return FUNCTIONS[self.config.network.activations[layer]][0](z)

    def inputs(self) -> Array:
        """Input x of every cell in the perturbed evaluation, 1 for biases; shape (P,)."""
        return self.spread(self.forward(self.theta + self.theta_tilde, self.x[self.sample])[1])

    def spread(self, a: list[Array], bias: float = 1.0) -> Array:
        """Give every cell its neuron's input, from all activations a of a sample; shape (P,)."""
        layers = zip(a[:-1], self.shapes, strict=True)
        return np.concatenate([np.tile(np.append(x, bias), neurons) for x, (neurons, _) in layers])

    def cost(self, theta: Array, x: Array, t: Array) -> Any:
        """Mean squared error over the outputs, of one sample or of each."""
        return ((self.forward(theta, x)[1][-1] - t) ** 2).mean(axis=-1)

    def mean_cost(self) -> float:
        """Cost at θ, unperturbed, averaged over all samples."""
        return float(self.cost(self.theta, self.x, self.t).mean())

    def accuracy(self) -> float:
        """Fraction of samples with the right class: y > 1/2, or the first largest y of several."""
        y = self.forward(self.theta, self.x)[1][-1]
        classes = y[:, 0] > 0.5 if y.shape[1] == 1 else y.argmax(axis=1)
        return float(np.mean(classes == np.array(self.config.data.classes)))

    def gradient_finite_difference(self, sample: int | None = None, h: float = 1e-6) -> Array:
        """∂C/∂θ of one sample, or of the mean cost over all, by central differences of ±h."""
        rows = slice(None) if sample is None else [sample]
        x, t = self.x[rows], self.t[rows]
        costs = [
            self.cost(self.theta + d, x, t).mean() - self.cost(self.theta - d, x, t).mean()
            for d in h * np.eye(len(self.theta))
        ]
        return np.array(costs) / (2 * h)

    def gradient_backpropagation(self, sample: int | None = None) -> Array:
        """∂C/∂θ of one sample, or of the mean cost over all, by the chain rule."""
        rows = slice(None) if sample is None else [sample]
        z, a = self.forward(self.theta, self.x[rows])
        error = 2 * (a[-1] - self.t[rows]) / a[-1].size  # ∂C/∂a; the mean over samples and outputs
        gradient: list[Array] = []
        for index, w in reversed(list(enumerate(self.layers(self.theta)))):
            _, derivative = FUNCTIONS[self.config.network.activations[index]]
            delta = error * derivative(z[index])  # ∂C/∂z
            inputs = np.column_stack([a[index], np.ones(len(a[index]))])
            gradient.insert(0, (delta.T @ inputs).ravel())
            error = delta @ w[:, :-1]
        return np.concatenate(gradient)


class AnalogReference(Reference):
    """One training run of Algorithm 2, the analog loop, in float64.

    Two filters take the place of C0 and of the sum: C̃ is the cost after a high-pass, and G a
    low-pass of C̃·θ̃/Δθ², never reset, by which θ moves in every step. A time constant τ is in
    steps and leaves 1 - 1/τ of the past; it is the published one, which leaves τ/(τ + dt), plus dt.
    The high-pass sees nothing between samples: τ_x must be above 1, or θ never moves.

    Parameters
    ----------
    config, rng, clip
        As for `Reference`. training.tau_theta is the low-pass's time constant; 1 filters nothing.
    tau_hp : float
        The high-pass's, above 1; the published runs have 1.6 + 1.

    Attributes
    ----------
    n, theta, theta_tilde, C
        As for `Reference`. C0 is not used.
    C_tilde : float
        The cost after the high-pass.
    G : ndarray of float64, shape (P,)
        The gradient after the low-pass.
    """

    def __init__(
        self, config: Config, rng: np.random.Generator, tau_hp: float, clip: bool = True
    ) -> None:
        super().__init__(config, rng, clip)
        self.tau_hp = tau_hp

    def step(self) -> None:
        """Do one step of Algorithm 2: the step in cost that a new sample makes is left out."""
        new_sample = self.n % self.tau_x == 0
        if new_sample:
            self.sample = self.next_sample()
        if self.n % self.tau_p == 0:
            self.theta_tilde = self.perturbation()
        before = self.C
        self.C = self.evaluate(self.theta + self.theta_tilde)
        change = 0.0 if new_sample else self.C - before
        self.C_tilde = self.high_passed(self.C_tilde + change)
        self.G = self.low_passed(self.G, self.estimate())
        self.theta = (self.theta - self.eta * self.G).clip(*self.bounds)
        self.n += 1

    def high_passed(self, total: Any) -> Any:
        """What the high-pass leaves of C̃ and the step in cost."""
        return (1 - 1 / self.tau_hp) * total

    def low_passed(self, G: Array, e: Array) -> Array:
        """G after an estimate e."""
        return (1 - 1 / self.tau_theta) * G + e / self.tau_theta

    def drain(self) -> None:
        """Nothing waits: every step updates at once."""
