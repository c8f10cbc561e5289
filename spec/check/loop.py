"""What a loop, an overlap or a code cannot be had with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spec import derive
from spec.check.require import require
from spec.code import TAPS, Walsh, resonates
from spec.tasks import Order
from spec.timing import Timing
from spec.training import Loop, Perturbation

if TYPE_CHECKING:
    from spec.config import Config
    from spec.trained import Trained


def check_loop(config: Trained) -> None:
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


def check_code(config: Trained, samples: int, order: Order) -> None:
    """Refuse a code for too many, and one that resonates with sequential samples for ever."""
    code, training = derive.code(config), config.training
    require(
        not isinstance(code, Walsh) or code.bits in TAPS,
        f'training.perturbation = "cm": has codes for at most {2 ** max(TAPS):,} '
        f"{'neurons' if config.training.node else 'parameters'}, not {code.cells if code else 0:,}",
    )
    if code is None or order is not Order.SEQUENTIAL:
        return
    for stage in training.stages:
        require(
            not resonates(samples, stage.tau_x, code.period, stage.tau_p),
            f"training.perturbation = {training.perturbation.value!r}: its period of {code.period} "
            f"slots resonates with {samples} samples in sequence, so that each sample meets the "
            'same slots again and again; use order = "random", or a tau_x that is a multiple '
            f"of {code.period * stage.tau_p}",
        )
