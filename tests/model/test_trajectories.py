"""A golden run follows the published algorithms in float64, every step, within a derived bound.

What the golden model and the gateware share (η's shift, tables, constants of spec/) could be wrong
on both sides; the float reference knows none of it. `tests/model/judge.py` derives the bound. Here
it is held small against the way that θ goes, and many faults must break it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from model.number.fixed import Ints
from model.optimizer.cells import SynapseCells
from model.optimizer.change import ChangeInCost
from model.plant import plant
from model.trainer import Trainer
from spec import derive
from spec.activation import Activation
from spec.config import Config
from spec.derive import loop
from spec.optimizer import CellSpec, ChangeSpec
from spec.registers import register_values
from spec.training import SPATIAL
from tests.configs import perceptron
from tests.model.judge import Golden, follow
from tests.model.test_stale import LiteralOrder, SampleOnly, UpdateOnly
from tests.strategies import configs

FINE = {
    **{"theta": "Q1.22", "weight_bits": 23, "activation_bits": 14, "cost_bits": 20},
    **{"bus_bits": 24, "gradient_bits": 32, "amplitude": -1, "init": 0, "eta": -10},
    **{"steps": 48, "check_every": 65535, "binary_targets": True},
    **{"hidden": "hard_tanh", "output": "hard_sigmoid"},
}
"""So fine that a bound is small, and so few steps at so small an η that it stays small."""

CODES = [kind.value for kind in SPATIAL]
TAUS = ({}, {"tau_p": 2, "tau_x": 3, "tau_theta": 4}, {"tau_p": 3, "tau_x": 1, "tau_theta": 2})
ANALOG = {"loop": "analog", "tau_x": 7}
FILTERS = (
    {"tau_theta": 1, "tau_hp": 2},
    {"tau_theta": 4, "tau_hp": 4, "tau_p": 2, "eta": -8},
    {"tau_theta": 16, "tau_hp": 8, "eta": -7},
)


def configure(**keys: Any) -> Config:
    """Configure a network of 20 cells on random data."""
    return perceptron(3, 3, 2, **FINE | keys)


def check(config: Config, kind: type[Trainer] = Trainer) -> float:
    """Let the reference judge two runs; return what share of its way θ may be off at the end."""
    return follow(Golden.of(kind(config, range(1, 3), stop_when_solved=False)), config)


@pytest.mark.parametrize("momentum", [0, 2])
@pytest.mark.parametrize("taus", TAUS)
@pytest.mark.parametrize("estimator", ["weight", "antithetic", "node"])
@pytest.mark.parametrize("code", CODES)
def test_discrete(code: str, estimator: str, taus: dict[str, int], momentum: int) -> None:
    config = configure(perturbation=code, estimator=estimator, momentum=momentum, **taus)
    assert check(config) < 0.12


@pytest.mark.parametrize("filters", FILTERS)
@pytest.mark.parametrize("estimator", ["weight", "node"])
@pytest.mark.parametrize("code", ["rcm", "fm", "fm_square"])
def test_analog(code: str, estimator: str, filters: dict[str, int]) -> None:
    assert check(configure(perturbation=code, estimator=estimator, **ANALOG, **filters)) < 0.25


@pytest.mark.parametrize("check_every", [13, 65535])
@pytest.mark.parametrize(
    "keys", [{}, {"tau_theta": 3, "tau_x": 2}, {"tau_theta": 2, "momentum": 2}]
)
@pytest.mark.parametrize(("delay", "rails"), [(17, 1), (20, 2)])
@pytest.mark.parametrize("estimator", ["weight", "node"])
def test_update_delay(
    estimator: str, delay: int, rails: int, keys: dict[str, int], check_every: int
) -> None:
    keys = keys | {"update_delay": delay, "rails": rails, "check_every": check_every}
    config = configure(estimator=estimator, **keys)
    assert check(config) < 0.05


@pytest.mark.parametrize("inputs", ["bipolar", "unipolar", "fixed"])
@pytest.mark.parametrize("output", [k for k in Activation if k is not Activation.RELU])
def test_every_activation(output: Activation, inputs: str) -> None:
    """A table is coarse against a perturbation, and so is what can be said of it."""
    tabled = output in (Activation.SIGMOID, Activation.TANH)
    larger = {"theta": "Q2.21", "amplitude": 0} if tabled else {}
    for hidden in ("relu", "identity", "plan"):
        config = configure(output=output.value, inputs=inputs, hidden=hidden, steps=12, **larger)
        assert check(config) < (0.7 if tabled else 0.06)


@pytest.mark.parametrize("output", ["identity", "hard_tanh"])
@pytest.mark.parametrize("keys", [{}, {"estimator": "antithetic"}, {"estimator": "node"}, ANALOG])
def test_cross_entropy(keys: dict[str, Any], output: str) -> None:
    assert check(configure(cost="cross_entropy", output=output, **keys)) < 0.03


def test_a_cross_entropy_of_another_class_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted fault: what the right class is behind by is left out."""
    config = configure(cost="cross_entropy", output="identity")
    right = plant.cost_of
    monkeypatch.setattr(plant, "cost_of", lambda spec, y, t: right(spec, y, 0 * t))
    with pytest.raises(AssertionError, match=r"step \d"):
        check(config)


def test_weights_of_fewer_bits_than_theta() -> None:
    assert check(configure(weight_bits=14)) < 0.05


QUIET: dict[str, Any] = {
    **FINE,
    **{"cost_noise": 0.0, "update_noise": 0.0, "defects": 0.0, "schedule": []},
}
"""What the judge knows nothing of is left out."""


@pytest.mark.filterwarnings("ignore:divide by zero")  # θ may stay where it is
@settings(max_examples=60)
@given(configs(clocks=300, **QUIET))
def test_any_config(config: Config) -> None:
    """Whatever the topology, the data, the optimiser and its times."""
    check(config)


# Planted faults: each breaks the bound in its own config, which holds without it.


def shift(by: Callable[[Config], int]) -> Callable[[pytest.MonkeyPatch], None]:
    """Have η's shift wrong by so much."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        right = derive.eta_shift
        for place in (derive, loop):  # as others see it, and for stages of a run
            monkeypatch.setattr(place, "eta_shift", lambda c, eta=None: right(c, eta) + by(c))

    return patch


def leak(by: int) -> Callable[[pytest.MonkeyPatch], None]:
    """Have momentum's or the low-pass's leak wrong by so many shifts, but not η's."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        right = loop.cell

        def wrong(config: Config) -> CellSpec:
            cell = right(config)
            return dataclasses.replace(cell, leak=cell.leak + by)

        monkeypatch.setattr(loop, "cell", wrong)

    return patch


def high_pass_off_by_a_power(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ChangeSpec, "guard", property(lambda self: self.guard_bits + 1))


def masked_never(monkeypatch: pytest.MonkeyPatch) -> None:
    right = ChangeInCost.high_pass
    monkeypatch.setattr(
        ChangeInCost,
        "high_pass",
        lambda self, cost, new_sample: right(self, cost, new_sample=False),
    )


def accumulate(change: Callable[..., Any]) -> Callable[[pytest.MonkeyPatch], None]:
    """Have cells accumulate something else."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        right = SynapseCells.accumulate

        def wrong(self: SynapseCells, u: Ints, tilde: Ints, inputs: Ints | None = None) -> None:
            right(self, *change(u, tilde, inputs))

        monkeypatch.setattr(SynapseCells, "accumulate", wrong)

    return patch


def flip_last(u: Ints, tilde: Ints, inputs: Ints | None) -> tuple[Any, ...]:
    return u, tilde * np.where(np.arange(tilde.shape[1]) == tilde.shape[1] - 1, -1, 1), inputs


def without_input(u: Ints, tilde: Ints, inputs: Ints | None) -> tuple[Any, ...]:
    return u, tilde, None if inputs is None else np.full_like(inputs, 1 << 14)


def same(sign: int) -> Callable[[pytest.MonkeyPatch], None]:
    """Have both evaluations of the antithetic estimator, or θ̃ of the baseline, of this sign."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        right = SynapseCells.weights

        def wrong(self: SynapseCells, tilde: Ints | None = None) -> Ints:
            return right(self, tilde if tilde is None else sign * tilde)

        monkeypatch.setattr(SynapseCells, "weights", wrong)

    return patch


def amplitude(monkeypatch: pytest.MonkeyPatch) -> None:
    right: Any = CellSpec.amplitude_lsbs
    monkeypatch.setattr(CellSpec, "amplitude_lsbs", property(lambda c: right.fget(c) // 2))


def nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Change nothing: the fault is a class."""


class SampleOnlyTrainer(Trainer):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.schedule = SampleOnly(derive.optimizer(self.config), register_values(self.config))


class UpdateOnlyTrainer(Trainer):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.schedule = UpdateOnly(derive.optimizer(self.config), register_values(self.config))


class DelayedTrainer(Trainer):
    """Its u is used a step late."""

    def __init__(self, config: Config, *args: Any, **kwargs: Any) -> None:
        late = config.with_training(update_delay=config.update_delay + 1)
        super().__init__(late, *args, **kwargs)


class LateUpdate(Trainer):
    """θ is updated a step late."""

    def _update(self) -> None:
        if getattr(self, "waiting", False):
            super()._update()
        self.waiting = True


ANTITHETIC = {"estimator": "antithetic"}
NODE = {"estimator": "node"}
TAU16 = ANALOG | FILTERS[2]
FAULTS: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], type[Trainer], dict[str, Any]]] = {
    "antithetic u not halved": (shift(lambda c: -int(c.training.antithetic)), Trainer, ANTITHETIC),
    "no 1/τ_θ": (
        shift(lambda c: -derive.leak(c) if c.training.analog else 0),
        Trainer,
        ANALOG | FILTERS[1],
    ),
    "no 1/Δθ": (shift(lambda c: -c.training.amplitude), Trainer, {}),
    "η doubled": (shift(lambda c: -1), Trainer, {}),
    "η halved": (shift(lambda c: 1), Trainer, {"tau_theta": 4}),
    "momentum too long": (leak(1), Trainer, {"momentum": 2}),
    "momentum too short": (leak(-1), Trainer, {"momentum": 3}),
    "low-pass too long": (leak(1), Trainer, TAU16),
    "low-pass too short": (leak(-1), Trainer, TAU16),
    "τ_hp twice": (high_pass_off_by_a_power, Trainer, ANALOG | FILTERS[1]),
    "a new sample passes": (masked_never, Trainer, ANALOG),
    "u negative": (accumulate(lambda u, s, x: (-u, s, x)), Trainer, {}),
    "one cell's sign": (accumulate(flip_last), Trainer, {}),
    "share without x": (accumulate(without_input), Trainer, NODE),
    "θ̃ negative": (same(-1), Trainer, {}),
    "Δθ halved": (amplitude, Trainer, {}),
    "C0 before the update": (nothing, LiteralOrder, {}),
    "C0 not after updates": (nothing, SampleOnlyTrainer, {"tau_x": 4}),
    "C0 not of the sample": (nothing, UpdateOnlyTrainer, {"tau_theta": 4}),
    "D + 1": (nothing, DelayedTrainer, {"update_delay": 17}),
    "update late": (nothing, LateUpdate, {"tau_theta": 3}),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    patch, kind, keys = FAULTS[name]
    config = configure(**keys)
    check(config)
    patch(monkeypatch)
    with pytest.raises(AssertionError):
        check(config, kind)
