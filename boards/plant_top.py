"""What a bitstream for an external plant holds: the optimizer, a panel, and pins for the plant."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from amaranth.hdl import Module

from boards import plant_pins
from boards.catalogue import Board
from boards.top import PAGE_LATENCY, Top, wants_link
from hdl.external import trainer
from hdl.external.device import ExternalDevice
from hdl.external.trainer import ExternalTrainer
from hdl.link.link import Link
from spec.errors import InputError
from spec.external.config import ExternalConfig
from spec.external.plant import Way
from spec.external.registers import registers
from spec.link import Rate


def at_clock(config: ExternalConfig, board: Board) -> ExternalConfig:
    """Return the config with SPI timed by a board's clock."""
    return replace(config, plant=replace(config.plant, clock_mhz=board.clock_mhz))


def check_ways(config: ExternalConfig) -> None:
    """Raise an InputError if a plant outside of the FPGA cannot be connected so."""
    for name in ("weights", "cost"):
        if getattr(config.plant, name) is Way.STREAM:
            raise InputError(
                f'plant.{name} = "stream": keeps the time of our clock, for a design of your own '
                '(mgd export); a board takes "parallel" or "spi"'
            )


def pins_of(config: ExternalConfig) -> dict[str, Any]:
    """Return the trainer's that get pins; of samples, those if there are several."""
    unused = ("sample", "new_sample") if config.samples == 1 else ()
    return {name: pin for name, pin in trainer.pins_of(config).items() if name not in unused}


class PlantTop(Top):
    """An optimizer on a board, with an external plant at its connectors' pins.

    Behind a link, where there is one. SPI is timed by the board's clock, whatever plant.clock_mhz
    says.

    Parameters
    ----------
    config : ExternalConfig
    board : Board

    Attributes
    ----------
    part : ExternalDevice or ExternalTrainer
        That leads to the plant.
    """

    part: ExternalDevice | ExternalTrainer

    def __init__(self, config: ExternalConfig, board: Board) -> None:
        self.check(config)
        self.plant_config = config = at_clock(config, board)
        self.board, self.linked = board, wants_link(config, board)
        if self.linked:
            clock_hz = round(board.clock_mhz * 1e6)
            self.part = self.device = ExternalDevice(config, clock_hz, PAGE_LATENCY[board.family])
            self.link = Link(Rate(clock_hz, config.build.baud), self.device.longest_access)
        else:
            self.part = self.trainer = ExternalTrainer(config)

    def check(self, config: ExternalConfig) -> None:
        """Raise an InputError if the plant cannot be connected."""
        check_ways(config)

    def elaborate(self, platform: Any) -> Module:
        """Connect the plant, and all else as any trainer."""
        m = super().elaborate(platform)
        self.connect(m, platform)
        return m

    def connect(self, m: Module, platform: Any) -> None:
        """Connect the plant to pins."""
        plant_pins.connect(m, platform, self.board, self.part, pins_of(self.plant_config))

    def _alone(self, m: Module) -> Any:
        m.submodules.trainer = trainer = self.trainer
        for register in registers(self.plant_config):
            m.d.comb += getattr(trainer, register.name).eq(register.value)
        return trainer
