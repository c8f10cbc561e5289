"""What a config will need of a board, computed without any tool."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from amaranth.hdl import Shape

from boards import catalogue
from boards.device import DEVICES
from hdl.plant import samples
from spec import derive
from spec.activation import TABLED
from spec.config import Config
from spec.tasks import Order
from spec.timing import Timing


@dataclass(frozen=True)
class Estimate:
    """What a config will need.

    Parameters
    ----------
    board, device : str
    cells : int
        Synapse cells: P, the parameters.
    multipliers : int
        Products in the gateware.
    multipliers_available : int
        Blocks in the device. A product takes one if neither operand has more than 16 bits
        (iCE40) or 18 bits (ECP5). If they do not suffice, all products are made of logic.
    memory_bits : int
        Samples and tables. Small memories end up in logic.
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
    cells: int
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


def estimate(config: Config, board_name: str) -> Estimate:
    """Estimate a config on a board.

    Raises
    ------
    InputError
        If there is no such board.
    """
    board = catalogue.find(board_name)
    device = DEVICES[board.device]
    clocks = Timing.of(config).step()
    return Estimate(
        board=board.name,
        device=board.device,
        cells=config.parameters,
        multipliers=multipliers(config),
        multipliers_available=device.multipliers,
        memory_bits=memory_bits(config),
        memory_bits_available=device.memory_bits,
        clocks_per_step=clocks,
        clock_mhz=board.clock_mhz,
        steps_per_second=round(board.clock_mhz * 1e6 / clocks, 1),
    )


def multipliers(config: Config) -> int:
    """Products: of weights and inputs that have more than one bit, and of errors squared.

    A mean over outputs, and a random choice among samples, take one more each where their number
    is not a power of two; two rails have all of these twice, but for the choice. With reuse, a
    cell takes one, which a neuron's bias shares. Without, for XOR with one rail and with two, 8-bit
    parity on 8-20-1 and fixed inputs on 2-4-3, this is exactly what yosys finds.
    """
    first = 1 if config.task.inputs.binary else 0
    products = 0
    for layer, (neurons, weights) in list(enumerate(config.layer_shapes))[first:]:
        shared = len(config.sharing(layer)) if config.build.reuse > 1 else weights - 1
        products += neurons * shared
    squares = outputs = config.data.outputs
    mean = outputs.bit_count() != 1
    choice = config.task.order is Order.RANDOM and len(config.data).bit_count() != 1
    return config.build.rails * (products + squares + mean) + choice


def memory_bits(config: Config) -> int:
    """Bits of all samples, and of a table for each rail of a neuron whose activation is tabled."""
    bits = len(config.data) * Shape.cast(samples.layout(derive.samples(config))).width
    for layer, (neurons, _) in enumerate(config.layer_shapes):
        kind = config.activation_of(layer)
        if kind in TABLED:
            values = config.table_of(kind).values
            bits += config.build.rails * neurons * len(values) * max(values).bit_length()
    return bits
