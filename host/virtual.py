"""A virtual board for a config: what would go on a board, simulated behind a serial port."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from boards import virtual
from host import effort, files, screen
from host.screen import console
from sim import simulators
from sim.board import Fault, VirtualBoard
from sim.board_bench import BoardBench
from sim.simulators import Simulator
from spec.config import Config
from spec.errors import InputError
from spec.link import LEAST_CLOCKS
from spec.trained import Trained

BENCH = BoardBench(
    "uart_0_rx",
    "uart_0_tx",
    inputs=("button_0",),
    outputs=("led_0", "led_1", "led_2"),
    idle=("led_1", "led_2"),  # solved, failed: until then it goes on, heard or not
)

CLOCK_HZ = virtual.VIRTUAL.clock_mhz * 1e6


def board(config: Config, faults: Sequence[Fault] = ()) -> VirtualBoard:
    """Compile a virtual board, or find it compiled, and switch it on; it trains at power-up.

    Parameters
    ----------
    config : Config
        With a link.
    faults : sequence of Fault
        On its line.
    """
    simulators.require(Simulator.VERILATOR)
    effort.require_gateware(config)
    baud = baud_of(config)
    source = virtual.to_verilog(replace(config, build=replace(config.build, baud=baud)))
    with screen.working("compiling the virtual board"):
        return VirtualBoard(
            source, CLOCK_HZ / baud, bench=BENCH, folder=files.BUILD / "sim", faults=faults
        )


def show(running: VirtualBoard, name: str) -> int:
    """Say which port a board has, until interrupted."""
    console.print(f"{running.port}\na board with {name}; Ctrl-C ends it")
    try:
        while True:
            running.get("led_0")  # raises an error if it has ended
            time.sleep(0.5)
    except KeyboardInterrupt:
        return 0


def baud_of(config: Trained) -> int:
    """Return the rate of a virtual board: whatever the host thinks, as fast as its line can be."""
    return min(config.build.baud, int(CLOCK_HZ / LEAST_CLOCKS))


def require_link(config: Trained) -> None:
    """Raise an InputError if a config asks for boards that nobody can talk to."""
    if not config.build.link:
        raise InputError("build.link = false: such a board has no link; must be true or 'auto'")
