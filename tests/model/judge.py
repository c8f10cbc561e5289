"""The float reference follows a run of the golden model, and says how far that may be from it.

A `Judge` takes from the golden run its samples, its perturbations in real units and its first θ,
and goes its own way from there: θ, G and costs are balls (`tests/model/ball.py`). Their midpoints
are the trajectory of the reference in float64. Their radii grow by what the integers may lose, and
only by that; f_a, f_c, f_θ are fraction bits of activations, cost and θ, and an LSB is 2**-f:

    the multiplier's weight is θ truncated to its format
    z                       is truncated: less than an LSB of f_a
    a = f(z)                shifts and constants of f_a bits: less than an LSB; if f is a table,
                            half an LSB, at a z that is half a bin away, and f's rest beyond its
                            last bin
    C                       is truncated, and again when divided by several outputs: an LSB of f_c
                            each
    C, cross-entropy        each 2**(y - m), and the log of their sum, whose slope is at most 1,
                            is truncated: an LSB of the finer of f_a and f_c; C is: of f_c
    C̃ = C - C0              is exact; the high-pass rounds what leaks, by less than an LSB of
                            f_c + log2(τ_hp) bits
    u = C̃·η/Δθ              is rounded to the nearest: half an LSB of f_θ
    u·θ̃/Δθ                  is exact for ±1 and 0; of a sine rounded, half an LSB; the same for the
                            share's product with x of node perturbation
    G, θ                    sums are exact; momentum and leak round what goes, by less than an LSB
    saturation              of θ is the reference's too; nothing else saturates, which is checked

and what is off already goes on through the operations themselves, as balls do. (A difference of two
costs does not know that both are off in the same direction, which makes the bound larger than need
be.) So the bound follows from the config and from the reference's own values; nothing that the
golden model computes goes into it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from model.reference import FUNCTIONS, AnalogReference, Array, Reference
from model.reference.costs import cross_entropy
from model.trainer import Trainer
from spec import derive
from spec.activation import TABLED, Activation
from spec.config import Config
from spec.phase import Phase
from spec.plant import Cost
from spec.training import Loop, Perturbation
from tests.model.ball import Ball

PLAN_STEP = 1 / 256
"""What PLAN falls by at |z| = 2.375."""

TABLE_END = {Activation.SIGMOID: 8.0, Activation.TANH: 4.0}


@dataclass
class Golden:
    """What the golden model did in each step, in real units; shapes (steps, runs, …)."""

    theta: Array  # at the evaluations of the step
    theta_tilde: Array
    sample: Array
    C: Array
    C_tilde: Array

    @classmethod
    def of(cls, trainer: Trainer) -> Golden:
        """Train to the end, and write down what happens."""
        config = trainer.config
        amplitude = 2.0 ** (config.training.amplitude - derive.perturbation(config).fraction_bits)
        tilde = 2.0**-config.formats.cost_bits
        if config.training.loop is Loop.ANALOG:
            tilde /= config.training.tau_hp
        perturbs = amplitude * perturbed(config)
        steps = []
        for phase in trainer.phases():
            if phase is not Phase.PERTURBED:
                continue
            cost, cells = trainer.cost, trainer.cells
            for value, limit in (
                (cost.u, derive.bus(config).maximum),
                (cells.G, derive.gradient(config).maximum),
                (cost.C_tilde, cost.tilde.maximum),
            ):
                assert np.abs(value).max() < limit
            steps.append(
                (
                    cells.theta * 2.0 ** -derive.theta(config).fraction_bits,
                    trainer.code.theta_tilde * perturbs,
                    trainer.plant.samples.index,
                    cost.C * 2.0**-config.formats.cost_bits,
                    cost.C_tilde * tilde,
                )
            )
        return cls(*(np.array(values) for values in zip(*steps, strict=True)))


def perturbed(config: Config) -> Array:
    """By how many Δθ each cell perturbs itself: with node perturbation, only those of biases."""
    parts = []
    layers = (layer for layer in config.network.all if layer.trained)
    for layer, node, shape in zip(layers, config.by_node, config.layer_shapes, strict=True):
        cells = np.full(shape, 2.0**layer.doublings)
        cells[:, :-1] *= not node
        parts.append(cells.ravel())
    return np.concatenate(parts)


class Judge(Reference):
    """`Reference` along a run of the golden model; what rounds there makes balls wider here."""

    def __init__(self, config: Config, golden: Golden, run: int) -> None:
        self._begin(config, golden, run)
        super().__init__(config, np.random.default_rng(0))
        self._take_over()

    def _begin(self, config: Config, golden: Golden, run: int) -> None:
        formats, theta = config.formats, derive.theta(config)
        self.golden, self.run_number = golden, run
        self.a_lsb = 2.0**-formats.activation_bits
        self.c_lsb = 2.0**-formats.cost_bits
        self.theta_lsb = 2.0**-theta.fraction_bits
        self.truncated = 2.0 ** (theta.integer_bits - formats.weight_bits) - self.theta_lsb
        self.bin = min(2.0**config.training.amplitude, 1 / 8)
        self.rounding = self.theta_lsb / 2.0**config.eta  # an LSB of θ, in units of G

    def _take_over(self) -> None:
        self.theta: Any = Ball.of(self.golden.theta[0, self.run_number])
        self.G: Any = 0 * self.theta
        self.at = self.theta

    def next_sample(self) -> int:
        return int(self.golden.sample[self.n, self.run_number])

    def perturbation(self) -> Array:
        return self.golden.theta_tilde[self.n, self.run_number]

    def evaluate(self, theta: Any) -> Any:
        self.at = self.theta
        return super().evaluate(theta.wider(self.truncated))

    def activate(self, layer: int, z: Any) -> Any:
        kind = self.config.network.activations[layer]
        function = FUNCTIONS[kind][0]
        z = z.wider(self.a_lsb)
        if kind in TABLED:
            end = TABLE_END[kind] - self.bin
            beyond = function(np.array(np.inf)) - function(np.array(end))
            outside = np.where(z.magnitude > end, beyond, 0.0)
            return z.wider(self.bin / 2).through(function).wider(self.a_lsb / 2 + outside)
        if kind is Activation.PLAN:
            steps = abs(abs(z.mid) - 2.375) <= z.radius
            return z.through(function, np.where(steps, PLAN_STEP, 0.0)).wider(self.a_lsb)
        return z.through(function).wider(self.a_lsb)

    def cost(self, theta: Any, x: Array, t: Array) -> Any:
        if self.config.training.cost is Cost.CROSS_ENTROPY:
            return self.cross_entropy(self.forward(theta, x)[1][-1], t)
        exact: Any = super().cost(theta, x, t)
        return exact.wider(self.c_lsb * min(2, t.shape[-1]))

    def cross_entropy(self, y: Any, t: Array) -> Any:
        """It grows with every y but that of the right class, with which it falls."""
        away = y.radius * (1 - 2 * t)
        mid = cross_entropy(y.mid, t)
        above, below = cross_entropy(y.mid + away, t) - mid, mid - cross_entropy(y.mid - away, t)
        lost = (len(t) + 1) * min(self.a_lsb, self.c_lsb) + self.c_lsb
        return Ball(mid, np.maximum(above, below) + lost)

    def inputs(self) -> Any:
        weights = (self.theta + self.theta_tilde).wider(self.truncated)
        a = [Ball.of(x) for x in self.forward(weights, self.x[self.sample])[1]]
        return Ball(self.spread([x.mid for x in a]), self.spread([x.radius for x in a], bias=0.0))

    def estimate(self) -> Any:
        half = self.rounding / 2
        sine = self.config.training.perturbation is Perturbation.FM
        share = half * abs(self.theta_tilde) / self.amplitude + half * sine
        if self.by_node.any():
            by_input = share[self.source] * self.inputs().magnitude + half
            share = np.where(self.by_node, by_input, share)
        exact: Any = super().estimate()
        return exact.wider(share)

    def decayed(self, G: Any) -> Any:
        exact: Any = super().decayed(G)
        return exact.wider(self.rounding if self.kept else 0.0)


class AnalogJudge(Judge, AnalogReference):
    """The same of the analog loop, whose u is smaller by τ_θ."""

    def __init__(self, config: Config, golden: Golden, run: int) -> None:
        self._begin(config, golden, run)
        AnalogReference.__init__(self, config, np.random.default_rng(0), config.training.tau_hp)
        self._take_over()

    def high_passed(self, total: Any) -> Any:
        total = Ball.of(total)
        exact: Any = super().high_passed(total)
        return exact.wider(self.c_lsb / self.tau_hp)

    def low_passed(self, G: Any, e: Any) -> Any:
        leaks = self.rounding if self.tau_theta > 1 else 0.0
        exact: Any = super().low_passed(G, e)
        return exact.wider(leaks)

    def estimate(self) -> Any:
        rounding = self.rounding
        self.rounding = rounding * self.tau_theta
        try:
            return super().estimate()
        finally:
            self.rounding = rounding


def follow(golden: Golden, config: Config) -> float:
    """Hold every step of every run; return the largest share that a bound has of θ's movement."""
    kind = AnalogJudge if config.training.loop is Loop.ANALOG else Judge
    shares = []
    for run in range(golden.theta.shape[1]):
        judge: Any = kind(config, golden, run)
        for n in range(len(golden.theta)):
            if n and n % config.training.check_every == 0:
                judge.drain()
            judge.step()
            assert judge.sample == golden.sample[n, run]
            np.testing.assert_array_equal(judge.theta_tilde, golden.theta_tilde[n, run])
            for ball, value in (
                (judge.at, golden.theta),
                (judge.C, golden.C),
                (judge.C_tilde, golden.C_tilde),
            ):
                assert np.all(ball.holds(value[n, run])), f"step {n}"
        moved = np.abs(golden.theta[-1, run] - golden.theta[0, run]).max()
        shares.append(judge.at.radius.max() / moved)
    return max(shares)
