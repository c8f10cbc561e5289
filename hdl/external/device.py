"""The device of an external plant: an optimizer that one can talk to."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hdl.control import connect_registers, connect_windows
from hdl.external.trainer import ExternalTrainer
from hdl.link.bus import BUS
from hdl.link.by_hand import ByHand
from hdl.link.page import SLOW
from hdl.link.register_file import RegisterFile
from hdl.link.writer import NO_SAMPLES
from spec import derive as optimizer
from spec.errors import InputError
from spec.external import derive
from spec.external.config import ExternalConfig
from spec.external.identity import constants
from spec.external.registers import registers
from spec.map import LARGEST_LEARN, SPACING, RegistersSpec, address_of, in_map
from spec.numbers import bits_for
from spec.optimizer import MemoryBankSpec
from spec.plant import WORD


def registers_spec(config: ExternalConfig, clock_hz: int) -> RegistersSpec:
    """Return what the register file of a config must know.

    Raises
    ------
    InputError
        If a sum of costs, and one more, are wider than a word.
    """
    change, cell, sum_bits = derive.change(config), optimizer.cell(config), derive.sum_width(config)
    if sum_bits >= WORD:  # a cost, or its sign, is no wider
        raise InputError(
            f"plant.cost_width = {config.plant.cost_width}: the sum of the costs of all samples "
            f"has {sum_bits} bits; a board with a link takes {WORD - 1}"
        )
    return RegistersSpec(
        constants=tuple(constants(config, clock_hz).items()),
        registers=tuple((r.name, r.width, in_map(r.name, r.value)) for r in registers(config)),
        parameters=config.parameters,
        theta_bits=cell.theta.bits,
        gradient_bits=cell.gradient.bits,
        cost_bits=change.held_width,
        cost_signed=bool(change.noise),
        sum_bits=sum_bits,
        external=True,
        memory=derive.in_memory(config),
    )


HAND_LATENCY = 8
"""Clocks of an update by hand, besides those of its sweep, at most."""


class ExternalDevice(wiring.Component):
    """An optimizer for an external plant behind the bus of a link, as `hdl.device.Device`.

    Parameters
    ----------
    config : ExternalConfig
    clock_hz : int
        Clock of the domain `sync`, for whoever asks.
    page_latency : int
        Of the `Page`.

    Attributes
    ----------
    pins : dict
        Members that lead to the plant.

    Members
    -------
    bus : In(BUS)
        Of a `Link`.
    start : In(1)
        As that of `ExternalTrainer`; a link starts it too.
    busy, done, solved : Out(1)
        As those of `ExternalTrainer`.
    pins
        As those of `ExternalTrainer`.

    Raises
    ------
    InputError
        As `registers_spec`.
    """

    bus: Any
    start: Signal
    busy: Signal
    done: Signal
    solved: Signal

    def __init__(self, config: ExternalConfig, clock_hz: int, page_latency: int = SLOW) -> None:
        self.trainer = trainer = ExternalTrainer(config, control=True)
        by_hand = ByHand(trainer.hand.shape(), trainer.line.shape())
        spec = registers_spec(config, clock_hz)
        self.registers = RegisterFile(spec, by_hand, NO_SAMPLES, page_latency)
        self.names = [register.name for register in registers(config)]
        self.pins = trainer.pins
        members = {"bus": In(BUS), "start": In(1)}
        members |= dict.fromkeys(("busy", "done", "solved"), Out(1))
        super().__init__(members | self.pins)

    @property
    def longest_access(self) -> int:
        """As that of `Device`: where θ is in words of memory, an order by hand has sweeps."""
        bank = self.trainer.optimizer.spec.bank
        if not isinstance(bank, MemoryBankSpec):
            return 0
        return LARGEST_LEARN * (bank.sweep + HAND_LATENCY) + self.registers.reader.latency

    def elaborate(self, platform: object) -> Module:
        """Connect trainer and registers, and lead the plant's pins out."""
        m = Module()
        m.submodules.trainer = trainer = self.trainer
        m.submodules.registers = self.registers
        wiring.connect(m, wiring.flipped(self.bus), self.registers.bus)
        reader, writer = self.registers.reader, self.registers.writer
        connect_registers(m, self)
        if trainer.in_memory:
            self._words(m)
        else:
            connect_windows(m, self)
        m.d.comb += trainer.line.eq(writer.line)
        for name in reader.spec.counters:
            m.d.comb += getattr(reader, name).eq(getattr(trainer, name))
        for name, member in self.pins.items():
            ours, its = getattr(self, name), getattr(trainer, name)
            m.d.comb += ours.eq(its) if member.flow is Out else its.eq(ours)
        return m

    def _words(self, m: Module) -> None:
        """Connect what reads words, and what waits until orders have reached all of them."""
        reader, request, address = self.registers.reader, self.trainer.request, self.bus.address
        m.d.comb += [
            request.ask.eq(reader.fetch),
            request.of_G.eq(address[bits_for(SPACING) :] == address_of("G") // SPACING),
            request.number.eq(address),
            reader.came.eq(self.trainer.came),
            reader.fetched.eq(self.trainer.word),
            self.registers.writer.swept.eq(self.trainer.swept),
        ]
