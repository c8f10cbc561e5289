"""The device: a trainer that one can talk to."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hdl.link.bus import BUS
from hdl.link.registers import RegisterFile
from hdl.trainer import Trainer
from spec import derive
from spec.config import Config
from spec.identity import constants
from spec.map import RegistersSpec
from spec.registers import registers


def registers_spec(config: Config, clock_hz: int) -> RegistersSpec:
    """Return what the register file of a config must know."""
    change, score, samples = derive.change(config), derive.score(config), derive.samples(config)
    output, cell = derive.network(config).output, derive.cell(config)
    return RegistersSpec(
        constants=tuple(constants(config, clock_hz).items()),
        registers=tuple((r.name, r.width, r.value) for r in registers(config)),
        parameters=config.parameters,
        theta_bits=cell.theta.bits,
        gradient_bits=cell.gradient.bits,
        outputs=score.outputs,
        output_bits=output.bits,
        output_signed=output.low < 0,
        samples=samples.count,
        sample_bits=samples.bits,
        cost_bits=change.held_width,
        cost_signed=bool(change.noise),
        sum_bits=score.sum_width,
    )


class Device(wiring.Component):
    """A `Trainer` behind the bus of a link. Its registers begin with the config's values.

    Parameters
    ----------
    config : Config
    clock_hz : int
        Clock of the domain `sync`, for whoever asks.

    Members
    -------
    bus : In(BUS)
        Of a `Link`.
    start : In(1)
        As that of `Trainer`; a link starts it too.
    busy, done, solved : Out(1)
        As those of `Trainer`.
    """

    bus: Any
    start: Signal
    busy: Signal
    done: Signal
    solved: Signal

    def __init__(self, config: Config, clock_hz: int) -> None:
        self.trainer = trainer = Trainer(config, control=True)
        self.registers = RegisterFile(
            registers_spec(config, clock_hz),
            trainer.hand.shape(),
            trainer.line.shape(),
            config.build.reuse,
        )
        self.names = [register.name for register in registers(config)]
        members = {"bus": In(BUS), "start": In(1)}
        super().__init__(members | dict.fromkeys(("busy", "done", "solved"), Out(1)))

    def elaborate(self, platform: object) -> Module:
        """Connect trainer and registers."""
        m = Module()
        m.submodules.trainer = trainer = self.trainer
        m.submodules.registers = file = self.registers
        wiring.connect(m, wiring.flipped(self.bus), file.bus)
        for name in self.names:
            m.d.comb += getattr(trainer, name).eq(getattr(file, name))
        for name in ("stop", "pause", "resume", "hand", "line"):
            m.d.comb += getattr(trainer, name).eq(getattr(file, name))
        for name in ("step", "correct", "cost_sum", "answered", "saturated"):
            m.d.comb += getattr(file, name).eq(getattr(trainer, name))
        for name in ("busy", "done", "solved"):
            m.d.comb += getattr(self, name).eq(getattr(trainer, name))
        m.d.comb += [
            trainer.start.eq(self.start | file.start),
            Value.cast(trainer.write).eq(Value.cast(file.write)),
            file.state.eq(Cat(trainer.busy, trainer.done, trainer.solved)),
            file.phase.eq(trainer.phase),
            file.C.eq(trainer.C.as_value()),
            file.C0.eq(trainer.C0.as_value()),
            file.evaluated.eq(trainer.tag_of_C.valid),
            file.checked.eq(trainer.checked),
            file.sample.eq(Value.cast(trainer.sample)),
        ]
        for k, cell in enumerate(trainer.cells):
            m.d.comb += [
                file.theta[k].eq(cell.theta.as_value()),
                file.G[k].eq(cell.G.as_value()),
            ]
        for k in range(len(file.y)):
            m.d.comb += file.y[k].eq(trainer.y[k].as_value())
        return m
