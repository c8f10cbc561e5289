"""Registers are wide enough, and mean what the config asks for."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spec import derive
from spec.activation import Activation
from spec.config import Config
from spec.lfsr import seed_register
from spec.registers import UNSOLVABLE, registers
from spec.tasks import MAX_SAMPLES

Build = Callable[..., Config]


@pytest.mark.parametrize(
    "training",
    [
        {},
        dict.fromkeys(("tau_p", "tau_x", "tau_theta", "check_every"), 65535),
        {"steps": 2**32 - 1, "seed": 2**32 - 1, "solved_cost": 256, "solved_accuracy": 0},
        {"eta": 3},
        {"eta": -12},
    ],
)
def test_values_fit(xor: Build, training: dict[str, Any]) -> None:
    listed = registers(xor(training=training))
    assert len({register.name for register in listed}) == len(listed)
    assert all(0 <= register.value < 1 << register.width for register in listed)
    named = {register.name: register.value for register in listed}
    for key in {"tau_p", "tau_x", "tau_theta", "check_every", "steps"} & set(training):
        assert named[key] == training[key]


def test_values_of_xor(xor: Build) -> None:
    config = xor(training={"seed": 5, "solved_accuracy": 0.6, "solved_cost": 0.25})
    named = {register.name: register.value for register in registers(config)}
    # u = C̃·η/Δθ = C̃·2, from 2**-8 to 2**-6
    assert named["eta_shift"] == derive.eta_shift(config) == 5
    assert named["seed"] == seed_register(5)
    assert named["solved_correct"] == 3  # at least 0.6 of 4
    assert named["solved_cost"] == 256  # a mean of 1/4 over 4 samples, in LSBs of 2**-8


@pytest.mark.parametrize("samples", [1, 25, 100])
@pytest.mark.parametrize("accuracy", [0, 0.28, 0.5, 0.55, 0.9, 1])
def test_correct_samples_are_the_fewest_that_suffice(
    samples: int, accuracy: float, tmp_path: Path
) -> None:
    (tmp_path / "data.csv").write_text("x0,t0\n" + "1,1\n" * samples)
    tables = {
        "task": {"name": "file", "path": "data.csv"},
        "network": {"layers": [1, 1]},
        "training": {"solved_accuracy": accuracy},
    }
    named = {r.name: r.value for r in registers(Config.from_dict(tables, tmp_path))}
    fewest = next(n for n in range(samples + 1) if n / samples >= accuracy)
    assert named["solved_correct"] == fewest


def test_no_run_reaches_unsolvable() -> None:
    assert MAX_SAMPLES < UNSOLVABLE < 1 << 17


@pytest.mark.parametrize("output", Activation)
@pytest.mark.parametrize(("activation_bits", "cost_bits"), [(3, 6), (8, 8), (8, 16), (14, 24)])
def test_cost_width_is_what_the_largest_error_needs(
    xor: Build, output: Activation, activation_bits: int, cost_bits: int
) -> None:
    config = xor(
        network={"output": output.value},
        formats={"activation_bits": activation_bits, "cost_bits": cost_bits, "theta": "Q2.14"},
        training={"eta": cost_bits - 14},
    )
    low, high = output.range(activation_bits)
    largest = ((high - low) * 2.0**-activation_bits) ** 2 * 2.0**cost_bits  # in LSBs of the cost
    width = derive.cost(config).width
    assert 2 ** (width - 1) <= largest < 2**width
    assert 4 * int(largest) < 2 ** derive.score(config).sum_width
