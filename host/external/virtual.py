"""A virtual board with an external plant: its model is at the pins."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace

from boards import virtual
from boards.plant_top import at_clock
from host import effort, files, screen
from host.virtual import BENCH, CLOCK_HZ, baud_of
from sim import simulators
from sim.board import Fault, VirtualBoard
from sim.external.board import PlantAtWork, PlantBoardBench
from sim.external.pin_bench import PinBench
from sim.external.pins import Answer
from sim.simulators import Simulator
from spec.external.config import ExternalConfig


@contextlib.contextmanager
def board(
    config: ExternalConfig, faults: Sequence[Fault] = (), plant: Answer | None = None
) -> Iterator[VirtualBoard]:
    """Compile a virtual board, or find it compiled, and switch it on; it trains at power-up.

    Parameters
    ----------
    config : ExternalConfig
        With a link.
    faults : sequence of Fault
        On its line.
    plant : Answer, optional
        What is at its pins; by default the config's model, which answers as soon as it may.

    Raises
    ------
    InputError
        If the config has no model.
    RuntimeError
        At the end, if that failed.
    """
    simulators.require(Simulator.VERILATOR)
    effort.require_gateware(config)
    timed, baud = at_clock(config, virtual.VIRTUAL), baud_of(config)
    pins = PinBench.of_plant(virtual.plant_ports(timed))
    bench = PlantBoardBench(**asdict(BENCH), pins=pins)
    with contextlib.ExitStack() as stack:
        work = stack.enter_context(PlantAtWork(pins, plant or Answer(timed)))
        with screen.working("compiling the virtual board"):
            source = virtual.plant_to_verilog(replace(timed, build=replace(timed.build, baud=baud)))
            made = VirtualBoard(
                source,
                CLOCK_HZ / baud,
                bench=bench,
                folder=files.BUILD / "sim",
                faults=faults,
                peer=work.peer,
            )
        yield stack.enter_context(made)
