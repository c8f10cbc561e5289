"""The device: a trainer that one can talk to."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hdl.control import connect_registers, connect_windows
from hdl.folded.trainer import FoldedTrainer
from hdl.link.bus import BUS
from hdl.link.by_hand import ByHand
from hdl.link.by_words import ByWords
from hdl.link.page import SLOW
from hdl.link.register_file import RegisterFile
from hdl.trainers import trainer_of
from spec import derive
from spec.config import Config
from spec.identity import constants
from spec.map import LANE_WORDS, RegistersSpec, in_map
from spec.numbers import bits_for
from spec.plant import WORD, Engine
from spec.registers import registers
from spec.timing import Timing


def registers_spec(config: Config, clock_hz: int) -> RegistersSpec:
    """Return what the register file of a config must know."""
    change, score, samples = derive.change(config), derive.score(config), derive.samples(config)
    # All ones is out of reach of `correct`, also in fewer bits; samples less one fit an address.
    widths = {"solved_correct": score.correct_width, "samples_in_use": samples.address_bits}
    output, cell = derive.network(config).output, derive.cell(config)
    folded = derive.folded(config) if config.build.engine is Engine.FOLDED else None

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
        samples=samples.slots,
        sample_bits=WORD * samples.words if folded else samples.bits,
        cost_bits=change.held_width,
        cost_signed=bool(change.noise),
        correct_bits=score.correct_width,
        sum_bits=score.sum_width,
        lanes=folded.lanes if folded else 0,
        lane_words=folded.words if folded else 0,
        ring=bool(samples.ring),
    )


class Device(wiring.Component):
    """A trainer behind the bus of a link. Its registers begin with the config's values.

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
        self.trainer = trainer = trainer_of(config, control=True)
        spec = registers_spec(config, clock_hz)
        if isinstance(trainer, FoldedTrainer):
            by_hand = ByWords(trainer.hand.shape())
        else:
            by_hand = ByHand(trainer.hand.shape(), trainer.line.shape())
        self.registers = RegisterFile(spec, by_hand, trainer.write.shape(), page_latency)
        self.names = [register.name for register in registers(config)]
        members = {"bus": In(BUS), "start": In(1)}
        super().__init__(members | dict.fromkeys(("busy", "done", "solved"), Out(1)))

    @property
    def longest_access(self) -> int:
        """Clocks that an access may take which is not done at once; 0: none takes long."""
        trainer = self.trainer
        if not isinstance(trainer, FoldedTrainer):
            return 0
        spec, registers = trainer.engine.spec, self.registers
        timing = Timing.of(trainer.config)
        read = spec.longest_visits + spec.access_latency + registers.reader.latency
        return max(read, timing.evaluation + registers.writer.page_latency) + 16

    def elaborate(self, platform: object) -> Module:
        """Connect trainer and registers."""
        m = Module()
        m.submodules.trainer = trainer = self.trainer
        m.submodules.registers = self.registers
        wiring.connect(m, wiring.flipped(self.bus), self.registers.bus)
        reader, writer = self.registers.reader, self.registers.writer
        connect_registers(m, self)
        m.d.comb += [mine.eq(trainer.y[k].as_value()) for k, mine in enumerate(reader.y)]
        if isinstance(trainer, FoldedTrainer):
            self._words(m, trainer)
        else:
            m.d.comb += [
                trainer.line.eq(writer.line),
                reader.sample.eq(Value.cast(trainer.sample)),
            ]
            connect_windows(m, self)
        return m

    def _words(self, m: Module, trainer: FoldedTrainer) -> None:
        """Connect what reads and stores words, and what lets samples come while it trains."""
        reader, writer, request = self.registers.reader, self.registers.writer, trainer.request
        m.d.comb += [
            request.ask.eq(reader.fetch | writer.store),
            request.store.eq(writer.store),
            request.lane.eq(writer.lane),
            request.address.eq(self.bus.address[: bits_for(LANE_WORDS)]),
            request.theta.eq(self.bus.write_data),
            *(part.came.eq(trainer.came) for part in (reader, writer)),
            reader.fetched.eq(trainer.word.as_value()),
        ]
        if trainer.ring:
            m.d.comb += [
                writer.opens.eq(trainer.opens),
                writer.full.eq(trainer.full),
                trainer.put.eq(writer.put),
                *(getattr(reader, n).eq(getattr(trainer, n)) for n in reader.spec.counters),
            ]
