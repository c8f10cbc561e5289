"""Converters clock by clock: what they do with pins, and chips that hear them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from amaranth import hdl
from amaranth.lib.wiring import Flow
from amaranth.sim import Simulator

from hdl.external.adc import AdcReader
from hdl.external.dac import DacWriter
from spec.external.converter import AdcShape, DacShape, Shape

Row = dict[str, int]

MOST_CLOCKS = 50_000


def play(component: Any, step: Callable[[Row], Row | None]) -> None:
    """Clock a component: `step` takes its outputs, returns its inputs of that clock, or no more.

    No output may depend on an input of the same clock. More than `MOST_CLOCKS` are an error.
    """
    m = hdl.Module()
    domain: Any = hdl.ClockDomain("sync")
    m.domains.sync = domain
    m.submodules.component = component
    ins, outs = (
        {k: getattr(component, k) for k, v in component.signature.members.items() if v.flow == flow}
        for flow in (Flow.In, Flow.Out)
    )
    driven, read = hdl.Cat(domain.clk, *ins.values()), hdl.Cat(*outs.values())

    def row(raw: int) -> Row:
        result = {}
        for name, port in outs.items():
            result[name] = raw & (1 << len(port)) - 1
            raw >>= len(port)
        return result

    async def testbench(ctx: Any) -> None:
        left = MOST_CLOCKS
        while (given := step(row(ctx.get(read)))) is not None:
            assert (left := left - 1), "it does not end"
            packed, place = 0, 1
            for name, port in ins.items():
                packed |= given.get(name, 0) << place
                place += len(port)
            ctx.set(driven, packed)
            ctx.set(domain.clk, 1)

    simulator = Simulator(m)
    simulator.add_testbench(testbench)
    simulator.run()


def speed(shape: Shape, half: int) -> float:
    """Return the fastest clock, in Hz, at which a half period of SCLK has so many clocks."""
    return half * 2e9 / shape.sclk_ns * (1 - 1e-12)


class Pins(NamedTuple):
    """Those of a DAC in a clock."""

    sclk: int
    mosi: int
    cs_n: int
    ldac_n: int


@dataclass
class Write:
    """A value for a channel, whether it is the last one before a load, and clocks to wait first."""

    channel: int
    value: int
    load: int = 0
    gap: int = 0


@dataclass
class Written:
    """What a `DacWriter` did: its pins in every clock, and the clocks in which it took values."""

    pins: list[Pins] = field(default_factory=list)
    taken: list[int] = field(default_factory=list)
    busy: list[int] = field(default_factory=list)


def write(
    shape: DacShape,
    chips: int,
    clock_hz: float,
    writes: Iterable[Write],
    loads: Iterable[int] = (),
    after: int = 40,
) -> Written:
    """Set up, send values as soon as they are taken; `loads` are clocks of further strobes."""
    done, left, strobes = Written(), list(writes), set(loads)
    wait, quiet = left[0].gap if left else 0, 0

    def step(outputs: Row) -> Row | None:
        nonlocal wait, quiet
        clock = len(done.pins)
        done.pins.append(Pins(*(outputs[name] for name in Pins._fields)))
        done.busy.append(outputs["busy"])
        assert outputs["busy"] != outputs["ready"]
        given = {"load": int(clock in strobes), "setup": int(not clock)}
        if left and not wait:
            given |= {"valid": 1, "value": left[0].value, "channel": left[0].channel}
            if outputs["ready"]:
                given["load"] |= left.pop(0).load
                done.taken.append(clock)
                wait = left[0].gap if left else 0
        elif outputs["ready"]:
            wait = max(0, wait - 1)
        quiet = 0 if left or outputs["busy"] else quiet + 1
        return given if quiet < after else None

    play(DacWriter(shape, chips, clock_hz), step)
    return done


def hear(chips: list[Any], pins: Iterable[Pins], clock_hz: float) -> list[list[int]]:
    """Let chips on the same wires hear pins; return their outputs after each change."""
    history = [[code for chip in chips for code in chip.outputs]]
    for clock, now in enumerate(pins):
        for k, chip in enumerate(chips):
            chip.pins(clock * 1e9 / clock_hz, now.sclk, now.mosi, now.cs_n >> k & 1, now.ldac_n)
        outputs = [code for chip in chips for code in chip.outputs]
        if outputs != history[-1]:
            history.append(outputs)
    return history


def expected(writes: Iterable[Write], channels: int, load: bool = True) -> list[list[int]]:
    """Return the outputs after each change, as they should be."""
    inputs, history = [0] * channels, [[0] * channels]
    for one in writes:
        inputs[one.channel] = one.value
        if (one.load or not load) and inputs != history[-1]:
            history.append(list(inputs))
    return history


@dataclass
class Reading:
    """What an `AdcReader` did: clocks of starts and values, and its pins in every clock."""

    starts: list[int] = field(default_factory=list)
    values: list[tuple[int, int]] = field(default_factory=list)
    pins: list[tuple[int, int, int]] = field(default_factory=list)
    busy: list[int] = field(default_factory=list)


def read(
    shape: AdcShape,
    clock_hz: float,
    chip: Any,
    count: int,
    channel: int = 0,
    gap: int = 0,
    late: int = 0,
    always: bool = False,
) -> Reading:
    """Read some values of a chip.

    `gap` clocks pass before a start; the chip's output is so many clocks `late`; with `always`,
    starts are strobed while busy too.
    """
    done, period = Reading(), 1e9 / clock_hz
    levels, wait = [0] * late, gap

    def step(outputs: Row) -> Row | None:
        nonlocal wait
        clock = len(done.pins)
        pins = outputs["sclk"], outputs["mosi"], outputs["cs_n"]
        done.pins.append(pins)
        done.busy.append(outputs["busy"])
        chip.pins(clock * period, *pins)
        levels.append(chip.miso((clock + 1) * period - 0.01))  # as the clock ends
        if outputs["done"]:
            done.values.append((clock, outputs["value"]))
        starts = len(done.starts) < count and not outputs["busy"] and not wait
        if starts:
            done.starts.append(clock)
            wait = gap
        elif not outputs["busy"]:
            wait = max(0, wait - 1)
        given = {"miso": levels.pop(0), "start": int(starts or (always and outputs["busy"]))}
        return None if len(done.values) == count and not outputs["busy"] else given

    play(AdcReader(shape, clock_hz, [channel]), step)
    return done
