"""What a bitstream holds: a trainer, its registers tied to a config, and a board's panel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from amaranth.hdl import (
    ClockDomain,
    ClockSignal,
    DomainRenamer,
    Elaboratable,
    Module,
    Signal,
)
from amaranth.lib import io, wiring
from amaranth.lib.cdc import FFSynchronizer

from boards.catalogue import Board
from boards.panel import Panel
from boards.pll import Pll
from boards.power_up import PowerUp
from hdl.device import Device
from hdl.folded.trainer import FoldedTrainer
from hdl.link.link import Link
from hdl.trainers import trainer_of
from spec import derive
from spec.config import Config
from spec.errors import InputError
from spec.keys import AUTO
from spec.link import Rate
from spec.registers import registers
from spec.trained import Trained

PAGE_LATENCY = {"iCE40": 1, "ECP5": 2}
"""Clocks of a register map in block RAM, by family."""


class Top(Elaboratable):
    """A trainer on a board, behind a link where there is one (`has_link`).

    Every run starts from the config's seed, unless the link says something else; the first starts
    at power-up, as soon as block RAM can be read.

    Parameters
    ----------
    config : Config
        What to train.
    board : Board
        Where. The `sync` domain is the board's default clock, divided by `board.divide`, or a
        PLL's.

    Attributes
    ----------
    trainer : Trainer or FoldedTrainer
    """

    def __init__(self, config: Config, board: Board) -> None:
        self.config = config
        self.board = board
        self.linked = has_link(config, board)
        clock_hz = round(board.clock_mhz * 1e6)
        if self.linked:
            self.device = Device(config, clock_hz, PAGE_LATENCY[board.family])
            rate = Rate(clock_hz, config.build.baud)
            self.trainer = self.device.trainer
            far = isinstance(self.trainer, FoldedTrainer) and board.family == "ECP5"
            self.link = Link(rate, self.device.longest_access, far=far)
        else:
            self.trainer = trainer_of(config)

    def elaborate(self, platform: Any) -> Module:
        """Connect the trainer to the registers' values and to the board's pins."""
        m = Module()
        board = self.board
        if board.dividers is not None:
            m.submodules.pll = pll = Pll(board.dividers)
            m.domains += pll.domain
        elif board.divide > 1 and platform.default_clk != "SB_HFOSC":  # which divides by itself
            _divided_clock(platform, board, m)

        trainer = self._linked(m, platform) if self.linked else self._alone(m)
        m.submodules.panel = panel = Panel(len(board.lamps), int(board.clock_mhz * 1e6) // 4)
        m.submodules.power_up = power_up = PowerUp(board.clock_mhz)
        m.d.comb += [
            panel.busy.eq(trainer.busy),
            panel.done.eq(trainer.done),
            panel.solved.eq(trainer.solved),
            trainer.start.eq(panel.start & power_up.ready),
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

    def _alone(self, m: Module) -> Any:
        """Tie the trainer's registers to the config's values."""
        m.submodules.trainer = trainer = self.trainer
        for register in registers(self.config):
            m.d.comb += getattr(trainer, register.name).eq(register.value)
        return trainer

    def _linked(self, m: Module, platform: Any) -> Any:
        """Connect the trainer to a link at the board's serial port."""
        m.submodules.device, m.submodules.link = device, link = self.device, self.link
        port = serial(m, platform, self.board)
        wiring.connect(m, link.bus, device.bus)
        m.d.comb += [link.rx.eq(port.rx), port.tx.eq(link.tx)]
        return device


def has_link(config: Config, board: Board) -> bool:
    """Whether a config's bitstream for a board has a link.

    Raises
    ------
    InputError
        If the config asks for one, or needs one, and the board has no serial port.
    """
    linked = wants_link(config, board)
    if derive.ring(config) and board.serial is None:
        raise InputError(
            f"build.samples = {config.build.samples}: {board.name} has no serial port by which the "
            f"{len(config.data)} samples of the task could come; must be '{AUTO}'"
        )
    return linked


def wants_link(config: Trained, board: Board) -> bool:
    """Whether a config asks for a link that a board can have.

    Raises
    ------
    InputError
        If it needs one, and the board has no serial port.
    """
    if config.build.link is True and board.serial is None:
        raise InputError(
            f"build.link = true: {board.name} has no serial port to the computer; must be false or "
            f"'{AUTO}'"
        )
    return bool(config.build.link) and board.serial is not None


@dataclass(frozen=True)
class Serial:
    """A board's serial port: what comes from the computer, and what goes there; 1 while idle.

    Parameters
    ----------
    rx : Signal
        In the `sync` domain, two clocks late.
    tx : Signal
        To be driven; it goes out a clock later.
    """

    rx: Signal
    tx: Signal


def serial(m: Module, platform: Any, board: Board) -> Serial:
    """Request the serial port of a board that has one, and add its buffers and synchroniser."""
    assert board.serial is not None
    tx_pin, rx_pin = _ports(platform, (f"{board.serial}.tx", f"{board.serial}.rx"))
    m.submodules.serial_tx = tx = io.Buffer(io.Direction.Output, tx_pin)
    m.submodules.serial_rx = rx = io.Buffer(io.Direction.Input, rx_pin)
    port = Serial(Signal(init=1, name="rx"), Signal(init=1, name="tx"))
    m.submodules.serial_synchroniser = FFSynchronizer(rx.i, port.rx, init=1)
    line = Signal(init=1, name="tx_line")  # no glitch of what drives it gets out
    m.d.sync += line.eq(port.tx)
    m.d.comb += tx.o.eq(line)
    return port


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
