"""From a config for an external plant to the small specs that components take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spec import derive
from spec.external.exchange import ExchangeSpec
from spec.numbers import bits_for
from spec.optimizer import BankSpec, Block, ChangeSpec, Group, OptimizerSpec, PatientScheduleSpec
from spec.plant import SamplesSpec, SignalSpec
from spec.tasks import Dataset

if TYPE_CHECKING:
    from spec.external.config import ExternalConfig


def exchange(config: ExternalConfig) -> ExchangeSpec:
    """Return how weights and costs get from one to the other."""
    plant = config.plant
    return ExchangeSpec(
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
    )


def samples(config: ExternalConfig) -> SamplesSpec:
    """Return which sample comes next; what they are, only the plant knows."""
    nothing = SignalSpec(0, 1, 0, binary=True)
    data = Dataset(((),) * config.samples, ((0,),) * config.samples, 0)
    return SamplesSpec(nothing, nothing, data, config.plant.order)


def sum_width(config: ExternalConfig) -> int:
    """Bits of the sum of the costs of all samples."""
    return exchange(config).width + bits_for(config.samples)


def change(config: ExternalConfig) -> ChangeSpec:
    """Return how C̃ and u come about."""
    training = config.training
    return ChangeSpec(
        cost_width=exchange(config).width,
        cost_fraction_bits=config.formats.cost_bits,
        bus=derive.bus(config),
        noise=derive.cost_noise(config),
        guard_bits=training.tau_hp.bit_length() - 1 if training.analog else None,
    )


def schedule(config: ExternalConfig) -> PatientScheduleSpec:
    """Return when what happens."""
    return PatientScheduleSpec(
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
    return BankSpec(derive.cell(config), (group,))


def optimizer(config: ExternalConfig) -> OptimizerSpec:
    """Return what the optimizer is."""
    return OptimizerSpec(
        schedule(config), bank(config), change(config), stages=derive.stages(config)
    )
