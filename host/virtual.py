"""A virtual board for a config: what would go on a board, simulated behind a serial port."""

from __future__ import annotations

import time
from argparse import Namespace
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

BENCH = BoardBench(
    "uart_0_rx",
    "uart_0_tx",
    inputs=("button_0",),
    outputs=("led_0", "led_1", "led_2"),
    idle=("led_1", "led_2"),  # solved, failed: until then it goes on, heard or not
)


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
    clock_hz = virtual.VIRTUAL.clock_mhz * 1e6
    # Its terminal has no rate: whatever the host thinks, its own line is as fast as it can be.
    baud = min(config.build.baud, int(clock_hz / LEAST_CLOCKS))
    source = virtual.to_verilog(replace(config, build=replace(config.build, baud=baud)))
    with screen.working("compiling the virtual board"):
        return VirtualBoard(
            source, clock_hz / baud, bench=BENCH, folder=files.BUILD / "sim", faults=faults
        )


def sim_board(options: Namespace) -> int:
    """Run a virtual board until interrupted."""
    config = files.load_config(options.config, options.data)
    require_link(config)
    with board(config) as running:
        console.print(f"{running.port}\na board with {options.config}; Ctrl-C ends it")
        try:
            while True:
                running.get("led_0")  # raises an error if it has ended
                time.sleep(0.5)
        except KeyboardInterrupt:
            return 0


def require_link(config: Config) -> None:
    """Raise an InputError if a config asks for boards that nobody can talk to."""
    if not config.build.link:
        raise InputError("build.link = false: such a board has no link; must be true or 'auto'")
