"""The device: a trainer that one can talk to."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hdl.link.bus import BUS
from hdl.link.page import SLOW
from hdl.link.register_file import RegisterFile
from hdl.trainer import Trainer
from spec import derive
from spec.config import Config
from spec.identity import constants
from spec.map import RegistersSpec, in_map
from spec.registers import registers


def registers_spec(config: Config, clock_hz: int) -> RegistersSpec:
    """Return what the register file of a config must know."""
    change, score, samples = derive.change(config), derive.score(config), derive.samples(config)
    # All ones is out of reach of `correct`, also in fewer bits; samples less one fit an address.
    widths = {"solved_correct": score.correct_width, "samples_in_use": samples.address_bits}
    output, cell = derive.network(config).output, derive.cell(config)

    def entry(name: str, value: int, width: int) -> tuple[str, int, int]:
        return name, width, in_map(name, value) & ((1 << width) - 1)

    return RegistersSpec(
        constants=tuple(constants(config, clock_hz).items()),
        registers=tuple(
            entry(r.name, r.value, widths.get(r.name, r.width)) for r in registers(config)
        ),
        parameters=config.parameters,
        theta_bits=cell.theta.bits,
        gradient_bits=cell.gradient.bits,
        outputs=score.outputs,
        output_bits=output.bits,
        output_signed=output.low < 0,
        samples=samples.depth,
        sample_bits=samples.bits,
        cost_bits=change.held_width,
        cost_signed=bool(change.noise),
        correct_bits=score.correct_width,
        sum_bits=score.sum_width,
    )


class Device(wiring.Component):
    """A `Trainer` behind the bus of a link. Its registers begin with the config's values.

    Parameters
    ----------
    config : Config
    clock_hz : int
        Clock of the domain `sync`, for whoever asks.
    page_latency : int
        Of the `Page`.

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

    def __init__(self, config: Config, clock_hz: int, page_latency: int = SLOW) -> None:
        self.trainer = trainer = Trainer(config, control=True)
        spec = registers_spec(config, clock_hz)
        self.registers = RegisterFile(
            spec,
            trainer.hand.shape(),
            trainer.line.shape(),
            trainer.write.shape(),
            config.build.reuse,
            page_latency,
        )
        self.names = [register.name for register in registers(config)]
        members = {"bus": In(BUS), "start": In(1)}
        super().__init__(members | dict.fromkeys(("busy", "done", "solved"), Out(1)))

    def elaborate(self, platform: object) -> Module:
        """Connect trainer and registers."""
        m = Module()
        m.submodules.trainer = trainer = self.trainer
        m.submodules.registers = self.registers
        wiring.connect(m, wiring.flipped(self.bus), self.registers.bus)
        reader, writer = self.registers.reader, self.registers.writer
        for name in (*self.names, "stop", "pause", "resume", "hand", "line", "write"):
            m.d.comb += getattr(trainer, name).eq(getattr(writer, name))
        for name in ("step", "correct", "cost_sum", "phase", "checked", "answered", "saturated"):
            m.d.comb += getattr(reader, name).eq(getattr(trainer, name))
        for name in ("busy", "done", "solved"):
            m.d.comb += getattr(self, name).eq(getattr(trainer, name))
        m.d.comb += [
            trainer.start.eq(self.start | writer.start),
            writer.busy.eq(trainer.busy),
            writer.evaluated.eq(trainer.tag_of_C.valid),
            reader.state.eq(Cat(trainer.busy, trainer.done, trainer.solved)),
            reader.C.eq(trainer.C.as_value()),
            reader.C0.eq(trainer.C0.as_value()),
            reader.sample.eq(Value.cast(trainer.sample)),
            *(
                mine.eq(its.theta.as_value())
                for mine, its in zip(reader.theta, trainer.cells, strict=True)
            ),
            *(mine.eq(its.G.as_value()) for mine, its in zip(reader.G, trainer.cells, strict=True)),
            *(mine.eq(trainer.y[k].as_value()) for k, mine in enumerate(reader.y)),
        ]
        return m
