"""From a config to the small specs that components take."""

from __future__ import annotations

from spec.config import Config
from spec.numbers import Format
from spec.optimizer import (
    CORRELATION_LATENCY,
    ENTRY,
    BankSpec,
    Block,
    CellSpec,
    ChangeSpec,
    Group,
    OptimizerSpec,
    PerturbationSpec,
    ScheduleSpec,
    Stage,
)
from spec.plant import (
    ActivationSpec,
    CostSpec,
    LayerSpec,
    NetworkSpec,
    SamplesSpec,
    ScoreSpec,
    SignalSpec,
)


def multiplied(config: Config) -> Format:
    """Format of θ ± Δθ as the multiplier sees it: one bit more than the top bits of θ."""
    return Format(config.weight.integer_bits + 1, config.weight.fraction_bits)


def network(config: Config) -> NetworkSpec:
    """Return what the network is."""
    fraction = config.formats.activation_bits
    signal = SignalSpec.of_samples(config.task.inputs, fraction)
    layers = []
    for index, (neurons, fan_in) in enumerate(config.layer_shapes):
        activation = ActivationSpec(
            config.activation_of(index), fraction, config.training.amplitude
        )
        layer = LayerSpec(
            neurons, fan_in, signal, multiplied(config), activation, config.defects,
            config.build.reuse,
        )  # fmt: skip
        layers.append(layer)
        signal = layer.output
    return NetworkSpec(tuple(layers))


def target(config: Config) -> SignalSpec:
    """Return what a target is: one bit if all targets are 0 or 1, else as an output."""
    output = network(config).output
    return SignalSpec(0, 1, 0, binary=True) if config.data.binary_targets else output


def cost(config: Config) -> CostSpec:
    """Return what the cost is."""
    output = network(config).output
    return CostSpec(config.data.outputs, output, target(config), config.formats.cost_bits)


def samples(config: Config) -> SamplesSpec:
    """Return what the samples are."""
    return SamplesSpec(network(config).input, target(config), config.data, config.task.order)


def score(config: Config) -> ScoreSpec:
    """Return what a check counts."""
    errors, held = cost(config), samples(config)
    late = errors.latency + ChangeSpec.register_latency
    return ScoreSpec(errors.outputs, errors.output, held.label_bits, errors.width, held.count, late)


def perturbation(config: Config) -> PerturbationSpec:
    """Return how cells perturb themselves."""
    training = config.training
    return PerturbationSpec(
        training.perturbation, config.code, training.amplitude, config.sine_fraction
    )


def cell(config: Config) -> CellSpec:
    """Return what a cell is."""
    return CellSpec(
        theta=config.theta,
        gradient=config.gradient,
        weight=multiplied(config),
        bus=config.bus,
        perturbation=perturbation(config),
        accumulate=config.build.accumulate,
        leak=config.leak,
        noise=config.update_noise,
        rails=config.build.rails,
        coincide=config.build.rails == 2,
    )


def change(config: Config) -> ChangeSpec:
    """Return how C̃ and u come about."""
    return ChangeSpec(
        cost_width=cost(config).width,
        cost_fraction_bits=config.formats.cost_bits,
        bus=config.bus,
        noise=config.cost_noise,
        rails=config.build.rails,
        guard_bits=config.training.tau_hp.bit_length() - 1 if config.analog else None,
    )


def schedule(config: Config) -> ScheduleSpec:
    """Return when what happens."""
    return ScheduleSpec(
        parameters=config.parameters,
        init_bits=config.init_bits,
        bus=config.bus,
        samples=len(config.data),
        shifts=config.shifts,
        reuse=config.build.reuse,
        analog=config.analog,
        antithetic=config.antithetic,
        rails=config.build.rails,
        update_delay=config.update_delay,
        evaluation=network(config).latency
        + cost(config).latency
        + ChangeSpec.register_latency
        + (ENTRY if config.update_delay else 0),
    )


def spare(config: Config) -> int:
    """Clocks by which D is longer than it need be."""
    return config.update_delay * schedule(config).interval - needed(config)


def needed(config: Config) -> int:
    """Clocks that D steps take at least: u must be there 2 clocks before its use, 3 with G."""
    loop = network(config).latency + cost(config).latency + ChangeSpec.register_latency
    return loop + ChangeSpec.latency + CORRELATION_LATENCY + config.build.accumulate


def bank(config: Config) -> BankSpec:
    """Return what the cells are, and how late each hears the bus.

    With reuse all hear it at once, as a network drains before it learns, and the line would be
    long.
    """
    groups, first, node = [], 0, 0
    plant = network(config)
    for layer, offset in zip(plant.layers, plant.offsets, strict=True):
        blocks = []
        for _ in range(layer.neurons):
            blocks.append(Block(first, layer.sharing, node))
            first, node = first + layer.fan_in, node + 1
        late = 0 if layer.shared else offset
        groups.append(Group(tuple(blocks), offset, late, layer.input))
    return BankSpec(
        cell=cell(config),
        groups=tuple(groups),
        node=config.node,
        update_delay=config.update_delay,
        copies=min(1, spare(config)) if config.update_delay else 0,
        reuse=config.build.reuse,
    )


def stages(config: Config) -> tuple[Stage, ...]:
    """Return what changes during a run."""
    return tuple(
        Stage(
            change.step,
            change.tau_p,
            change.tau_x,
            config.update_period(change),
            config.eta_shift_of(change.eta),
        )
        for change in config.training.schedule
    )


def optimizer(config: Config) -> OptimizerSpec:
    """Return what the optimizer is."""
    return OptimizerSpec(
        schedule=schedule(config),
        bank=bank(config),
        change=change(config),
        stages=stages(config),
        spare=spare(config) if config.update_delay else 0,
    )
