"""What the optimizer is: cells, change in cost, schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spec.code import MAX_SINE_FRACTION, Sines, Turns, Walsh
from spec.derive import formats
from spec.derive import plant as plants
from spec.eta import eta_number
from spec.optimizer import (
    CORRELATION_LATENCY,
    ENTRY,
    MAX_LEFT_SHIFT,
    BankSpec,
    Block,
    CellSpec,
    ChangeSpec,
    Group,
    OptimizerSpec,
    PerturbationSpec,
    ScheduleSpec,
    Stage,
    product_latency,
)
from spec.plant import Engine
from spec.training import Change, Perturbation, Training

if TYPE_CHECKING:
    from spec.config import Config
    from spec.trained import Trained

CODES = {
    Perturbation.CM: Walsh,
    Perturbation.TM: Turns,
    Perturbation.FM: Sines,
    Perturbation.FM_SQUARE: Sines,
}
"""The perturbations that have a periodic code."""


def perturbation(config: Trained) -> PerturbationSpec:
    """Return how cells perturb themselves."""
    kind, amplitude = config.training.perturbation, config.training.amplitude
    lsbs = amplitude + formats.weight(config).fraction_bits  # log2 of Δθ's
    fraction = min(MAX_SINE_FRACTION, lsbs) if kind is Perturbation.FM else 0
    return PerturbationSpec(kind, code(config), amplitude, fraction)


def code(config: Trained) -> Walsh | Turns | Sines | None:
    """Return the periodic code of the perturbation; None for random codes."""
    kind = CODES.get(config.training.perturbation)
    return kind(config.perturbed) if kind else None


def cell(config: Trained) -> CellSpec:
    """Return what a cell is."""
    return CellSpec(
        theta=formats.theta(config),
        gradient=formats.gradient(config),
        weight=formats.multiplied(config),
        bus=formats.bus(config),
        perturbation=perturbation(config),
        accumulate=config.build.accumulate,
        leak=leak(config),
        noise=formats.update_noise(config),
        rails=config.build.rails,
        coincide=config.build.rails == 2,
    )


def change(config: Config) -> ChangeSpec:
    """Return how C̃ and u come about."""
    return ChangeSpec(
        cost_width=plants.cost(config).width,
        cost_fraction_bits=config.formats.cost_bits,
        bus=formats.bus(config),
        noise=formats.cost_noise(config),
        rails=2 if config.build.engine is Engine.FOLDED else config.build.rails,
        guard_bits=config.training.tau_hp.bit_length() - 1 if config.training.analog else None,
    )


def schedule(config: Config) -> ScheduleSpec:
    """Return when what happens."""
    held = plants.samples(config)
    return ScheduleSpec(
        parameters=config.parameters,
        init_bits=init_bits(config),
        bus=formats.bus(config),
        samples=held.depth,
        adjustable=held.adjustable,
        shifts=shifts(config),
        analog=config.training.analog,
        antithetic=config.training.antithetic,
        rails=config.build.rails,
        update_delay=config.update_delay,
        evaluation=plants.network(config).latency
        + plants.cost(config).latency
        + ChangeSpec.register_latency
        + (ENTRY if config.update_delay else 0),
    )


def shifts(config: Trained) -> int:
    """Places by which the delay line moves for a perturbation.

    In the analog loop past all cells: the high-pass remembers the perturbation before, in which no
    cell may have had a bit that another one has now.
    """
    training = config.training
    return config.parameters if training.analog and training.perturbation is Perturbation.RCM else 1


def init_bits(config: Trained) -> int:
    """Return the random bits of an initial θ: ±1 ±2 … ±2**(init_bits - 1) LSBs, at most."""
    return max(init_bits_of_layers(config))


def init_bits_of_layers(config: Trained) -> tuple[int, ...]:
    """Return the same of each layer, which hears as many of the bits that the bus carries."""
    init, layers = config.training.init, len(config.layer_shapes)
    each = (init,) * layers if isinstance(init, int) else init
    return tuple(formats.theta(config).fraction_bits + one for one in each)


def needed(config: Config) -> int:
    """Clocks that D steps take at least: u must be there 2 clocks before its use, 3 with G."""
    spec = schedule(config)
    loop = spec.evaluation - spec.entry + ChangeSpec.latency
    return loop + lead(config) + CORRELATION_LATENCY + config.build.accumulate


def lead(config: Config) -> int:
    """Clocks by which u must come earlier, where steps overlap, for u·x to be made in time.

    A layer behind others hears a strobe later than the first, by as much as an evaluation takes to
    it, and its product has these clocks. Only node perturbation has one, and not of a bit.
    """
    if not config.training.node:
        return 0
    plant = plants.network(config)
    layers = zip(plant.layers, plant.offsets, strict=True)
    latency = product_latency(config.build.multipliers)
    late = (latency - offset for layer, offset in layers if not layer.input.binary)
    return max(0, *late, 0)


def spare(config: Config) -> int:
    """Clocks by which D is longer than it need be; u spends them in registers on its way."""
    return schedule(config).flight - needed(config) if config.update_delay else 0


def bank(config: Config) -> BankSpec:
    """Return what the cells are, and how late each hears the bus."""
    groups, first, number = [], 0, 0
    heard = init_bits_of_layers(config)
    plant = plants.network(config)
    trained = [pair for pair in zip(plant.layers, plant.offsets, strict=True) if pair[0].parameters]
    given = [layer for layer in config.network.all if layer.trained]
    for index, (layer, offset) in enumerate(trained):
        blocks = []
        for _ in range(layer.neurons):
            blocks.append(Block(first, layer.fan_in, number))
            first, number = first + layer.fan_in, number + 1
        groups.append(
            Group(
                tuple(blocks), offset, layer.input, config.by_node[index],
                given[index].doublings, heard[index],
            )
        )  # fmt: skip
    return BankSpec(
        cell=cell(config),
        groups=tuple(groups),
        node=any(config.by_node),
        update_delay=config.update_delay,
        copies=min(1, spare(config)),
        lead=lead(config) if config.update_delay else 0,
        lanes=config.build.lanes,
        near=not config.update_delay and len(groups[0].blocks) > 1,
        multipliers=config.build.multipliers,
    )


def stages(config: Trained) -> tuple[Stage, ...]:
    """Return what changes during a run."""
    return tuple(
        Stage(to.step, to.tau_p, to.tau_x, update_period(config, to), eta_shift(config, to.eta))
        for to in config.training.schedule
    )


def update_period(config: Trained, stage: Training | Change) -> int:
    """Steps between updates: τ_θ, or 1 in the analog loop."""
    return 1 if config.training.analog else stage.tau_theta


def leak(config: Trained) -> int:
    """An update leaves G - (G >> leak): momentum, or log2(τ_θ) in the analog loop."""
    training = config.training
    return training.tau_theta.bit_length() - 1 if training.analog else training.momentum


def eta_shift(config: Trained, eta: int | str | None = None) -> int:
    """Return the `eta_shift` register for an η, or for that of the start.

    u = RNE(C̃ · 2**(MAX_LEFT_SHIFT - eta_shift)). C̃ counts 2**-cost_bits, u counts LSBs of θ, and
    u = C̃·η/Δθ; or half of that, if C̃ spans two Δθ; or, in the analog loop, C̃·η/(Δθ·τ_θ), so that
    a leaky sum G is what η·G is there.
    """
    training = config.training
    return MAX_LEFT_SHIFT - (
        eta_number(training.eta if eta is None else eta)
        - training.amplitude
        + formats.theta(config).fraction_bits
        - config.formats.cost_bits
        - training.antithetic
        - (leak(config) if training.analog else 0)
    )


def eta_of_shift(config: Trained, shift: int) -> int:
    """Return the η = 2^this for which the register is `shift`."""
    return eta_shift(config, 0) - shift


def optimizer(config: Config) -> OptimizerSpec:
    """Return what the optimizer is."""
    return OptimizerSpec(
        schedule=schedule(config),
        bank=bank(config),
        change=change(config),
        stages=stages(config),
        spare=spare(config),
    )
