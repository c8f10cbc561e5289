"""Checks across keys: formats that must hold what flows through them, layers that fit the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spec.activation import TABLED
from spec.code import resonates
from spec.errors import InputError
from spec.tasks import Order

if TYPE_CHECKING:
    from spec.config import Config


def require(condition: bool, message: str) -> None:
    """Raise an InputError with the message unless the condition holds."""
    if not condition:
        raise InputError(message)


def check_network(config: Config) -> None:
    """Check the layers against the data."""
    layers, data = config.network.layers, config.data
    require(
        len(layers) >= 2,
        f"network.layers = {list(layers)}: must list the inputs and at least one layer of neurons",
    )
    require(
        layers[0] == data.inputs and layers[-1] == data.outputs,
        f"network.layers = {list(layers)}: must start with {data.inputs} and end with "
        f"{data.outputs}, the inputs and targets of task {config.task.name!r}",
    )


def check_formats(config: Config) -> None:
    """Check that every format holds what flows through it."""
    theta, weight, formats, training = config.theta, config.weight, config.formats, config.training
    require(
        2 <= theta.bits <= 24 and theta.integer_bits >= 1,
        f"formats.theta = {formats.theta!r}: must have at least 1 integer bit (the sign) and 2 to "
        "24 bits in all",
    )
    require(
        max(2, theta.integer_bits) <= formats.weight_bits <= theta.bits,
        f"formats.weight_bits = {formats.weight_bits}: must be from "
        f"{max(2, theta.integer_bits)} (θ's integer bits) to {theta.bits} (all of θ)",
    )
    require(
        formats.bus_bits <= formats.gradient_bits,
        f"formats.bus_bits = {formats.bus_bits}: must not exceed formats.gradient_bits = "
        f"{formats.gradient_bits}; G could not hold one u",
    )
    require(
        formats.cost_bits <= 2 * formats.activation_bits,
        f"formats.cost_bits = {formats.cost_bits}: must not exceed twice formats.activation_bits "
        f"= {2 * formats.activation_bits}; a squared error has no more fraction bits",
    )
    require(
        -weight.fraction_bits <= training.amplitude <= theta.integer_bits - 2,
        f"training.amplitude = {training.amplitude}: must be from {-weight.fraction_bits} (the "
        f"multiplier's LSB, from formats.weight_bits) to {theta.integer_bits - 2} (half of θ's "
        "range)",
    )
    for stage in training.stages:
        shift = config.eta_shift_of(stage.eta)
        low = stage.eta + shift - 15
        require(
            0 <= shift <= 15,
            f"training.eta = {stage.eta}: must be from {low} to {low + 15} with this amplitude, "
            "theta and cost_bits: the range of the η/Δθ shifter",
        )
    require(
        1 - theta.fraction_bits <= training.init < theta.integer_bits,
        f"training.init = {training.init}: must be from {1 - theta.fraction_bits} to "
        f"{theta.integer_bits - 1}, the range of formats.theta",
    )
    require(
        0 <= training.solved_accuracy <= 1,
        f"training.solved_accuracy = {training.solved_accuracy}: must be from 0 to 1",
    )
    check_code(config)
    for kind in {config.network.hidden, config.network.output} & set(TABLED):
        config.table_of(kind)


def check_code(config: Config) -> None:
    """Refuse a code that resonates with sequential samples: it would never converge."""
    code, training, samples = config.code, config.training, len(config.data)
    if code is None or config.task.order is not Order.SEQUENTIAL:
        return
    for stage in training.stages:
        require(
            not resonates(samples, stage.tau_x, code.period, stage.tau_p),
            f"training.perturbation = {training.perturbation.value!r}: its period of {code.period} "
            f"slots resonates with {samples} samples in sequence, so that each sample meets the "
            'same slots again and again; use task.order = "random", or a tau_x that is a multiple '
            f"of {code.period * stage.tau_p}",
        )
