"""Values arrive at DACs: chips as their data sheets have them, and shapes of one's own."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.external import spi_pins
from spec.external.converter import DACS, DacShape, clocks
from tests.hdl.external.bench import Pins, Write, expected, hear, speed, write

CHIPS = spi_pins.KNOWN
HALVES = [1, 2, 3, 4]


def some(shape: DacShape, chips: int, count: int, gaps: bool = False) -> list[Write]:
    """Return values for channels; one in three, and the last, is followed by a load."""
    draw = random.Random(count)
    writes = [
        Write(
            draw.randrange(chips * shape.channels),
            draw.choice(
                [draw.getrandbits(shape.value_bits), 1 << draw.randrange(shape.value_bits)]
            ),
            load=draw.random() < 0.3,
            gap=draw.randrange(9) if gaps else 0,
        )
        for _ in range(count)
    ]
    writes[-1].load = 1
    return writes


def wrong(name: str, sent: DacShape, edit: Callable[[list[Pins]], list[Pins]]) -> list[str]:
    """Return what is wrong with values that a shape sends to a chip of this name."""
    shape, half = DACS[name], 1
    clock_hz = speed(shape, half)
    writes = some(shape, 2, 12)
    chips = [CHIPS[name]() for _ in range(2)]
    history = hear(chips, edit(write(sent, 2, clock_hz, writes).pins), clock_hz)
    found = [error for chip in chips for error in chip.errors]
    if history != expected(writes, 2 * shape.channels):
        found.append("other outputs")
    return found


@pytest.mark.parametrize("gaps", [False, True], ids=["back to back", "gaps"])
@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("name", DACS)
def test_outputs_of_chips(name: str, half: int, gaps: bool) -> None:
    """Each change is one of all channels, at the fastest clock for so many clocks a half period."""
    shape, number = DACS[name], 3
    clock_hz = speed(shape, half)
    assert shape.half_period(clock_hz) == half
    writes = some(shape, number, 12, gaps)
    chips = [CHIPS[name]() for _ in range(number)]
    history = hear(chips, write(shape, number, clock_hz, writes).pins, clock_hz)
    assert history == expected(writes, number * shape.channels)
    assert [chip.errors for chip in chips] == [[]] * number


@pytest.mark.parametrize("clock_hz", [12e6, 25e6, 48e6, 100e6])
@pytest.mark.parametrize("name", DACS)
def test_outputs_at_clocks_of_boards(name: str, clock_hz: float) -> None:
    shape = DACS[name]
    writes, chip = some(shape, 1, 8), CHIPS[name]()
    history = hear([chip], write(shape, 1, clock_hz, writes).pins, clock_hz)
    assert history == expected(writes, shape.channels)
    assert chip.errors == []


SHAPE_FAULTS = [
    ("dac8568", {"falling": False}, "data set up"),
    ("dac8568", {"frame_bits": 31}, "a frame of 31 bits"),
    ("dac8568", {"channel_at": 21, "channel_bits": 3}, "other outputs"),
    ("dac8568", {"value_at": 3}, "other outputs"),
    ("dac8568", {"value_bits": 15}, "other outputs"),
    ("dac8568", {"command": 0x03000000}, "other outputs"),
    ("dac8568", {"setup": 0}, "other outputs"),
    ("dac8568", {"setup": 0x08000000}, "other outputs"),
    ("dac8568", {"setup": 0x09000001}, "command 0x09000001"),
    ("dac8568-external", {"setup": 0x08000001}, "two references"),
    ("dac8568", {"command": 0x04000000}, "command 0x04"),
    ("dac8568", {"channels": 7}, "other outputs"),
    ("dac8568", {"load": False}, "other outputs"),
    ("dac8568", {"sclk_ns": 19, "clock": 2}, "SCLK period"),
    ("dac8568", {"high_ns": 70}, "SYNC high"),
    ("dac8568", {"high_ns": 20}, "SCLK falling to LDAC falling"),
    ("dac8568", {"load_ns": 70}, "LDAC low"),
    ("mcp4922", {"falling": True}, "data set up"),
    ("mcp4922", {"frame_bits": 17}, "a frame of 17 bits"),
    ("mcp4922", {"channel_at": 14}, "other outputs"),
    ("mcp4922", {"value_bits": 11, "value_at": 1}, "other outputs"),
    ("mcp4922", {"command": 0x1000}, "other outputs"),
    ("mcp4922", {"command": 0x2000}, "shut down"),
    ("mcp4922", {"load": False}, "other outputs"),
    ("mcp4922", {"sclk_ns": 49, "clock": 2}, "SCLK period"),
    ("mcp4922", {"high_ns": 25}, "CS rising to LDAC falling"),
    ("mcp4922", {"load_ns": 75}, "LDAC low"),
]


@pytest.mark.parametrize(("name", "change", "seen"), SHAPE_FAULTS)
def test_a_wrong_shape_is_seen(name: str, change: dict[str, Any], seen: str) -> None:
    """The chips are not made of the shapes: each fault in one is an error of theirs."""
    change = dict(change)
    if change.pop("clock", 1) == 2:  # so fast that a half period is too short
        shape, fast = DACS[name], dataclasses.replace(DACS[name], **change)
        chip = CHIPS[name]()
        hear([chip], write(fast, 1, speed(fast, 1), some(shape, 1, 3)).pins, speed(fast, 1))
        found = chip.errors
    else:
        found = wrong(name, dataclasses.replace(DACS[name], **change), list)
    assert any(seen in text for text in found), found


def without_ldac(pins: list[Pins]) -> list[Pins]:
    return [now._replace(ldac_n=1) for now in pins]


def inverted_clock(pins: list[Pins]) -> list[Pins]:
    return [now._replace(sclk=1 - now.sclk) for now in pins]


def swapped_chips(pins: list[Pins]) -> list[Pins]:
    return [now._replace(cs_n=now.cs_n >> 1 | (now.cs_n & 1) << 1) for now in pins]


def late_data(pins: list[Pins]) -> list[Pins]:
    return [
        now._replace(mosi=before.mosi) for before, now in zip([pins[0], *pins], pins, strict=False)
    ]


def lost_edge(pins: list[Pins]) -> list[Pins]:
    high = next(k for k, now in enumerate(pins) if now.sclk)
    return [now._replace(sclk=now.sclk and k != high) for k, now in enumerate(pins)]


@pytest.mark.parametrize(
    "edit", [without_ldac, inverted_clock, swapped_chips, late_data, lost_edge]
)
@pytest.mark.parametrize("name", DACS)
def test_wrong_pins_are_seen(name: str, edit: Callable[[list[Pins]], list[Pins]]) -> None:
    assert wrong(name, DACS[name], list) == []
    assert wrong(name, DACS[name], edit)


def own(value_bits: int, channel_bits: int, spare: int, **more: Any) -> DacShape:
    """Return a shape with the channel on top, spare ones, the value, and spare bits."""
    shape = DacShape(
        frame_bits=channel_bits + value_bits + 2 * spare,
        value_bits=value_bits,
        value_at=spare,
        channel_bits=channel_bits,
        channel_at=value_bits + 2 * spare,
        channels=1 << channel_bits,
        command=((1 << spare) - 1) << value_bits + spare,
        sclk_ns=20,
    )
    return dataclasses.replace(shape, **more)


@st.composite
def shapes(draw: st.DrawFn) -> DacShape:
    def some(low: int, high: int) -> int:
        return draw(st.integers(low, high))

    load = draw(st.booleans())
    shape = own(
        some(1, 16),
        some(0, 4),
        some(0, 3),
        falling=draw(st.booleans()),
        sclk_ns=some(1, 60),
        high_ns=some(0, 90),
        load=load,
        load_ns=some(0, 90) if load else 0,
    )
    return dataclasses.replace(shape, channels=some(1, shape.channels))


def frames(pins: Iterable[Pins], falling: bool) -> list[tuple[int, list[int]]]:
    """Return the frames on the wires: which chip, and its bits."""
    found: list[tuple[int, list[int]]] = []
    last = Pins(0, 0, -1, 1)
    low: int | None = None
    for now in pins:
        selected = [k for k in range(8) if not now.cs_n >> k & 1 and now.cs_n >= 0]
        chip = selected[0] if selected else None
        assert len(selected) < 2
        if chip is not None and chip != low:
            assert low is None
            found.append((chip, []))
        elif low is not None and last.sclk != now.sclk:
            assert chip == low, "an edge as CS rises"
            if now.sclk != falling:
                assert last.mosi == now.mosi, "data changes as it is taken"
                found[-1][1].append(now.mosi)
        last, low = now, chip
    return found


def decoded(shape: DacShape, chips: int, pins: Iterable[Pins]) -> list[tuple[int, int]]:
    """Return channels and values on the wires."""
    wide = [now._replace(cs_n=now.cs_n | 0xFF << chips & 0xFF) for now in pins]
    result = []
    for chip, bits in frames(wide, shape.falling):
        assert len(bits) == shape.frame_bits
        word = int("".join(map(str, bits)), 2)
        value = word >> shape.value_at & (1 << shape.value_bits) - 1
        channel = word >> shape.channel_at & (1 << shape.channel_bits) - 1
        assert word == shape.command | value << shape.value_at | channel << shape.channel_at
        result.append((chip * shape.channels + channel, value))
    return result


def low_runs(levels: Iterable[int]) -> list[tuple[int, int]]:
    """Return where a level is 0: the first clock, and how many."""
    runs, before = [], 1
    for clock, level in enumerate(levels):
        if not level:
            runs = (
                [*runs[:-1], (runs[-1][0], runs[-1][1] + 1)] if not before else [*runs, (clock, 1)]
            )
        before = level
    return runs


@settings(max_examples=60)
@given(shapes(), st.integers(1, 3), st.sampled_from([10e6, 33e6, 100e6]), st.data())
def test_own_shapes(shape: DacShape, chips: int, clock_hz: float, data: st.DataObject) -> None:
    """What is sent is on the wires, in as many clocks as the shape says."""
    one = st.builds(
        Write,
        st.integers(0, chips * shape.channels - 1),
        st.integers(0, (1 << shape.value_bits) - 1),
        load=st.integers(0, 1),
    )
    writes = data.draw(st.lists(one, min_size=1, max_size=5))
    done = write(shape, chips, clock_hz, writes)
    assert decoded(shape, chips, done.pins) == [(one.channel, one.value) for one in writes]
    low, whole = shape.low_clocks(clock_hz), shape.write_clocks(clock_hz)
    load = shape.load_clocks(clock_hz)
    assert low == (2 * shape.frame_bits + 1) * shape.half_period(clock_hz)
    assert whole == low + clocks(shape.high_ns, clock_hz)
    every = (1 << chips) - 1
    selected = low_runs(now.cs_n == every for now in done.pins)
    assert selected == [(clock + 1, low) for clock in done.taken]
    ends = [clock + whole + one.load * load for clock, one in zip(done.taken, writes, strict=True)]
    assert ends[:-1] == done.taken[1:]
    pulses = [
        (clock + whole + 1, load - 1)
        for clock, one in zip(done.taken, writes, strict=True)
        if one.load and shape.load
    ]
    assert low_runs(now.ldac_n for now in done.pins) == pulses
    assert done.busy == [int(clock not in done.taken) for clock in range(ends[-1])] + [0] * 40
    # SCLK's halves are all as long, and it is low while no chip is selected.
    half = shape.half_period(clock_hz)
    rises = [
        (clock + 1 + half * k) for clock in done.taken for k in range(1, 2 * shape.frame_bits, 2)
    ]
    assert low_runs(1 - now.sclk for now in done.pins) == [(clock, half) for clock in rises]


def test_all_values_on_all_channels() -> None:
    shape = own(3, 2, 1, load=True, load_ns=20)
    writes = [Write(channel, value) for channel in range(8) for value in range(8)]
    pins = write(shape, 2, 100e6, writes).pins
    assert decoded(shape, 2, pins) == [(one.channel, one.value) for one in writes]


@pytest.mark.parametrize("edit", [inverted_clock, swapped_chips, late_data, lost_edge])
@pytest.mark.parametrize("falling", [False, True])
def test_the_decoder_sees_wrong_pins(
    falling: bool, edit: Callable[[list[Pins]], list[Pins]]
) -> None:
    shape = own(5, 2, 1, falling=falling)
    writes = [Write(k % 8, 11 * k % 32) for k in range(8)]
    pins = edit(write(shape, 2, 100e6, writes).pins)
    try:
        found = decoded(shape, 2, pins)
    except AssertionError:
        return
    assert found != [(one.channel, one.value) for one in writes]


def test_loads_of_their_own() -> None:
    """Strobes before their pulse count once; one while nothing is sent has its pulse at once."""
    shape = own(4, 0, 0, load=True, load_ns=30)
    frame, load = shape.write_clocks(100e6), shape.load_clocks(100e6)
    assert (frame, load) == (10, 4)
    done = write(shape, 1, 100e6, [Write(0, 5), Write(0, 6)], loads=[3, 5, 45], after=60)
    assert done.taken == [0, frame + load]
    pulses = low_runs(now.ldac_n for now in done.pins)
    assert pulses == [(frame + 1, load - 1), (47, load - 1)]
    assert done.busy[45:52] == [0, 1, 1, 1, 1, 0, 0]
