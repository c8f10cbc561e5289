"""What a config will need of a board, computed without any tool."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from amaranth.hdl import Shape

from boards import catalogue, folded, logic
from boards.device import DEVICES, Device
from boards.top import has_link
from hdl.plant import samples
from hdl.trainers import check_gateware
from spec import derive
from spec.activation import TABLED
from spec.config import Config
from spec.errors import InputError
from spec.plant import Engine, MeanSquaredErrorSpec, Multipliers
from spec.tasks import Order
from spec.timing import Timing
from spec.training import Perturbation

DOES_NOT_FIT = "does not fit"
"""The verdict with which nobody need try."""


@dataclass(frozen=True)
class Estimate:
    """What a config will need.

    Parameters
    ----------
    board, device : str
    verdict : str
        'fits'; 'fits without blocks': products are made of logic, or, where they have registers,
        some of them, as there are too few blocks; 'may fit': `logic` is within `logic.MARGIN` of
        what there is; 'does not fit'.
    cells : int
        Synapse cells: P, the parameters.
    logic, logic_available : int
        LUTs (ECP5) or logic cells (iCE40), as `logic.luts` estimates them.
    multipliers : int
        Products in the gateware, of two numbers of more than one bit.
    multipliers_available : int
        Blocks in the device. A product takes one if neither operand has more than 16 bits
        (iCE40) or 18 bits (ECP5), else more; narrow ones, with a result of fewer than 11 bits
        (iCE40) or 9 bits (ECP5), take none. If the blocks do not suffice, all are made of logic; of
        those with registers, all that are too many.
    memory_bits : int
        Samples, tables, and inputs that wait for their u; words of a folded engine, unless the
        device has memory of one port for them. Small memories end up in logic.
    memory_bits_available : int
        In the device's block RAM.
    clocks_per_step : int
        Of a step with a baseline evaluation, as all are while τ_x or τ_θ is 1.
    clock_mhz : float
        Clock of the trainer on the board.
    steps_per_second : float
    """

    board: str
    device: str
    verdict: str
    cells: int
    logic: int
    logic_available: int
    multipliers: int
    multipliers_available: int
    memory_bits: int
    memory_bits_available: int
    clocks_per_step: int
    clock_mhz: float
    steps_per_second: float

    def to_dict(self) -> dict[str, Any]:
        """Return the estimate as plain values, as JSON takes them."""
        return dataclasses.asdict(self)


def estimate(config: Config, board_name: str, *, clock_mhz: float | None = None) -> Estimate:
    """Estimate a config on a board.

    Parameters
    ----------
    config : Config
    board_name : str
        Name or alias.
    clock_mhz : float, optional
        As that of `boards.build.build`. Whether a build is as fast, no estimate says.

    Raises
    ------
    InputError
        If there is no such board, its PLL cannot make the clock, or it has no serial port for a
        link that the config asks for; or if there is no gateware of the config.
    """
    board = catalogue.find(board_name).at(clock_mhz)
    check_gateware(config)
    device = DEVICES[board.device]
    clocks, linked = Timing.of(config).step(), has_link(config, board)
    products, bits = multipliers(config, linked=linked), memory_bits(config, device)
    wanted = config.build.multipliers
    blocks = products <= device.multipliers and wanted is not Multipliers.LOGIC
    # Of those with registers, only what is left over is of logic.
    spare = device.multipliers if wanted is Multipliers.REGISTERED else 0
    left = products if blocks else products - spare
    luts = logic.luts(config, board.family, products=left, blocks=blocks, linked=linked)
    return Estimate(
        board=board.name,
        device=board.device,
        verdict=_verdict(device, luts, bits, blocks=blocks, wanted=wanted),
        cells=config.parameters,
        logic=luts,
        logic_available=device.logic,
        multipliers=products,
        multipliers_available=device.multipliers,
        memory_bits=bits,
        memory_bits_available=device.memory_bits,
        clocks_per_step=clocks,
        clock_mhz=board.clock_mhz,
        steps_per_second=round(board.clock_mhz * 1e6 / clocks, 1),
    )


def require_memory(config: Config, board: catalogue.Board) -> None:
    """Refuse a folded engine whose memories are larger than a board's.

    Raises
    ------
    InputError
        If they are: by how many bits, and which boards have as many.
    """
    if config.build.engine is not Engine.FOLDED:
        return
    device = DEVICES[board.device]
    bits = memory_bits(config, device)
    if bits <= device.memory_bits:
        return
    enough = [
        other.name
        for other in catalogue.BOARDS
        if DEVICES[other.device].memory_bits >= memory_bits(config, DEVICES[other.device])
    ]
    raise InputError(
        f"{board.name} ({board.device}) has {device.memory_bits:,} bits of memory, and parameters, "
        f"inputs and samples take {bits:,}, {bits - device.memory_bits:,} too many; "
        f"{'enough have ' + ', '.join(enough) if enough else 'no board has as many'}"
    )


def _verdict(device: Device, luts: int, bits: int, *, blocks: bool, wanted: Multipliers) -> str:
    if wanted is Multipliers.BLOCKS and not (blocks and device.multipliers):
        return DOES_NOT_FIT
    if bits > device.memory_bits or luts * (1 - logic.MARGIN) > device.logic:
        return DOES_NOT_FIT
    if luts * (1 + logic.MARGIN) > device.logic:
        return "may fit"
    return "fits" if blocks else "fits without blocks"


def multipliers(config: Config, *, linked: bool) -> int:
    """Products of two numbers in the gateware on a board.

    No product of a power of two is one, nor of a binary input.

    Parameters
    ----------
    config : Config
    linked : bool
        Whether a link changes the registers; without one they are constants.
    """
    folds = config.build.engine is Engine.FOLDED
    per_evaluation = (0 if folds else _network_products(config)) + _cost_products(config)
    sources = (derive.cost_noise(config), derive.update_noise(config), derive.defects(config))
    factors = [source.factor for source in sources if source and _takes_product(source.factor)]
    held = derive.samples(config)
    chosen = (held.adjustable and linked) or _takes_product(held.count)
    choice = config.task.order is Order.RANDOM and chosen
    # Whose turn it is at first: the seed's share of P, taken in a clock in which nothing is drawn.
    turn = config.training.perturbation is Perturbation.TM and linked
    first = turn and _takes_product(config.parameters)
    first = first and not any(_share(config.parameters, factor) for factor in factors)
    once = len(factors) + choice + first
    if folds:
        return 2 * per_evaluation + folded.products(config, linked=linked) + once
    return config.build.rails * per_evaluation + _learning_products(config) + once


def _takes_product(factor: int) -> bool:
    """Whether it takes a product to multiply or divide by a constant, not a shift."""
    return factor.bit_count() != 1


def _share(cells: int, factor: int) -> bool:
    """Whether yosys takes one multiplier for P and for the factor of a draw, which has a sign.

    Of products that no clock needs both of, it does where no factor is more than twice as wide as
    the other, without the zeros at its end.
    """
    one = (cells // (cells & -cells)).bit_length()
    other = (factor // (factor & -factor)).bit_length() + 1
    return max(one, other) <= 2 * min(one, other)


def _weighted_inputs(config: Config) -> Iterator[tuple[int, int]]:
    """Neurons, and inputs of each that have more than a bit, of each layer."""
    for layer in derive.network(config).layers:
        if not layer.input.binary:
            yield layer.neurons, layer.fan_in - 1


def _network_products(config: Config) -> int:
    """Of weights and inputs; with defects, k·(z - x0) and L·f."""
    products = sum(neurons * inputs for neurons, inputs in _weighted_inputs(config))
    return products + (2 * derive.network(config).neurons if config.hardware.defects else 0)


def _cost_products(config: Config) -> int:
    """Of errors, squared if not looked up; of the reciprocal of the outputs, for the mean."""
    spec, outputs = derive.cost(config), config.data.outputs
    if not isinstance(spec, MeanSquaredErrorSpec):
        return 0
    return outputs * (not spec.looked_up) + _takes_product(outputs)


def _learning_products(config: Config) -> int:
    """Of u and a sine; with node perturbation, of u and an input, once a layer but for sines."""
    sine = config.training.perturbation is Perturbation.FM
    if not config.training.node:
        return config.parameters if sine else 0
    shared = sum(inputs for _, inputs in _weighted_inputs(config))
    each = sum(neurons * inputs for neurons, inputs in _weighted_inputs(config))
    return derive.network(config).neurons + each if sine else shared


def memory_bits(config: Config, device: Device | None = None) -> int:
    """Bits of all samples; of a table for each rail of a neuron whose activation is tabled.

    And of inputs that wait for their u, where steps overlap and nodes are perturbed. Words of a
    folded engine are left out where a device has other memory for them.
    """
    if config.build.engine is Engine.FOLDED:
        return folded.memory_bits(config, device.single_port if device else 0)
    held = derive.samples(config)
    bits = held.depth * Shape.cast(samples.layout(held)).width
    for layer in derive.network(config).layers:
        if layer.activation.kind in TABLED:
            values = layer.activation.table.values
            bits += config.build.rails * layer.neurons * len(values) * max(values).bit_length()
    if config.training.node and config.update_delay:
        bank = derive.bank(config)
        for group in bank.groups:
            inputs = group.blocks[0].parameters - 1
            bits += inputs * group.input.bits * (bank.age_of_inputs(group) - 1)
    return bits
