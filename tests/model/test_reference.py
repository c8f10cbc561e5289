"""The float reference judges the golden model; these tests judge the reference.

By mathematics (two ways to a gradient, the angle of R-CM's estimate) and by published numbers.
"""

import itertools
import math
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import assume, given, settings

from model.reference import FUNCTIONS, Array, Reference, angle, plan, sigmoid
from spec import tasks
from spec.activation import Activation
from spec.config import Config, Formats, NetworkShape, Task, Training
from spec.tasks import Inputs, Order

SMOOTH = (Activation.SIGMOID, Activation.TANH)
PIECEWISE = tuple(set(Activation) - set(SMOOTH))
KINKS = {  # where a slope changes, or PLAN steps
    Activation.HARD_TANH: (-1, 1),
    Activation.HARD_SIGMOID: (-2, 2),
    Activation.PLAN: (-5, -2.375, -1, 1, 2.375, 5),
    Activation.RELU: (0, 8),
    Activation.IDENTITY: (-8, 8),
}


def make_reference(
    layers: tuple[int, ...],
    hidden: Activation,
    output: Activation,
    samples: int,
    seed: int,
    scale: float = 1.0,
    **training: Any,
) -> Reference:
    """Make a reference with random fixed-point data and random θ in ±scale."""
    rng = np.random.default_rng(seed)
    bits = Formats().activation_bits
    low, high = (limit * 2.0**-bits for limit in output.range(bits))
    rows = [
        (f"sample {k}", rng.uniform(-2, 1.99, layers[0]), rng.uniform(low, high, layers[-1]))
        for k in range(samples)
    ]
    data = tasks.dataset(rows, Inputs.FIXED, bits, output.range(bits))
    config = Config(
        Task("file", inputs=Inputs.FIXED),
        NetworkShape(layers, hidden, output),
        Formats(),
        Training(**training),
        data,
    )
    reference = Reference(config, rng)
    reference.theta = rng.uniform(-scale, scale, config.parameters)
    return reference


def xor(**training: Any) -> Config:
    """Make the published XOR point: ±1 inputs, 2-2-1, hard tanh and PLAN, η = 1/4, Δθ = 1/8."""
    given = {"task": {"name": "xor"}, "network": {"layers": [2, 2, 1]}, "training": training}
    return Config.from_dict(given)


# The network and its gradients


def check_gradients(reference: Reference) -> None:
    """Backpropagation and central differences agree, for all samples and for each."""
    tolerance = 1e-8 * (1 + reference.mean_cost())  # what cancellation leaves of the difference
    for sample in [None, *range(len(reference.x))]:
        np.testing.assert_allclose(
            reference.gradient_backpropagation(sample),
            reference.gradient_finite_difference(sample),
            rtol=1e-6,
            atol=tolerance,
        )


topologies = st.lists(st.integers(1, 4), min_size=2, max_size=4).map(tuple)
seeds = st.integers(0, 2**32 - 1)


@settings(deadline=None, max_examples=60)
@given(topologies, st.sampled_from(SMOOTH), st.sampled_from(SMOOTH), st.integers(1, 3), seeds)
def test_gradients_agree_for_smooth_activations(
    layers: tuple[int, ...], hidden: Activation, output: Activation, samples: int, seed: int
) -> None:
    check_gradients(make_reference(layers, hidden, output, samples, seed, scale=2))


@settings(deadline=None, max_examples=120)
@given(topologies, st.sampled_from(PIECEWISE), st.sampled_from(PIECEWISE), st.integers(1, 2), seeds)
def test_gradients_agree_for_piecewise_activations_away_from_kinks(
    layers: tuple[int, ...], hidden: Activation, output: Activation, samples: int, seed: int
) -> None:
    reference = make_reference(layers, hidden, output, samples, seed, scale=2)
    sums, _ = reference.forward(reference.theta, reference.x)
    for layer, z in enumerate(sums):
        kinks = np.array(KINKS[reference.config.activation_of(layer)])
        assume(np.abs(z[..., None] - kinks).min() > 1e-3)
    check_gradients(reference)


def test_a_wrong_derivative_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    reference = make_reference((3, 4, 2), Activation.TANH, Activation.SIGMOID, 3, seed=1)
    check_gradients(reference)
    wrong = (np.tanh, lambda z: 1 - np.tanh(z))
    monkeypatch.setitem(FUNCTIONS, Activation.TANH, wrong)
    with pytest.raises(AssertionError):
        check_gradients(reference)


@pytest.mark.parametrize("layers", [(2, 1), (2, 2, 1), (3, 2, 4, 2)])
def test_theta_is_ordered_by_layer_then_neuron_with_the_bias_last(layers: tuple[int, ...]) -> None:
    reference = make_reference(layers, Activation.TANH, Activation.SIGMOID, 2, seed=2)
    functions = [Activation.TANH] * (len(layers) - 2) + [Activation.SIGMOID]
    for x, t in zip(reference.x, reference.t, strict=True):
        theta, a = iter(reference.theta), [float(value) for value in x]
        for neurons, kind in zip(layers[1:], functions, strict=True):
            z = [sum(next(theta) * value for value in [*a, 1]) for _ in range(neurons)]
            a = [math.tanh(v) if kind is Activation.TANH else 1 / (1 + math.exp(-v)) for v in z]
        expected = sum((y - wanted) ** 2 for y, wanted in zip(a, t, strict=True)) / len(t)
        assert float(reference.cost(reference.theta, x, t)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("kind", Activation)
def test_activation_fills_its_range_and_never_falls_but_for_plans_step(kind: Activation) -> None:
    z = np.linspace(-40, 40, 80_001)
    y = FUNCTIONS[kind][0](z)
    low, high = (limit * 2.0**-20 for limit in kind.range(20))
    assert y.min() == pytest.approx(low, abs=2e-6) and y.max() == pytest.approx(high, abs=2e-6)
    assert np.diff(y).min() >= (-1 / 256 if kind is Activation.PLAN else 0)
    slope = FUNCTIONS[kind][1](z)
    assert slope.min() >= 0 and slope[0] == slope[-1] == pytest.approx(0, abs=1e-12)


def test_plan_is_within_its_published_error_of_the_sigmoid() -> None:
    z = np.linspace(-10, 10, 100_001)
    assert 0.0188 < np.abs(plan(z) - sigmoid(z)).max() < 0.0190


def test_accuracy_of_one_output_needs_more_than_half() -> None:
    reference = Reference(xor(), np.random.default_rng(0))
    reference.theta = np.zeros(9)  # y = 1/2 everywhere, which is class 0
    assert reference.accuracy() == 0.5
    reference.theta[-1] = 1  # y > 1/2 everywhere
    assert reference.accuracy() == 0.5
    #                  x0 + x1 - 1    x0 + x1 + 1     a0 - a1 + 1: -1 - -1, -1 - 1, 1 - 1
    reference.theta = np.array([1, 1, -1, 1, 1, 1, -2, 2, -2.0])
    assert reference.accuracy() == 1.0
    reference.theta[-3:] *= -1
    assert reference.accuracy() == 0.0


def test_accuracy_of_several_outputs_takes_the_first_largest() -> None:
    reference = make_reference((1, 3), Activation.TANH, Activation.HARD_TANH, 1, seed=3)
    classes = reference.config.data.classes
    for bias in itertools.product((-0.5, 0.0, 0.5), repeat=3):
        reference.theta = np.array([0, bias[0], 0, bias[1], 0, bias[2]])
        assert reference.accuracy() == (bias.index(max(bias)) == classes[0])


def test_angle_of_known_vectors() -> None:
    assert angle(np.array([2.0, 0]), np.array([3.0, 0])) == 0
    assert angle(np.array([1.0, 0]), np.array([1.0, 1])) == pytest.approx(45)
    assert angle(np.array([1.0, 1]), np.array([-2.0, -2])) == 180


# The loop


def check_loop(reference: Reference, steps: int) -> None:
    """Hold every step against the loop's definition, with sums kept here."""
    training = reference.config.training
    amplitude, eta = 2.0**training.amplitude, 2.0**training.eta
    theta = np.array(reference.theta)
    gradient = np.zeros_like(theta)
    theta_tilde, sample = reference.theta_tilde, reference.sample
    for n in range(steps):
        if n > 0 and n % training.tau_theta == 0:
            theta = np.clip(theta - eta * gradient, -2, 2 - 2**-6)
            gradient = np.zeros_like(theta)
        reference.step()
        np.testing.assert_allclose(reference.theta, theta, rtol=0, atol=1e-12)
        assert set(np.abs(reference.theta_tilde)) == {amplitude}
        if n % training.tau_p:
            assert (reference.theta_tilde == theta_tilde).all()
        if n % training.tau_x:
            assert reference.sample == sample
        theta_tilde, sample = reference.theta_tilde, reference.sample
        x, t = reference.x[sample], reference.t[sample]
        assert reference.C0 == reference.cost(reference.theta, x, t)
        assert reference.C == reference.cost(reference.theta + theta_tilde, x, t)
        assert reference.C_tilde == reference.C - reference.C0
        gradient = gradient + reference.C_tilde * theta_tilde / amplitude**2


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 7), st.integers(1, 7), st.integers(1, 7), seeds)
def test_loop_does_what_its_definition_says(
    tau_p: int, tau_x: int, tau_theta: int, seed: int
) -> None:
    config = xor(tau_p=tau_p, tau_x=tau_x, tau_theta=tau_theta)
    check_loop(Reference(config, np.random.default_rng(seed)), 60)


class StaleC0(Reference):
    """Algorithm 1 read literally: C0 is measured, then θ updated."""

    def step(self) -> None:
        theta = self.theta
        super().step()
        if (self.n - 1) % self.tau_theta == 0:
            fresh = self.C0
            self.C0 = float(self.cost(theta, self.x[self.sample], self.t[self.sample]))
            self.C_tilde = self.C - self.C0
            self.G = self.G + (fresh - self.C0) * self.theta_tilde / self.amplitude**2


class FlippedSign(Reference):
    """θ climbs the cost."""

    def step(self) -> None:
        self.eta = -abs(self.eta)
        super().step()


class LateCorrelation(Reference):
    """C̃ is correlated with the perturbation before."""

    def step(self) -> None:
        gradient, theta_tilde = self.G, self.theta_tilde
        super().step()
        self.G = gradient + self.C_tilde * theta_tilde / self.amplitude**2


class LazyPerturbation(Reference):
    """The perturbation is drawn at every step, whatever τ_p."""

    def step(self) -> None:
        self.tau_p = 1
        super().step()


@pytest.mark.parametrize("fault", [StaleC0, FlippedSign, LateCorrelation, LazyPerturbation])
def test_a_fault_in_the_loop_is_caught(fault: type[Reference]) -> None:
    config = xor(tau_p=2, tau_x=4, tau_theta=4)
    check_loop(Reference(config, np.random.default_rng(1)), 60)
    with pytest.raises(AssertionError):
        check_loop(fault(config, np.random.default_rng(1)), 60)


@pytest.mark.parametrize("order", Order)
def test_samples_come_in_the_order_asked_for(order: Order) -> None:
    given = {"task": {"name": "xor", "order": order.value}, "network": {"layers": [2, 2, 1]}}
    reference = Reference(Config.from_dict(given), np.random.default_rng(5))
    drawn = []
    for _ in range(400):
        reference.step()
        drawn.append(reference.sample)
    if order is Order.SEQUENTIAL:
        assert drawn == [0, 1, 2, 3] * 100
    else:  # each of the 16 pairs is as frequent as any other, within 5 σ of 25 ± 5
        pairs = [drawn[k : k + 2] for k in range(399)]
        assert all(0 < pairs.count([a, b]) < 50 for a in range(4) for b in range(4))


# What the loop estimates


REPEATS, TIMES = 12, (1, 4, 16, 64)


def estimates(kind: type[Reference] = Reference) -> tuple[Array, list[dict[int, Array]]]:
    """Accumulate G at fixed θ and sample, after multiples of P - 1 steps; the true gradient."""
    runs = []
    for seed in range(REPEATS):
        reference = make_reference(
            (4, 8, 1), Activation.TANH, Activation.SIGMOID, 1, 7, amplitude=-10, tau_theta=65535
        )
        gradient = reference.gradient_backpropagation()
        reference.__class__ = kind
        reference.rng = np.random.default_rng(seed)
        run = {}
        for steps in (times * (len(gradient) - 1) for times in TIMES):
            reference.run(steps - reference.n)
            run[steps] = reference.G
        runs.append(run)
    return gradient, runs


def check_angles(gradient: Array, runs: list[dict[int, Array]]) -> None:
    """The angle to the true gradient shrinks like atan(√((P-1)/N)): 45° at N = P-1.

    tan² of a run is about χ² with P-1 degrees of freedom, so that the root mean square of R runs
    spreads by 1/√(2(P-1)R); 4 of these are allowed. On top, the fluctuation of the component along
    the gradient (a² with variance up to 2, in the denominator) adds up to 3/N, and the expression
    itself leaves out up to 1/(P-1).
    """
    free = len(gradient) - 1
    for steps in runs[0]:
        tangents = [math.tan(math.radians(angle(run[steps], gradient))) for run in runs]
        measured = np.sqrt(np.mean(np.square(tangents)))
        tolerance = 4 / math.sqrt(2 * free * len(runs)) + 3 / steps + 1 / free
        assert measured == pytest.approx(math.sqrt(free / steps), rel=tolerance)


def test_random_code_finds_the_gradient_as_fast_as_theory_says() -> None:
    gradient, runs = estimates()
    check_angles(gradient, runs)
    # Along the gradient, G / N is the gradient itself: each step adds |g|·a², E a² = 1, var ≤ 2.
    steps = max(runs[0])
    along = np.mean([run[steps] @ gradient / (gradient @ gradient) / steps for run in runs])
    assert along == pytest.approx(1, abs=4 * math.sqrt(2 / (steps * len(runs))))


def test_a_fault_in_the_estimate_is_caught() -> None:
    gradient, runs = estimates()
    flip = np.where(np.abs(gradient) == np.abs(gradient).max(), -1, 1)  # the sign of one cell
    with pytest.raises(AssertionError):
        check_angles(gradient, [{n: g * flip for n, g in run.items()} for run in runs])
    with pytest.raises(AssertionError):
        check_angles(*estimates(LateCorrelation))


# Training


def solved(runs: int, clip: bool) -> int:
    config = xor(steps=10_000)
    references = [Reference(config, np.random.default_rng(seed), clip) for seed in range(runs)]
    return sum(reference.train() is not None for reference in references)


def test_xor_solves_when_theta_saturates() -> None:
    assert solved(50, clip=True) >= 0.98 * 50  # published in docs/numbers.md: 0.997


def test_xor_has_local_minima_when_theta_does_not_saturate() -> None:
    fraction, runs = 0.647, 30  # measured over 1000 runs by an independent simulator
    spread = math.sqrt(runs * fraction * (1 - fraction))
    assert abs(solved(runs, clip=False) - runs * fraction) < 3 * spread  # at most 27 of 30


def test_training_stops_at_a_check_or_at_the_last_step() -> None:
    config = xor(steps=10_000, check_every=20)
    reference = Reference(config, np.random.default_rng(0))
    steps = reference.train()
    assert steps is not None and steps == reference.n and steps % 20 == 0
    assert reference.mean_cost() <= 0.04 and reference.accuracy() == 1
    short = Reference(config.with_training(steps=33), np.random.default_rng(0))
    assert short.train() is None and short.n == 33
