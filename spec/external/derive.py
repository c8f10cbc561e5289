"""From a config for an external plant to the small specs that components take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spec import derive
from spec.external.exchange import ExchangeSpec, MemoryExchangeSpec
from spec.numbers import bits_for
from spec.optimizer import (
    BankSpec,
    Block,
    ChangeSpec,
    Group,
    MemoryBankSpec,
    OptimizerSpec,
    PatientScheduleSpec,
    SweepingScheduleSpec,
)
from spec.plant import Engine, SamplesSpec, SignalSpec
from spec.plant.cost.mse import MeanSquaredErrorSpec
from spec.tasks import Dataset

if TYPE_CHECKING:
    from spec.external.config import ExternalConfig


def in_memory(config: ExternalConfig) -> bool:
    """Whether cells are words of memory."""
    return config.build.engine is Engine.FOLDED


def exchange(config: ExternalConfig) -> ExchangeSpec:
    """Return how weights and costs get from one to the other."""
    plant, kind = config.plant, MemoryExchangeSpec if in_memory(config) else ExchangeSpec
    return kind(
        parameters=config.parameters,
        weight=derive.multiplied(config),
        weights=plant.weights,
        cost=plant.cost,
        cost_width=plant.cost_width,
        average=plant.average,
        settling=plant.settling,
        handshake=plant.handshake,
        timeout=plant.timeout if plant.answers else 0,
        clock_hz=plant.clock_mhz * 1e6,
        dac=plant.dac,
        adc=plant.adc,
        adc_channel=plant.adc_channel,
        inputs=config.data.inputs if config.data else 0,
        outputs=config.data.outputs if config.data and plant.outputs else 0,
        cost_latency=error.latency if (error := cost(config)) else 0,
    )


def output(config: ExternalConfig) -> SignalSpec:
    """Return what an output of the plant is: the mean of its conversions, unsigned."""
    width = config.plant.cost_width + config.plant.average
    return SignalSpec(0, (1 << width) - 1, config.formats.activation_bits)


def target(config: ExternalConfig) -> SignalSpec:
    """Return what a target is: a bit, or a number from 0 to 1."""
    fraction = config.formats.activation_bits
    if config.data and config.data.binary_targets:
        return SignalSpec(0, 1, 0, binary=True)
    return SignalSpec(0, 1 << fraction, fraction)


def cost(config: ExternalConfig) -> MeanSquaredErrorSpec | None:
    """Return how the cost of outputs is computed; None if the plant does that."""
    if not config.plant.outputs or not config.data:
        return None
    formats, multipliers = config.formats, config.build.multipliers
    given = output(config), target(config), formats.cost_bits, multipliers
    return MeanSquaredErrorSpec(config.data.outputs, *given)


def cost_width(config: ExternalConfig) -> int:
    """Bits of a cost."""
    error = cost(config)
    return error.width if error else config.plant.cost_width + config.plant.average


def samples(config: ExternalConfig) -> SamplesSpec:
    """Return the samples, and which comes next; or the latter only, if the plant has its own."""
    if config.task and config.data:
        x = SignalSpec.of_samples(config.task.inputs, config.formats.activation_bits)
        return SamplesSpec(x, target(config), config.data, config.task.order)
    nothing = SignalSpec(0, 1, 0, binary=True)
    data = Dataset(((),) * config.samples, ((0,),) * config.samples, 0)
    return SamplesSpec(nothing, nothing, data, config.plant.order)


def sum_width(config: ExternalConfig) -> int:
    """Bits of the sum of the costs of all samples."""
    return cost_width(config) + bits_for(config.samples)


def change(config: ExternalConfig) -> ChangeSpec:
    """Return how C̃ and u come about."""
    training = config.training
    return ChangeSpec(
        cost_width=cost_width(config),
        cost_fraction_bits=config.formats.cost_bits,
        bus=derive.bus(config),
        noise=derive.cost_noise(config),
        guard_bits=training.tau_hp.bit_length() - 1 if training.analog else None,
    )


def schedule(config: ExternalConfig) -> PatientScheduleSpec:
    """Return when what happens."""
    kind = SweepingScheduleSpec if in_memory(config) else PatientScheduleSpec
    return kind(
        parameters=config.parameters,
        init_bits=derive.init_bits(config),
        bus=derive.bus(config),
        samples=config.samples,
        shifts=derive.shifts(config),
        analog=config.training.analog,
        antithetic=config.training.antithetic,
    )


def bank(config: ExternalConfig) -> BankSpec:
    """Return what the cells are: one block of all, which hear the bus at once."""
    block = Block(0, config.parameters, 0)
    unused = SignalSpec(0, 1, 0, binary=True)
    group = Group((block,), 0, unused, init_bits=derive.init_bits(config))
    kind = MemoryBankSpec if in_memory(config) else BankSpec
    return kind(derive.cell(config), (group,))


def optimizer(config: ExternalConfig) -> OptimizerSpec:
    """Return what the optimizer is."""
    return OptimizerSpec(
        schedule(config), bank(config), change(config), stages=derive.stages(config)
    )
