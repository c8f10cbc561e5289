"""Formats must hold what flows through them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spec import derive
from spec.activation import TABLED
from spec.check.require import require
from spec.eta import check_auto
from spec.noise import DEFECTS_A_NEURON, WARM_UP
from spec.plant import ActivationSpec
from spec.training import UNSET

if TYPE_CHECKING:
    from spec.config import Config
    from spec.trained import Trained


def check_numbers(config: Trained) -> None:
    """Check that the formats of the optimizer hold what flows through them."""
    formats, training = config.formats, config.training
    theta, weight = derive.theta(config), derive.weight(config)
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
        -weight.fraction_bits <= training.amplitude <= theta.integer_bits - 2,
        f"training.amplitude = {training.amplitude}: must be from {-weight.fraction_bits} (the "
        f"multiplier's LSB, from formats.weight_bits) to {theta.integer_bits - 2} (half of θ's "
        "range)",
    )
    for stage in training.stages:
        if not isinstance(stage.eta, int):
            check_auto(config)
            continue
        shift = derive.eta_shift(config, stage.eta)
        low = stage.eta + shift - 15
        require(
            0 <= shift <= 15,
            f"training.eta = {stage.eta}: must be from {low} to {low + 15} with this amplitude, "
            "theta and cost_bits: the range of the η/Δθ shifter",
        )
    init, layers = training.init, len(config.layer_shapes)
    each = (init,) if isinstance(init, int) else init
    require(
        isinstance(init, int) or len(init) == layers,
        f"training.init: a list must have {layers} numbers, one for each layer with parameters, "
        f"not {len(each)}",
    )
    require(
        all(1 - theta.fraction_bits <= one < theta.integer_bits for one in each),
        f"training.init = {init if isinstance(init, int) else list(init)}: must be from "
        f"{1 - theta.fraction_bits} to {theta.integer_bits - 1}, the range of formats.theta",
    )
    for name, most in (("solved_accuracy", 1), ("solved_cost", 256)):
        value = getattr(training, name)
        require(
            value == UNSET or 0 <= value <= most,
            f"training.{name} = {value}: must be from 0 to {most}",
        )


def check_formats(config: Config) -> None:
    """Check that every format holds what flows through it."""
    check_numbers(config)
    formats, training, theta = config.formats, config.training, derive.theta(config)
    require(
        formats.cost_bits <= 2 * formats.activation_bits,
        f"formats.cost_bits = {formats.cost_bits}: must not exceed twice formats.activation_bits "
        f"= {2 * formats.activation_bits}; a squared error has no more fraction bits",
    )
    for k, layer in enumerate(config.network.layer):
        most = theta.integer_bits - 2 - training.amplitude
        require(
            layer.doublings <= max(0, most),
            f"network.layer[{k}].doublings = {layer.doublings}: must be at most {most} with "
            f"training.amplitude = {training.amplitude}, or Δθ exceeds half of θ's range",
        )
    require(
        training.patience == 0 or (config.own is not None and config.own.validation is not None),
        f"training.patience = {training.patience}: needs task.validation above 0, a part of the "
        "user's own samples that says when to end",
    )
    for kind in set(config.network.activations) & set(TABLED):
        _ = ActivationSpec(kind, formats.activation_bits, training.amplitude).table  # may refuse


def check_hardware(config: Config) -> None:
    """Check that noise is neither below nor above what its formats hold."""
    _ = derive.cost_noise(config), derive.update_noise(config)  # raise what is wrong
    fills = config.parameters * derive.init_bits(config)
    needed = DEFECTS_A_NEURON * sum(neurons for neurons, _ in config.layer_shapes) + WARM_UP
    require(
        derive.defects(config) is None or fills >= needed,
        f"hardware.defects = {config.hardware.defects}: {needed} random draws are needed, but the "
        f"initial θ makes {fills}; use a larger training.init or a finer formats.theta",
    )
