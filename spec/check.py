"""Checks across keys: formats that must hold what flows through them, layers that fit the data."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from spec import derive
from spec.activation import TABLED
from spec.code import TAPS, Walsh, resonates
from spec.errors import InputError
from spec.eta import check_auto
from spec.noise import DEFECTS_A_NEURON, WARM_UP
from spec.plant import ActivationSpec
from spec.tasks import MAX_SAMPLES, Order, Scale
from spec.timing import Timing
from spec.training import UNSET, Loop, Perturbation

if TYPE_CHECKING:
    from spec.config import Config, Task


CHANGING = ("eta", "tau_p", "tau_x", "tau_theta")
"""What a schedule can change."""


def require(condition: bool, message: str) -> None:
    """Raise an InputError with the message unless the condition holds."""
    if not condition:
        raise InputError(message)


KEYS_OF_TASKS = {
    "bits": "parity",
    **dict.fromkeys(
        (
            "path",
            "target",
            "columns",
            "kind",
            "scale",
            "missing",
            "test",
            "test_path",
            "validation",
            "split_seed",
        ),
        "file",
    ),
}
"""Keys of [task] that only one task has a use for."""


def check_task(task: Task) -> None:
    """Refuse keys that a task has no use for, and scaling of bits."""
    for field in dataclasses.fields(task):
        name, value = field.name, getattr(task, field.name)
        user = KEYS_OF_TASKS.get(name, task.name)
        require(
            user == task.name or value == field.default,
            f"task.{name}: is for task.name = {user!r} only, and {task.name!r} has no use for it",
        )
    for name in ("test", "validation"):
        part = getattr(task, name)
        require(part < 1, f"task.{name} = {part}: must be from 0 to just below 1")
    require(
        task.scale is Scale.NONE or not task.inputs.binary,
        f"task.scale = {task.scale.value!r}: needs task.inputs = 'fixed'; a "
        f"{task.inputs.value} input is one bit",
    )


def check_idle(config: Config) -> None:
    """Refuse what is given and would do nothing."""
    training, build = config.training, config.build
    for name, value, default, used, where in (
        ("training.tau_hp", training.tau_hp, 2, training.analog, 'training.loop = "analog"'),
        ("build.baud", build.baud, 1_000_000, build.link, "a link, build.link = true or 'auto'"),
    ):
        require(
            bool(used) or value == default,
            f"{name} = {value!r}: does nothing without {where}; leave it out",
        )
    for k, (before, change) in enumerate(zip(training.stages, training.schedule, strict=False)):
        require(
            any(getattr(change, name) != getattr(before, name) for name in CHANGING),
            f"training.schedule[{k}]: changes nothing at step {change.step}; at least "
            f"one of {', '.join(CHANGING)} must be another than before",
        )


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


def check_room(config: Config) -> None:
    """Check the room for samples: the task's fit, and others can get there."""
    room, samples = config.build.samples, len(config.data)
    if not isinstance(room, int):
        return
    require(
        room >= samples,
        f"build.samples = {room}: must be at least {samples}, the samples of task "
        f"{config.task.name!r}, and at most {MAX_SAMPLES}",
    )
    require(
        config.build.link is not False,
        f"build.samples = {room}: needs build.link = true or 'auto'; without a link no other "
        "samples get there",
    )


def check_formats(config: Config) -> None:
    """Check that every format holds what flows through it."""
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
    require(
        1 - theta.fraction_bits <= training.init < theta.integer_bits,
        f"training.init = {training.init}: must be from {1 - theta.fraction_bits} to "
        f"{theta.integer_bits - 1}, the range of formats.theta",
    )
    for name, most in (("solved_accuracy", 1), ("solved_cost", 256)):
        value = getattr(training, name)
        require(
            value == UNSET or 0 <= value <= most,
            f"training.{name} = {value}: must be from 0 to {most}",
        )
    require(
        training.patience == 0 or (config.own is not None and config.own.validation is not None),
        f"training.patience = {training.patience}: needs task.validation above 0, a part of the "
        "user's own samples that says when to end",
    )
    check_loop(config)
    check_overlap(config)
    check_accumulate(config)
    check_reuse(config)
    check_code(config)
    check_hardware(config)
    for kind in {config.network.hidden, config.network.output} & set(TABLED):
        _ = ActivationSpec(kind, formats.activation_bits, training.amplitude).table  # may refuse


def check_loop(config: Config) -> None:
    """Refuse what has no meaning, or no gateware, in this loop."""
    training, weight = config.training, derive.weight(config)
    fraction = derive.perturbation(config).fraction_bits
    require(
        training.perturbation is not Perturbation.FM or fraction >= 2,
        f"training.amplitude = {training.amplitude}: a sine needs at least 4 LSBs of the "
        f"multiplier, so {2 - weight.fraction_bits} or more with this formats.weight_bits; "
        'or use training.perturbation = "fm_square"',
    )
    if not config.training.analog:
        return
    require(
        not config.training.antithetic,
        'training.estimator = "antithetic": needs training.loop = "discrete"; the analog loop has '
        "one evaluation a step",
    )
    require(
        training.momentum == 0,
        f'training.momentum = {training.momentum}: must be 0 with training.loop = "analog", whose '
        "G leaks by tau_theta",
    )
    require(
        training.perturbation in (Perturbation.RCM, Perturbation.FM, Perturbation.FM_SQUARE),
        f'training.perturbation = "{training.perturbation.value}": must be "rcm", "fm" or '
        '"fm_square" with training.loop = "analog"; its high-pass remembers slots before, in which '
        "other cells were perturbed as a cell is now",
    )
    for name in ("tau_hp", "tau_theta"):
        value = getattr(training, name)
        require(
            value & (value - 1) == 0,
            f'training.{name} = {value}: must be a power of two with training.loop = "analog"',
        )
    for stage in training.stages:
        require(
            stage.tau_x > 1,
            f'training.tau_x = {stage.tau_x}: must be at least 2 with training.loop = "analog"; '
            "the step in cost by a new sample does not pass its high-pass, so that nothing would",
        )
        require(
            not training.perturbation.sines
            or stage.tau_x & -stage.tau_x <= stage.tau_p & -stage.tau_p,
            f"training.tau_x = {stage.tau_x}: must not have more factors of two than training.tau_p"
            f" = {stage.tau_p} with sines in the analog loop (as {stage.tau_x + stage.tau_p} has "
            "not); new samples would meet some cells' waves always at the same places",
        )
        require(
            stage.tau_theta == training.tau_theta,
            "training.schedule: tau_theta is fixed when an analog loop is built, and cannot change "
            f"to {stage.tau_theta}",
        )


def check_overlap(config: Config) -> None:
    """Check an update delay: what it cannot be had with, and that no step has to wait."""
    training, least = config.training, Timing.of(config).least_update_delay
    delay = training.update_delay
    require(
        config.build.rails == 1 or delay != 0,
        f"build.rails = {config.build.rails}: needs an overlapped schedule, "
        'training.update_delay = "auto"',
    )
    if delay == 0:
        return
    for name, given, needed in (
        ("training.loop", training.loop, Loop.DISCRETE),
        ("training.perturbation", training.perturbation, Perturbation.RCM),
    ):
        require(
            given is needed,
            f"{name} = {given.value!r}: an overlapped schedule (training.update_delay = {delay}) "
            f"needs {needed.value!r}",
        )
    require(
        not training.antithetic,
        f'training.estimator = "antithetic": an overlapped schedule (training.update_delay = '
        f'{delay}) needs "weight" or "node"',
    )
    for stage in training.stages:
        require(
            stage.tau_p == 1,
            f"training.tau_p = {stage.tau_p}: an overlapped schedule (training.update_delay = "
            f"{delay}) needs 1, as it finds older perturbations by their place in the delay line",
        )
    require(
        isinstance(delay, int) and delay >= least,
        f"training.update_delay = {delay}: must be 0 (no overlap), 'auto', or from {least} (what "
        "'auto' is here) to 1024",
    )


def check_accumulate(config: Config) -> None:
    """Refuse cells without G where more than one u is to be kept, or multiplied first."""
    if config.build.accumulate:
        return
    training = config.training
    require(
        training.perturbation in (Perturbation.RCM, Perturbation.CM, Perturbation.FM_SQUARE),
        "build.accumulate = false: needs a perturbation of ±Δθ in every cell, "
        'training.perturbation = "rcm", "cm" or "fm_square"',
    )
    for name, given, needed in (
        ("training.loop", training.loop.value, Loop.DISCRETE.value),
        ("training.momentum", training.momentum, 0),
        ("hardware.update_noise", config.hardware.update_noise, 0.0),
        *(("training.tau_theta", stage.tau_theta, 1) for stage in training.stages),
    ):
        require(
            given == needed,
            f"build.accumulate = false: needs {name} = {needed!r}, not {given!r}; there is no G to "
            "keep what was found",
        )


def check_reuse(config: Config) -> None:
    """Refuse cells that serve several parameters where each needs something of its own."""
    reuse, training = config.build.reuse, config.training
    if reuse == 1:
        return
    largest = max(weights for _, weights in config.layer_shapes)
    require(
        reuse <= largest,
        f"build.reuse = {reuse}: must be from 1 to {largest}, the most weights that a neuron has, "
        "its bias among them",
    )
    for name, given, needed in (
        ("training.update_delay", config.update_delay, 0),
        ("training.perturbation", training.perturbation.value, Perturbation.RCM.value),
        ("hardware.update_noise", config.hardware.update_noise, 0.0),
    ):
        require(
            given == needed,
            f"build.reuse = {reuse}: needs {name} = {needed!r}, not {given!r}; cells that serve "
            "several parameters take turns in a drained network, with a random bit for each",
        )
    require(
        not config.training.node,
        f'build.reuse = {reuse}: needs training.estimator = "weight" or "antithetic", not "node"; '
        "cells that serve several parameters keep no inputs",
    )


def check_hardware(config: Config) -> None:
    """Check that noise is neither below nor above what its formats hold."""
    _ = derive.cost_noise(config), derive.update_noise(config)  # raise what is wrong
    fills = config.parameters * derive.init_bits(config)
    needed = DEFECTS_A_NEURON * sum(config.network.layers[1:]) + WARM_UP
    require(
        derive.defects(config) is None or fills >= needed,
        f"hardware.defects = {config.hardware.defects}: {needed} random draws are needed, but the "
        f"initial θ makes {fills}; use a larger training.init or a finer formats.theta",
    )


def check_code(config: Config) -> None:
    """Refuse a code for too many, and one that resonates with sequential samples for ever."""
    code, training, samples = derive.code(config), config.training, len(config.data)
    require(
        not isinstance(code, Walsh) or code.bits in TAPS,
        f'training.perturbation = "cm": has codes for at most {2 ** max(TAPS):,} '
        f"{'neurons' if config.training.node else 'parameters'}, not {code.cells if code else 0:,}",
    )
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
