"""The top that goes on a board, for a simulator: its pins are plain ports."""

from __future__ import annotations

from dataclasses import replace

from amaranth.back import verilog
from amaranth.hdl import IOPort
from amaranth.lib import io

from boards.catalogue import Board
from boards.top import Top
from spec.config import Config

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
    plain = replace(board, oscillator_mhz=board.clock_mhz, divide=1, dividers=None)
    return verilog.convert(
        Top(config, plain),
        name=name,
        platform=VirtualPlatform(),
        ports={},  # more than those of the clock domain and the pins, which come by themselves
        strip_internal_attrs=True,
    )
