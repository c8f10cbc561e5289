"""Values come from ADCs: chips as their data sheets have them, and shapes of one's own."""

from __future__ import annotations

import dataclasses
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.external.chips import Ads8681, Mcp3008
from spec.external.converter import ADCS, READ_LATENCY, AdcShape, clocks
from tests.hdl.external.bench import Reading, read, speed

HALVES = [1, 2, 3, 4]


class Input:
    """All ones, every other bit, then random codes; tells which were sampled of what channel."""

    def __init__(self, bits: int) -> None:
        self._draw, self._bits = random.Random(bits), bits
        most = (1 << bits) - 1
        self._first = [most // 3, most // 3 * 2, most]
        self.sampled: list[tuple[int, int]] = []

    def __call__(self, channel: int = 0) -> int:
        code = self._first.pop() if self._first else self._draw.getrandbits(self._bits)
        self.sampled.append((channel, code))
        return code


def chip(name: str, source: Any) -> Any:
    return Mcp3008(source) if name == "mcp3008" else Ads8681(source)


def wrong(name: str, shape: AdcShape, channel: int = 5, **more: Any) -> list[str]:
    """Return what is wrong with values that come by a shape."""
    channel = min(channel, ADCS[name].channels - 1)
    source = Input(ADCS[name].value_bits)
    one = chip(name, source)
    more = {"clock_hz": speed(ADCS[name], 1)} | more
    done = read(shape, chip=one, count=9, channel=min(channel, shape.channels - 1), **more)
    found = list(one.errors)
    if [(channel, value) for _, value in done.values] != source.sampled[-9:]:
        found.append("other values")
    return found


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("name", ADCS)
def test_values_of_chips(name: str, half: int) -> None:
    """At the fastest clock for so many clocks a half period, back to back."""
    shape, source = ADCS[name], Input(ADCS[name].value_bits)
    clock_hz = speed(shape, half)
    assert shape.half_period(clock_hz) == half
    one = chip(name, source)
    done = read(shape, clock_hz, one, 12, always=True)
    assert [(0, value) for _, value in done.values] == source.sampled[-12:]
    assert one.errors == []
    timed(shape, clock_hz, done)


@pytest.mark.parametrize("clock_hz", [12e6, 25e6, 48e6, 100e6])
@pytest.mark.parametrize("name", ADCS)
def test_values_at_clocks_of_boards(name: str, clock_hz: float) -> None:
    assert wrong(name, ADCS[name], clock_hz=clock_hz, gap=5) == []


@pytest.mark.parametrize("channel", range(8))
def test_each_channel(channel: int) -> None:
    assert wrong("mcp3008", ADCS["mcp3008"], channel) == []


def test_a_conversion_begins_in_the_clock_after_its_start() -> None:
    shape, moments, clock = ADCS["ads8681"], [], 0
    clock_hz = speed(shape, 1)

    class Clocked(Ads8681):
        def pins(self, now: float, sclk: int, mosi: int, cs_n: int) -> int:
            nonlocal clock
            clock = round(now * clock_hz / 1e9)
            return super().pins(now, sclk, mosi, cs_n)

    def source() -> int:
        moments.append(clock)
        return 0

    done = read(shape, clock_hz, Clocked(source), 4, gap=3)
    assert moments == [start + 1 for start in done.starts]


FAULTS = [
    ("mcp3008", {"falling": True}, "data set up"),
    ("mcp3008", {"frame_bits": 16, "command": 0xC000, "channel_at": 11}, "before the last bit"),
    ("mcp3008", {"frame_bits": 18, "command": 0x30000, "channel_at": 13}, "other values"),
    ("mcp3008", {"channel_at": 13, "channel_bits": 2, "channels": 4}, "other values"),
    ("mcp3008", {"value_at": 1}, "other values"),
    ("mcp3008", {"value_bits": 9}, "other values"),
    ("mcp3008", {"command": 0x10000}, "differential"),
    ("mcp3008", {"command": 0x8000}, "before the last bit"),
    ("mcp3008", {"high_ns": 0, "half": 5}, "CS high"),
    ("mcp3008", {"sclk_ns": 700, "fast": True}, "SCLK period"),
    ("ads8681", {"falling": True}, "other values"),
    ("ads8681", {"frame_bits": 31, "value_at": 15}, "a frame of 31 bits"),
    ("ads8681", {"value_at": 15}, "other values"),
    ("ads8681", {"value_at": 0}, "other values"),
    ("ads8681", {"value_bits": 15}, "other values"),
    ("ads8681", {"command": 0xD0000000}, "command 0xd0"),
    ("ads8681", {"convert_ns": 650}, "since a conversion began"),
    ("ads8681", {"convert_ns": 0}, "other values"),
    ("ads8681", {"sclk_ns": 14, "fast": True}, "SCLK period"),
]


@pytest.mark.parametrize(("name", "change", "seen"), FAULTS)
def test_a_wrong_shape_is_seen(name: str, change: dict[str, Any], seen: str) -> None:
    change = dict(change)
    half, fast = change.pop("half", 1), change.pop("fast", False)
    shape = dataclasses.replace(ADCS[name], **change)
    found = wrong(name, shape, clock_hz=speed(shape if fast else ADCS[name], half))
    assert any(seen in text for text in found), found


def timed(shape: AdcShape, clock_hz: float, done: Reading, gap: int = 0) -> None:
    """Check clocks against what the shape says."""
    half, low = shape.half_period(clock_hz), shape.low_clocks(clock_hz)
    high = clocks(shape.high_ns, clock_hz)
    first = clocks(max(shape.convert_ns, shape.high_ns), clock_hz) if shape.convert_ns else 0
    rest = READ_LATENCY if shape.convert_ns else max(READ_LATENCY, high)
    assert low == (2 * shape.frame_bits + 1) * half
    assert shape.read_clocks(clock_hz) == first + low + READ_LATENCY
    assert shape.start_clocks(clock_hz) == first + low + rest
    assert [clock for clock, _ in done.values] == [
        clock + shape.read_clocks(clock_hz) for clock in done.starts
    ]
    whole = shape.start_clocks(clock_hz) + gap
    assert done.starts == [gap + k * whole for k in range(len(done.starts))]
    for start in done.starts:
        frame = start + 1 + first
        assert [cs for _, _, cs in done.pins[start + 1 : frame]] == [1] * first
        assert [cs for _, _, cs in done.pins[frame : frame + low]] == [0] * low
        wave = [0] * half + ([1] * half + [0] * half) * shape.frame_bits
        assert [sclk for sclk, _, _ in done.pins[frame : frame + low]] == wave
        between = done.pins[frame + low : start + whole + 1]
        assert {(sclk, cs) for sclk, _, cs in between} == {(0, int(not shape.convert_ns))}
        assert done.busy[start + 1 : start + whole - gap] == [1] * (whole - gap - 1)


class Own:
    """A chip of a shape of one's own: hears frames, and puts out frames that it draws."""

    def __init__(self, shape: AdcShape, seed: int) -> None:
        self._shape, self._draw = shape, random.Random(seed)
        self._last, self._left = (0, 0, 1), 0
        self.sent: list[int] = []
        self.heard: list[list[int]] = []
        self._level = 0

    def pins(self, now: float, sclk: int, mosi: int, cs_n: int) -> None:
        """Put out the first bit as CS falls, if none comes in by an edge before it is taken."""
        was, before, selected = self._last
        self._last = sclk, mosi, cs_n
        if selected and not cs_n:
            self.sent.append(self._draw.getrandbits(self._shape.frame_bits))
            self.heard.append([])
            self._left = self._shape.frame_bits
            self._level = self._draw.getrandbits(1)
            if not self._shape.falling:
                self._launch()
        elif not cs_n and sclk != was:
            if sclk != self._shape.falling:
                assert mosi == before, "data changes as it is taken"
                self.heard[-1].append(mosi)
            else:
                self._launch()

    def _launch(self) -> None:
        if self._left:
            self._left -= 1
            self._level = self.sent[-1] >> self._left & 1
        else:
            self._level = self._draw.getrandbits(1)

    def miso(self, now: float) -> int:
        return self._level


@st.composite
def shapes(draw: st.DrawFn) -> AdcShape:
    def some(low: int, high: int) -> int:
        return draw(st.integers(low, high))

    bits = some(1, 24)
    value_bits, channel_bits = some(1, bits), some(0, min(bits, 4))
    channel_at = some(0, bits - channel_bits)
    return AdcShape(
        frame_bits=bits,
        value_bits=value_bits,
        value_at=some(0, bits - value_bits),
        channel_bits=channel_bits,
        channel_at=channel_at,
        channels=some(1, 1 << channel_bits),
        command=some(0, (1 << bits) - 1) & ~(((1 << channel_bits) - 1) << channel_at),
        falling=draw(st.booleans()),
        sclk_ns=some(1, 60),
        high_ns=some(0, 90),
        convert_ns=draw(st.sampled_from([0, 1, 70])),
    )


def agrees(shape: AdcShape, clock_hz: float, seed: int, channel: int, late: int) -> Reading | None:
    """Read some values of a chip of one's own; return what was done, if they are the right ones."""
    one = Own(shape, seed)
    done = read(shape, clock_hz, one, 3, channel, gap=seed % 3, late=late)
    mask = (1 << shape.value_bits) - 1
    word = shape.command | channel << shape.channel_at
    frame = [word >> k & 1 for k in reversed(range(shape.frame_bits))]
    assert one.heard[-3:] == [frame] * 3
    values = [value for _, value in done.values]
    return done if values == [sent >> shape.value_at & mask for sent in one.sent[-3:]] else None


@settings(max_examples=60)
@given(shapes(), st.sampled_from([10e6, 33e6, 100e6]), st.integers(0, 99), st.data())
def test_own_shapes(shape: AdcShape, clock_hz: float, seed: int, data: st.DataObject) -> None:
    """Whatever the chip takes to put out a bit, up to a period of SCLK."""
    channel = data.draw(st.integers(0, shape.channels - 1))
    late = data.draw(st.integers(0, 2 * shape.half_period(clock_hz) - 1))
    done = agrees(shape, clock_hz, seed, channel, late)
    assert done is not None
    timed(shape, clock_hz, done, seed % 3)


@pytest.mark.parametrize("falling", [False, True])
@pytest.mark.parametrize("half", HALVES)
def test_a_whole_period_and_no_more(half: int, falling: bool) -> None:
    shape = AdcShape(frame_bits=16, value_bits=16, sclk_ns=20, falling=falling)
    clock_hz = speed(shape, half)
    right = [agrees(shape, clock_hz, 1, 0, late) is not None for late in range(2 * half + 1)]
    assert right == [True] * 2 * half + [False]


def test_all_values() -> None:
    """All there are of 6 bits, in the middle of a frame."""
    shape = AdcShape(frame_bits=9, value_bits=6, value_at=2, sclk_ns=20)

    class Counting(Own):
        def _launch(self) -> None:
            self.sent[-1] = (len(self.sent) - 1) << 2 | 0x103
            super()._launch()

    done = read(shape, 100e6, Counting(shape, 1), 64)
    assert [value for _, value in done.values] == list(range(64))
