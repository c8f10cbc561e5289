"""The top that goes on a board, for a simulator: its pins are plain ports."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from amaranth.back import verilog
from amaranth.hdl import IOPort, Module, Shape, Value
from amaranth.lib import io
from amaranth.lib.wiring import Out

from boards.catalogue import Board
from boards.plant_pins import outward
from boards.plant_top import PlantTop
from boards.top import Top
from hdl.external.trainer import pins_of
from spec.config import Config
from spec.external.config import ExternalConfig
from spec.phase import Phase

VIRTUAL = Board(
    name="virtual",
    platform_name="",
    device="",
    oscillator_mhz=4,
    lamps=("led.0", "led.1", "led.2"),
    button="button.0",
    serial="uart.0",
)
"""A board that there is in simulation only: so slow that its lamps do not blink for ever."""


class Pin(io.SingleEndedPort):
    """A port of one bit, 1 when active; or a resource with a port for each of its signals."""

    def __init__(self, name: str) -> None:
        super().__init__(IOPort(1, name=name))
        self.name = name

    def __getattr__(self, signal: str) -> Pin:
        if signal.startswith("_"):
            raise AttributeError(signal)
        return Pin(f"{self.name}_{signal}")


class VirtualPlatform:
    """Stands in for a board's Amaranth platform: every pin that is used becomes a port.

    It is named as the pin is, such as `led_0` or `uart_0_rx`.
    """

    def request(self, name: str, number: int, *, dir: str) -> Pin:
        """Return a pin."""
        assert dir == "-"
        return Pin(f"{name}_{number}")


def to_verilog(config: Config, board: Board = VIRTUAL, name: str = "trainer") -> str:
    """Return the top that goes on a board as Verilog for a simulator.

    Its ports are `clk`, `rst` and the board's pins; the clock is that of the trainer, without a
    PLL or a divider.

    Parameters
    ----------
    config : Config
    board : Board
    name : str
        Of the top module.
    """
    return _verilog(Top(config, _plain(board)), name)


def plant_ports(config: ExternalConfig) -> dict[str, Any]:
    """Return the members that lead to a plant, and `run_begins`: whether a run starts over."""
    return pins_of(config) | {"run_begins": Out(1)}


class VirtualPlantTop(PlantTop):
    """An optimizer behind a link, whose plant is at plain ports, in any way."""

    def check(self, config: ExternalConfig) -> None:
        """Raise nothing: a simulated plant keeps our clock's time, if need be."""

    def connect(self, m: Module, platform: Any) -> None:
        """Connect the plant to ports of its members' names."""
        begins = self.device.trainer.phase == Phase.CLEAR
        for name, member in plant_ports(self.plant_config).items():
            port = io.SingleEndedPort(IOPort(Shape.cast(member.shape).width, name=name))
            direction = io.Direction.Output if member.flow is Out else io.Direction.Input
            m.submodules[f"plant_{name}"] = buffer = io.Buffer(direction, port)
            if name == "run_begins":
                m.d.comb += buffer.o.eq(begins)
            elif member.flow is Out:
                m.d.comb += buffer.o.eq(outward(m, self.device, name))
            else:
                m.d.comb += Value.cast(getattr(self.device, name)).eq(buffer.i)


def plant_to_verilog(config: ExternalConfig, board: Board = VIRTUAL, name: str = "trainer") -> str:
    """Return the same for an external plant, with `plant_ports`."""
    return _verilog(VirtualPlantTop(config, _plain(board)), name)


def _plain(board: Board) -> Board:
    """Return a board whose clock is that of the trainer."""
    return replace(board, oscillator_mhz=board.clock_mhz, divide=1, dividers=None)


def _verilog(top: Top, name: str) -> str:
    return verilog.convert(
        top,
        name=name,
        platform=VirtualPlatform(),
        ports={},  # more than those of the clock domain and the pins, which come by themselves
        strip_internal_attrs=True,
    )
