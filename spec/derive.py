"""From a config to the small specs that components take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spec.code import MAX_SINE_FRACTION, Sines, Turns, Walsh
from spec.eta import eta_number
from spec.folded import FoldedLayerSpec, FoldedSpec, ImageSpec, stores_samples
from spec.network import LayerKind
from spec.noise import Gaussian
from spec.numbers import Format
from spec.optimizer import (
    CORRELATION_LATENCY,
    ENTRY,
    MAX_LEFT_SHIFT,
    PRODUCT_LATENCY,
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
    COST_SPECS,
    DEFECT_FRACTION,
    WEIGHT_LATENCY,
    ActivationSpec,
    ConvSpec,
    Cost,
    CostSpec,
    Engine,
    FoldedSamplesSpec,
    LayerSpec,
    NetworkSpec,
    PoolSpec,
    SamplesSpec,
    ScoreSpec,
    SignalSpec,
)
from spec.training import Change, Perturbation, Training

if TYPE_CHECKING:
    from spec.config import Config

CODES = {
    Perturbation.CM: Walsh,
    Perturbation.TM: Turns,
    Perturbation.FM: Sines,
    Perturbation.FM_SQUARE: Sines,
}
"""The perturbations that have a periodic code."""


def theta(config: Config) -> Format:
    """Return the format of a parameter."""
    return Format.parse(config.formats.theta, "formats.theta")


def gradient(config: Config) -> Format:
    """Return the format of G: LSBs of θ."""
    return Format.of_bits(config.formats.gradient_bits, theta(config).fraction_bits)


def bus(config: Config) -> Format:
    """Return the format of u: LSBs of θ."""
    return Format.of_bits(config.formats.bus_bits, theta(config).fraction_bits)


def weight(config: Config) -> Format:
    """Return the format of what the multiplier sees of θ: its top bits."""
    integer = theta(config).integer_bits
    return Format(integer, config.formats.weight_bits - integer)


def multiplied(config: Config) -> Format:
    """Format of θ ± Δθ as the multiplier sees it: one bit more than the top bits of θ."""
    top = weight(config)
    return Format(top.integer_bits + 1, top.fraction_bits)


def cost_noise(config: Config) -> Gaussian | None:
    """Return the noise of a perturbed cost, in LSBs of 2**-cost_bits."""
    return _noise(config, "cost_noise", config.formats.cost_bits)


def update_noise(config: Config) -> Gaussian | None:
    """Return the noise of a cell's update, in LSBs of θ."""
    return _noise(config, "update_noise", theta(config).fraction_bits)


def defects(config: Config) -> Gaussian | None:
    """Return the deviation of a neuron's scales and offsets, in LSBs of 2**-DEFECT_FRACTION."""
    return _noise(config, "defects", DEFECT_FRACTION)


def _noise(config: Config, name: str, fraction_bits: int) -> Gaussian | None:
    sigma = getattr(config.hardware, name)
    return Gaussian.of(sigma, fraction_bits, f"hardware.{name}") if sigma else None


def network(config: Config) -> NetworkSpec:
    """Return what the network is."""
    fraction = config.formats.activation_bits
    signal = SignalSpec.of_samples(config.task.inputs, fraction)
    build, layers = config.build, []
    # A multiplier that registers its operands takes x from there, if the weights come as early.
    ahead = build.multipliers.latency > 1 and not config.training.node
    weight, shapes = multiplied(config), config.network.shapes
    for index, (given, shape) in enumerate(zip(config.network.all, shapes, strict=False)):
        activation = ActivationSpec(
            given.activation, fraction, config.training.amplitude,
            deep=build.multipliers.latency > 1,
        )  # fmt: skip
        if given.kind is LayerKind.POOL:
            layer = PoolSpec(0, 0, signal, weight, activation, shape=shape)
        elif given.kind is LayerKind.CONV:
            layer = ConvSpec(
                *given.weights(shape), signal, weight, activation, shape=shape, planar=index == 0
            )
        else:
            layer = LayerSpec(
                *given.weights(shape), signal, weight, activation, defects(config),
                build.multipliers, WEIGHT_LATENCY if ahead and index else 0,
            )  # fmt: skip
        layers.append(layer)
        signal = layer.output
    return NetworkSpec(tuple(layers))


def folded(config: Config) -> FoldedSpec:
    """Return what the lanes and their memories are, for a folded engine."""
    plant, build = network(config), config.build
    one = 1 << plant.output.fraction_bits
    signals = [*(layer.input for layer in plant.layers), plant.output]
    ends = [end for signal in signals for end in _ends(signal, one)]
    heard, node = iter(init_bits_of_layers(config)), all(config.by_node)
    layers, word, inputs, neuron = [], 0, 0, 0
    pairs = [*zip(plant.layers, config.network.all, strict=True)]
    for index, (layer, given) in enumerate(pairs):
        if isinstance(layer, PoolSpec):
            continue
        image = None
        if isinstance(layer, ConvSpec):
            behind = pairs[index + 1][0]  # never the last one
            image = ImageSpec(*layer.shape, pooled=isinstance(behind, PoolSpec))
        copies = _copies(layer.neurons, build.lanes, image)
        made = FoldedLayerSpec(
            layer.neurons, layer.fan_in, build.lanes // copies, word, inputs, neuron,
            1 if index == 0 or build.lane_multipliers == 2 else 2, index == 0,
            layer.activation, layer.output, next(heard), given.doublings, image,
            copies,
        )  # fmt: skip
        layers.append(made)
        word, neuron = word + made.words, neuron + layer.neurons
        if index or stores_samples(made, node=node):
            inputs += made.inputs
    return FoldedSpec(
        tuple(layers), build.lanes, build.lane_multipliers, build.multipliers,
        theta(config), weight(config), bus(config),
        SignalSpec(min(0, *ends), max(one, *ends), plant.output.fraction_bits),
        plant.input, config.training.amplitude, node,
        config.training.perturbation is Perturbation.FRESH, init_bits(config),
    )  # fmt: skip


def _copies(neurons: int, lanes: int, image: ImageSpec | None) -> int:
    """Return how many places of a pooled square lanes have room for: all four, a row, or one."""
    fits = (copies for copies in (4, 2) if lanes % copies == 0 and neurons * copies <= lanes)
    return next(fits, 1) if image and image.pooled else 1


def _ends(signal: SignalSpec, one: int) -> tuple[int, int]:
    """Return the range of a signal, in LSBs of which `one` are 1."""
    unit = one >> signal.fraction_bits
    return signal.low * unit, signal.high * unit


def target(config: Config) -> SignalSpec:
    """Return what a target is: one bit if all targets are 0 or 1 and stay so, else as an output.

    One bit as well where the cost needs to know the right class only.
    """
    output, lasting = network(config).output, room(config) is None
    classes = config.training.cost is Cost.CROSS_ENTROPY
    binary = classes or (lasting and config.data.binary_targets)
    return SignalSpec(0, 1, 0, binary=True) if binary else output


def cost(config: Config) -> CostSpec:
    """Return what the cost is."""
    output = network(config).output
    cost_bits, multipliers = config.formats.cost_bits, config.build.multipliers
    kind = COST_SPECS[config.training.cost]
    return kind(config.data.outputs, output, target(config), cost_bits, multipliers)


def samples(config: Config) -> SamplesSpec:
    """Return what the samples are."""
    if config.build.engine is Engine.FOLDED:
        return folded_samples(config)
    given = network(config).input, target(config), config.data, config.task.order
    return SamplesSpec(*given, room=room(config))


def folded_samples(config: Config) -> FoldedSamplesSpec:
    """Return what they are for a folded engine."""
    given = network(config).input, target(config), config.data, config.task.order
    return FoldedSamplesSpec(*given, room=room(config), ring=ring(config))


def room(config: Config) -> int | None:
    """Return how many samples there is room for, if that is given; None: for the task's."""
    given = config.build.samples
    return given if isinstance(given, int) and not ring(config) else None


def ring(config: Config) -> int:
    """Return how many of the task's samples there is room for at a time; 0: for all."""
    given = config.build.samples
    return given if isinstance(given, int) and given < len(config.data) else 0


def score(config: Config) -> ScoreSpec:
    """Return what a check counts."""
    errors, held = cost(config), samples(config)
    return ScoreSpec(
        outputs=errors.outputs,
        output=errors.output,
        label_bits=held.label_bits,
        cost_width=errors.width,
        samples=held.depth,
        cost_latency=errors.latency + ChangeSpec.register_latency,
        levels=errors.levels,
    )


def perturbation(config: Config) -> PerturbationSpec:
    """Return how cells perturb themselves."""
    kind, amplitude = config.training.perturbation, config.training.amplitude
    lsbs = amplitude + weight(config).fraction_bits  # log2 of Δθ's
    fraction = min(MAX_SINE_FRACTION, lsbs) if kind is Perturbation.FM else 0
    return PerturbationSpec(kind, code(config), amplitude, fraction)


def code(config: Config) -> Walsh | Turns | Sines | None:
    """Return the periodic code of the perturbation; None for random codes."""
    kind = CODES.get(config.training.perturbation)
    known = sum(config.network.sizes[1:]) if config.training.node else config.parameters
    return kind(known) if kind else None


def cell(config: Config) -> CellSpec:
    """Return what a cell is."""
    return CellSpec(
        theta=theta(config),
        gradient=gradient(config),
        weight=multiplied(config),
        bus=bus(config),
        perturbation=perturbation(config),
        accumulate=config.build.accumulate,
        leak=leak(config),
        noise=update_noise(config),
        rails=config.build.rails,
        coincide=config.build.rails == 2,
    )


def change(config: Config) -> ChangeSpec:
    """Return how C̃ and u come about."""
    return ChangeSpec(
        cost_width=cost(config).width,
        cost_fraction_bits=config.formats.cost_bits,
        bus=bus(config),
        noise=cost_noise(config),
        rails=2 if config.build.engine is Engine.FOLDED else config.build.rails,
        guard_bits=config.training.tau_hp.bit_length() - 1 if config.training.analog else None,
    )


def schedule(config: Config) -> ScheduleSpec:
    """Return when what happens."""
    held = samples(config)
    return ScheduleSpec(
        parameters=config.parameters,
        init_bits=init_bits(config),
        bus=bus(config),
        samples=held.depth,
        adjustable=held.adjustable,
        shifts=shifts(config),
        analog=config.training.analog,
        antithetic=config.training.antithetic,
        rails=config.build.rails,
        update_delay=config.update_delay,
        evaluation=network(config).latency
        + cost(config).latency
        + ChangeSpec.register_latency
        + (ENTRY if config.update_delay else 0),
    )


def shifts(config: Config) -> int:
    """Places by which the delay line moves for a perturbation.

    In the analog loop past all cells: the high-pass remembers the perturbation before, in which no
    cell may have had a bit that another one has now.
    """
    training = config.training
    return config.parameters if training.analog and training.perturbation is Perturbation.RCM else 1


def init_bits(config: Config) -> int:
    """Return the random bits of an initial θ: ±1 ±2 … ±2**(init_bits - 1) LSBs, at most."""
    return max(init_bits_of_layers(config))


def init_bits_of_layers(config: Config) -> tuple[int, ...]:
    """Return the same of each layer, which hears as many of the bits that the bus carries."""
    init, layers = config.training.init, len(config.layer_shapes)
    each = (init,) * layers if isinstance(init, int) else init
    return tuple(theta(config).fraction_bits + one for one in each)


def needed(config: Config) -> int:
    """Clocks that D steps take at least: u must be there 2 clocks before its use, 3 with G."""
    spec = schedule(config)
    loop = spec.evaluation - spec.entry + ChangeSpec.latency
    return loop + product_latency(config) + CORRELATION_LATENCY + config.build.accumulate


def product_latency(config: Config) -> int:
    """Clocks that u·x takes where steps overlap: none but for node perturbation, and of a bit."""
    binary = all(layer.input.binary for layer in network(config).layers)
    return PRODUCT_LATENCY if config.training.node and not binary else 0


def spare(config: Config) -> int:
    """Clocks by which D is longer than it need be; u spends them in registers on its way."""
    return schedule(config).flight - needed(config) if config.update_delay else 0


def bank(config: Config) -> BankSpec:
    """Return what the cells are, and how late each hears the bus."""
    groups, first, number = [], 0, 0
    heard = init_bits_of_layers(config)
    plant = network(config)
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
        product_latency=product_latency(config) if config.update_delay else 0,
        lanes=config.build.lanes,
    )


def stages(config: Config) -> tuple[Stage, ...]:
    """Return what changes during a run."""
    return tuple(
        Stage(to.step, to.tau_p, to.tau_x, update_period(config, to), eta_shift(config, to.eta))
        for to in config.training.schedule
    )


def update_period(config: Config, stage: Training | Change) -> int:
    """Steps between updates: τ_θ, or 1 in the analog loop."""
    return 1 if config.training.analog else stage.tau_theta


def leak(config: Config) -> int:
    """An update leaves G - (G >> leak): momentum, or log2(τ_θ) in the analog loop."""
    training = config.training
    return training.tau_theta.bit_length() - 1 if training.analog else training.momentum


def eta_shift(config: Config, eta: int | str | None = None) -> int:
    """Return the `eta_shift` register for an η, or for that of the start.

    u = RNE(C̃ · 2**(MAX_LEFT_SHIFT - eta_shift)). C̃ counts 2**-cost_bits, u counts LSBs of θ, and
    u = C̃·η/Δθ; or half of that, if C̃ spans two Δθ; or, in the analog loop, C̃·η/(Δθ·τ_θ), so that
    a leaky sum G is what η·G is there.
    """
    training = config.training
    return MAX_LEFT_SHIFT - (
        eta_number(training.eta if eta is None else eta)
        - training.amplitude
        + theta(config).fraction_bits
        - config.formats.cost_bits
        - training.antithetic
        - (leak(config) if training.analog else 0)
    )


def eta_of_shift(config: Config, shift: int) -> int:
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
