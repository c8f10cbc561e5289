"""What a bitstream holds: a trainer, its registers tied to a config, and a board's panel."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import (
    ClockDomain,
    ClockSignal,
    DomainRenamer,
    Elaboratable,
    Module,
    Signal,
)
from amaranth.lib import io

from boards.catalogue import Board
from boards.panel import Panel
from hdl.trainer import Trainer
from spec.config import Config
from spec.registers import registers


class Top(Elaboratable):
    """A `Trainer` on a board. Every run starts from the config's seed.

    Parameters
    ----------
    config : Config
        What to train.
    board : Board
        Where. The `sync` domain is the board's default clock, divided by `board.divide`.
    """

    def __init__(self, config: Config, board: Board) -> None:
        self.config = config
        self.board = board

    def elaborate(self, platform: Any) -> Module:
        """Connect the trainer to the registers' values and to the board's pins."""
        m = Module()
        board = self.board
        if board.divide > 1 and platform.default_clk != "SB_HFOSC":  # which divides by itself
            _divided_clock(platform, board, m)

        m.submodules.trainer = trainer = Trainer(self.config)
        for register in registers(self.config):
            m.d.comb += getattr(trainer, register.name).eq(register.value)
        m.submodules.panel = panel = Panel(len(board.lamps), int(board.clock_mhz * 1e6) // 4)
        m.d.comb += [
            panel.busy.eq(trainer.busy),
            panel.done.eq(trainer.done),
            panel.solved.eq(trainer.solved),
            trainer.start.eq(panel.start),
        ]

        for k, port in enumerate(_ports(platform, board.lamps)):
            m.submodules[f"lamp_{k}"] = buffer = io.Buffer(io.Direction.Output, port)
            m.d.comb += buffer.o.eq(panel.lamps[k])
        for k, port in enumerate(_ports(platform, board.high)):
            m.submodules[f"high_{k}"] = buffer = io.Buffer(io.Direction.Output, port)
            m.d.comb += buffer.o.eq(1)
        if board.button is not None:
            (port,) = _ports(platform, (board.button,))
            m.submodules.button = buffer = io.Buffer(io.Direction.Input, port)
            m.d.comb += panel.button.eq(buffer.i)
        return m


def _ports(platform: Any, pins: tuple[str, ...]) -> list[io.PortLike]:
    """Request 'resource.number' or 'resource.number.signal'; a resource is requested once."""
    requested: dict[tuple[str, str], Any] = {}
    ports = []
    for pin in pins:
        name, number, *signal = pin.split(".")
        if (name, number) not in requested:
            requested[name, number] = platform.request(name, int(number), dir="-")
        port = requested[name, number]
        ports.append(getattr(port, signal[0]) if signal else port)
    return ports


def _divided_clock(platform: Any, board: Board, m: Module) -> None:
    """Drive the `sync` domain from the default clock, which becomes domain `oscillator`.

    `sync` needs no reset of its own: it stands still as long as the oscillator's domain is in
    reset, and starts from the flip-flops' initial values.
    """
    count, clock = Signal(range(board.divide)), Signal()
    oscillator = platform.create_missing_domain("sync")
    oscillator.d.sync += count.eq(count + 1)
    m.submodules.oscillator = DomainRenamer({"sync": "oscillator"})(oscillator)
    m.domains.sync = ClockDomain(reset_less=True)
    m.d.comb += [clock.eq(count[-1]), ClockSignal("sync").eq(clock)]
    clock.attrs["keep"] = 1  # or yosys may drop the name that the constraint is for
    platform.add_clock_constraint(clock, board.clock_mhz * 1e6)
