"""Planted faults of what lies between optimizer and plant, and of the schedule that waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sim.external.pins import Answer
from spec.external.config import ExternalConfig
from tests.sim.external.rude import Forgetful, SlowToRest, Wired, WrongRound

Keys = dict[str, Any]
Make = Callable[[ExternalConfig], Answer]


def late(config: ExternalConfig) -> Answer:
    """Make a plant that is waited for, of weights and of costs."""
    return Answer(config, (0, 3, 20), 0.4)


def wired(config: ExternalConfig) -> Answer:
    """Make one that is late, and has rounds wired."""
    return Wired(config, (0, 3, 20))


@dataclass(frozen=True)
class Fault:
    """What to write in place of what, and how it shows.

    Parameters
    ----------
    name : str
    file : str
        Under `hdl/`.
    right, wrong : str
        Texts.
    signal : str
        A field of the probe that differs in the first clock in which any does.
    config : dict
        Keys that show it.
    plant : callable
        Makes the plant at the pins.
    """

    name: str
    file: str
    right: str
    wrong: str
    signal: str
    config: Keys = field(default_factory=dict)
    plant: Make = Answer


EXCHANGE, WEIGHTS, SPI = "external/exchange.py", "external/weights.py", "external/spi.py"
BANK, LINE = "optimizer/memory/bank.py", "optimizer/memory/line.py"
COSTS, TALLY = "external/costs.py", "external/tally.py"
PATIENT = "optimizer/schedule/patient.py"

MEAN: Keys = {"average": 1, "noise": 0.2}
STREAM: Keys = {"weights": "stream", "cost_in": "stream", "parameters": 3, "settling": 2}
ALONE: Keys = {"parameters": 1, "samples": 1, "steps": 400}
WAITED: Keys = {"handshake": True}
DAC: Keys = {"weights": "spi", "dac": "mcp4922", "parameters": 3}
REFERENCE: Keys = DAC | {"dac": "dac8568", "parameters": 9}
FOLDED: Keys = {**STREAM, "engine": "folded", "parameters": 5}
DIRECT: Keys = FOLDED | {"accumulate": False}
NOISY: Keys = FOLDED | {"update_noise": 0.05}
WALSH: Keys = FOLDED | {"perturbation": "cm"}
ADC: Keys = {"cost_in": "spi", "adc": "mcp3008", "adc_channel": 5}

FAULTS = [
    Fault("one conversion", EXCHANGE, "left.eq(spec.conversions - 1)", "left.eq(0)", "C", MEAN),
    Fault("no sum", EXCHANGE, "(mean + receiver.value)", "(receiver.value)", "C", MEAN),
    Fault("sums go on", EXCHANGE, "(self.means).eq(0)", "(self.means)[1:].eq(0)", "C"),
    Fault(
        "settling left out",
        EXCHANGE,
        '"SETTLE" if spec.settling or spec.handshake else "CONVERT"',
        '"CONVERT"',
        "C",
        {"settling": 3},
    ),
    Fault("settled for ever", EXCHANGE, "(clocks <= 1) & rose", "clocks <= 1", "C", WAITED, late),
    Fault("goes on settled", EXCHANGE, "rests & ~late", "~late", "C", WAITED, SlowToRest),
    Fault(
        "does not forget",
        EXCHANGE,
        "self.clear | late",
        "self.clear",
        "C",
        STREAM | {"perturbation": "tm", "timeout": 40},
        Forgetful,
    ),
    Fault(
        "any round",
        COSTS,
        "self.ask & (self.cost_round == self.round)",
        "self.ask",
        "C",
        STREAM,
        WrongRound,
    ),
    Fault("not valid", COSTS, "self.cost_valid & right", "right", "C", STREAM, wired),
    Fault("larger ones", WEIGHTS, "(value != read.data)", "(value > read.data)", "C", STREAM),
    Fault("no stall", WEIGHTS, "~self.weight_valid | self.weight_ready", "1", "C", STREAM, late),
    Fault("not the last", WEIGHTS, "number == count - 1", "number == count - 2", "C", STREAM),
    Fault("no offset", SPI, "Cat(weight[:-1], ~weight[-1])", "weight", "C", DAC),
    Fault("not loaded", SPI, "changed.sent & wrote", "0", "C", DAC),
    Fault("spare bits on top", SPI, "Cat(Const(0, spare), code)", "code", "C", DAC),
    Fault("no reference", SPI, "setup.eq(forgot & ~self.forget)", "setup.eq(0)", "C", REFERENCE),
    Fault("one chip set up", "external/dac.py", "~sets_up & (", "(", "C", REFERENCE),
    Fault("sent too early", SPI, "ends & writer.ready", "changed.sent", "C", DAC),
    Fault("first channel", SPI, "range(spec.adc_channel, ", "range(0, ", "C", ADC),
    Fault("one chip", "external/dac.py", "chip != k", "0 != k", "C", DAC),
    Fault("one sample", PATIENT, "number == self.samples - 1", "number == 0", "phase"),
    Fault(
        "one counts less",
        "external/trainer.py",
        "optimizer.tag_of_C.count)",
        "optimizer.tag_of_C.count & (samples.address != 2))",
        "cost_sum",
    ),
    Fault("early", PATIENT, "m.If(self.answered)", "m.If(self.ready | 1)", "phase"),
    Fault(
        "sample of the step",
        "external/samples.py",
        "Mux(self.sweep, self.address, self.index)",
        "self.index",
        "C",
    ),
    Fault("at the limit", TALLY, "self.cost_sum <", "self.cost_sum <=", "solved", ALONE),
    Fault("not cleared", TALLY, "cost_sum.eq(0)", "cost_sum.eq(1)", "cost_sum"),
    # Cells that are words of memory.
    Fault("one word less", BANK, "parameters - 1):", "parameters - 2):", "written", FOLDED),
    Fault("another word", BANK, "port.addr.eq(number), port", "port.addr.eq(~number), port",
          "theta", FOLDED),
    Fault("fresh for ever", BANK, "_fresh.eq(0)", "_fresh.eq(1)", "theta", FOLDED),
    Fault("learns again", BANK, "_learns.eq(0)", "_learns.eq(1)", "G", FOLDED),
    Fault("always updates", BANK, "fixed.mux(bus.update, updated, first)", "updated", "theta",
          FOLDED | {"tau_theta": 3}),
    Fault("G stays", BANK, "fixed.mux(bus.update, kept, total)", "total", "G", FOLDED),
    Fault("everyone listens", BANK, "(self.perturbation.active(self._tilde) | bus.initialise)", "1",
          "G", FOLDED | {"perturbation": "tm", "tau_theta": 2}),
    Fault("always moves", BANK, "fixed.mux(bus.update, moved, theta)", "moved", "theta", DIRECT),
    Fault("noise of the next", BANK, "shape.storage, 2,", "shape.storage, 1,", "theta", NOISY),
    Fault("noise stays", BANK, "bus.update & ~bus.initialise & self.swept", "0", "theta", NOISY),
    Fault("old column", BANK, "(bus.perturb):\n                ", "(bus.update):\n                ",
          "perturbation", WALSH),
    Fault("line of the code", BANK, "heard.fill.eq(filled)", "heard.fill.eq(1)", "C", WALSH),
    Fault("never perturbed", BANK, "self.tag, ", "Tag(self.tag.as_value() & 30), ", "C", FOLDED),
    Fault("weight of the next", WEIGHTS, "(self.spec.word_latency)", "(self.spec.word_latency + 1)",
          "C", FOLDED),
    Fault("swept late", BANK, "m.d.comb += self.swept", "m.d.sync += self.swept", "phase", FOLDED),
    Fault("head stays", LINE, "head.eq(before)", "head.eq(head)", "perturbation", FOLDED),
    Fault("no end", LINE, "Mux(place == last, 0, place + 1)", "place + 1", "C", FOLDED),
    Fault("not from the head", LINE, "place.eq(head)", "place.eq(0)", "C", FOLDED),
]  # fmt: skip
