"""Checks across keys of a config for an external plant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spec import derive
from spec.check.cells import check_accumulate
from spec.check.formats import check_numbers
from spec.check.idle import check_idle
from spec.check.loop import check_code, check_loop
from spec.check.require import require
from spec.config import Formats, Hardware
from spec.external.derive import exchange, in_memory, samples
from spec.external.plant import Way
from spec.tasks import Order
from spec.training import Estimator, Perturbation, Training

if TYPE_CHECKING:
    from spec.external.config import ExternalConfig


def check(config: ExternalConfig) -> None:
    """Refuse what does nothing, what there is not, and formats that do not fit."""
    _check_unused(config)
    _check_plant(config)
    _check_memory(config)
    check_idle(config)
    check_numbers(config)
    check_loop(config)
    check_accumulate(config)
    check_code(config, config.samples, samples(config).order)
    _ = derive.cost_noise(config), derive.update_noise(config)  # raise what is wrong


def _check_unused(config: ExternalConfig) -> None:
    """Refuse keys that belong to a network of ours."""
    formats, build = set(Formats.__dataclass_fields__), {"engine", "accumulate", "link", "baud"}
    if not config.task:
        formats -= {"activation_bits"}
    if config.plant.outputs:
        build |= {"multipliers"}
    for section, table, allowed in (
        ("formats", config.formats, formats),
        ("hardware", config.hardware, set(Hardware.__dataclass_fields__) - {"defects"}),
        ("build", config.build, build),
        (
            "training",
            config.training,
            set(Training.__dataclass_fields__)
            - {"cost", "update_delay", "patience", "solved_accuracy"},
        ),
    ):
        for name, field in type(table).__dataclass_fields__.items():
            value, default = getattr(table, name), field.default
            if name == "solved_accuracy":  # filled in, with a goal
                default = value if value == 0 else default
            require(
                name in allowed or value == default,
                f"{section}.{name}: does nothing for an external plant; leave it out",
            )
    training = config.training
    require(
        training.estimator is not Estimator.NODE,
        'training.estimator = "node": needs to know the network; an external plant takes "weight" '
        'or "antithetic"',
    )
    require(
        training.perturbation is not Perturbation.FRESH,
        'training.perturbation = "fresh": is for the folded engine; an external plant takes "rcm"',
    )
    require(
        isinstance(training.init, int),
        "training.init: must be a number; an external plant has no layers",
    )
    for stage in training.stages:
        require(
            isinstance(stage.eta, int),
            'training.eta = "auto": needs to know the network; give a number',
        )


def _check_memory(config: ExternalConfig) -> None:
    """Refuse what cells that are words of memory do not have."""
    if not in_memory(config):
        return
    require(
        config.plant.weights is not Way.PARALLEL,
        'plant.weights = "parallel": build.engine = "folded" has one weight at a time; it takes '
        '"stream" or "spi"',
    )
    require(
        not config.training.perturbation.sines,
        f'training.perturbation = "{config.training.perturbation.value}": build.engine = "folded" '
        'keeps no phases; it takes "rcm", "ternary", "cm" or "tm"',
    )


def _check_plant(config: ExternalConfig) -> None:
    """Check [plant] against the formats."""
    plant, cost_bits = config.plant, config.formats.cost_bits
    if plant.outputs:
        cost_bits = config.formats.activation_bits  # of what is converted
    require(
        config.task is not None or not plant.outputs,
        "plant.outputs = true: needs [task], whose targets its outputs are compared with",
    )
    require(
        config.task is None or plant.samples == 0,
        "plant.samples: does nothing with [task], which has the samples; leave it out",
    )
    require(
        config.task is None or plant.order is Order.RANDOM,
        "plant.order: is task.order, as [task] has the samples; leave it out",
    )
    require(
        not plant.outputs or config.formats.cost_bits <= 2 * cost_bits,
        f"formats.cost_bits = {config.formats.cost_bits}: must not exceed twice "
        f"formats.activation_bits = {2 * cost_bits}; a squared error has no more fraction bits",
    )
    width = plant.cost_width + plant.average
    require(
        width <= 32,
        f"plant.cost_width = {plant.cost_width}: with plant.average = {plant.average} a cost has "
        f"{width} bits; 32 are the most",
    )
    require(
        plant.average <= cost_bits,
        f"plant.average = {plant.average}: must be at most formats."
        f"{'activation_bits' if plant.outputs else 'cost_bits'} = {cost_bits}; the mean of so many "
        "conversions has as many more fraction bits",
    )
    require(
        plant.adc is None or plant.cost_width == plant.adc.value_bits,
        f"plant.cost_width = {plant.cost_width}: must be {plant.adc and plant.adc.value_bits}, the "
        "bits of plant.adc; leave it out",
    )
    last = plant.adc_channel + (exchange(config).signals - 1 if plant.adc else 0)
    channels = plant.adc.channels if plant.adc else 1
    require(
        last < channels,
        f"plant.adc_channel = {plant.adc_channel}: the channels of plant.adc are 0 to "
        f"{channels - 1}, and the last one that is read is {last}",
    )
    bits = derive.multiplied(config).bits
    require(
        plant.dac is None or bits <= plant.dac.value_bits,
        f"formats.weight_bits = {config.formats.weight_bits}: must be at most "
        f"{plant.dac and plant.dac.value_bits - 1}, as θ ± Δθ has a bit more and plant.dac takes "
        f"{plant.dac and plant.dac.value_bits}",
    )
    require(
        plant.cost_width >= 2,
        f"plant.cost_width = {plant.cost_width}: must be from 2 to 24",
    )
    require(
        bool(plant.dac or plant.adc) or plant.clock_mhz == 25.0,
        f"plant.clock_mhz = {plant.clock_mhz}: does nothing without SPI; leave it out",
    )
    require(
        plant.answers or plant.timeout == type(plant).__dataclass_fields__["timeout"].default,
        f"plant.timeout = {plant.timeout}: does nothing; without plant.handshake or a stream the "
        "plant is never waited for",
    )
    least = exchange(config).least_timeout
    require(
        not plant.answers or plant.timeout >= least,
        f"plant.timeout = {plant.timeout}: must be at least {least}; an evaluation takes so long "
        "if the plant lets nobody wait",
    )
