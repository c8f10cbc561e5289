"""Bytes on two wires, at every ratio of clock and baud rate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from amaranth.sim import Simulator

from hdl.link.ring import Round
from hdl.link.uart import BitClock, Receiver, Transmitter
from spec.link import LEAST_CLOCKS, TOLERANCE, Rate
from tests.hdl.helpers import Row, stream

RATES = [
    Rate(12e6, 3_000_000),
    Rate(13e6, 3_000_000),
    Rate(25e6, 3_000_000),
    Rate(12e6, 1_000_000),
    Rate(16e6, 115_200),
]
IDS = [f"{rate.clocks:.2f}" for rate in RATES]
BYTES = [0x00, 0xFF, 0x55, 0xAA, 0x01, 0x80, 0x13]


def levels(clocks: float, bits: list[int]) -> Iterator[int]:
    """Return the wire in each clock, with bits that begin and end between clocks."""
    now, end = 0, 0.0
    for bit in bits:
        end += clocks
        while now < end:
            yield bit
            now += 1


def frame(byte: int, start: int = 0, stop: int = 1) -> list[int]:
    return [start, *(byte >> k & 1 for k in range(8)), stop]


def received(rate: Rate, bits: list[int], speed: float = 1.0) -> list[Row]:
    """Return what came out in the clocks in which anything did."""
    rows = [{"rx": level} for level in levels(rate.clocks / speed, [1, 1, *bits, 1, 1])]
    rows += [{"rx": 1}] * 4
    found = stream(Receiver(rate), rows, ["data", "valid", "error", "receiving"])
    assert all(row["data"] == 0 for row in found if not row["valid"] and not row["receiving"])
    return [row for row in found if row["valid"] or row["error"]]


def data(rows: list[Row]) -> list[int]:
    assert all(row["valid"] for row in rows)
    return [row["data"] for row in rows]


@pytest.mark.parametrize("rate", RATES, ids=IDS)
@pytest.mark.parametrize("speed", [0.98, 0.99, 1.0, 1.01, 1.02])
def test_bytes_back_to_back(rate: Rate, speed: float) -> None:
    bits = [bit for byte in BYTES * 3 for bit in frame(byte)]
    assert data(received(rate, bits, speed)) == BYTES * 3


@pytest.mark.parametrize("rate", RATES, ids=IDS)
def test_a_start_bit_is_looked_at_in_its_middle(rate: Rate) -> None:
    """A wire that is low for less than half a bit means nothing."""
    glitch = [1] * 30 + [0] * max(1, int(rate.clocks / 2) - 1) + [1] * 30
    rows = [{"rx": level} for level in [*glitch, *levels(rate.clocks, frame(0x5A)), 1, 1, 1, 1]]
    found = stream(Receiver(rate), rows, ["data", "valid", "error"])
    assert [row["data"] for row in found if row["valid"]] == [0x5A]
    assert not any(row["error"] for row in found)


@pytest.mark.parametrize("rate", RATES, ids=IDS)
def test_a_missing_stop_bit_is_an_error(rate: Rate) -> None:
    """And the next byte is received once the wire was high."""
    for low in (0, 1, 25):
        bits = [*frame(0x5A, stop=0), *[0] * low, 1, *frame(0x33)]
        error, byte = received(rate, bits)
        assert (error["error"], error["valid"], error["data"]) == (1, 0, 0)
        assert (byte["valid"], byte["data"]) == (1, 0x33)


@pytest.mark.parametrize("rate", RATES, ids=IDS)
def test_a_bit_clock_keeps_its_rate(rate: Rate) -> None:
    count = int(200 * rate.clocks)
    found = stream(BitClock(rate), [{}] * count, ["bit"])
    assert sum(row["bit"] for row in found) == pytest.approx(200, abs=1 + 200 * TOLERANCE)


@pytest.mark.parametrize("rate", RATES, ids=IDS)
def test_half_a_bit_after_a_restart(rate: Rate) -> None:
    rows = [{"restart": int(k == 7)} for k in range(8 + int(3 * rate.clocks))]
    strobes = [k for k, row in enumerate(stream(BitClock(rate), rows, ["bit"])) if row["bit"]]
    first, second = [k for k in strobes if k > 7][:2]
    assert abs(first - 7 - rate.clocks / 2) <= 1
    assert abs(second - first - rate.clocks) <= 1


@pytest.mark.parametrize("every", [4, 7])
def test_a_transmitter_sends_without_gaps(every: int) -> None:
    wire = sent([0x5A, 0x00, 0xFF], every, gap=0)
    bits = [bit for byte in (0x5A, 0x00, 0xFF) for bit in frame(byte)]
    start = wire.index(0)
    assert wire[:start] == [1] * start
    assert wire[start : start + every * 30] == [bit for bit in bits for _ in range(every)]
    assert set(wire[start + every * 30 :]) == {1}


def test_a_transmitter_waits() -> None:
    wire = sent([0x5A, 0xFF], 4, gap=60)
    second = [k for k in range(len(wire) - 4) if wire[k : k + 4] == [0] * 4][-1]
    assert wire[second - 16 : second] == [1] * 16


def sent(payload: list[int], every: int, gap: int) -> list[int]:
    """Return the wire in each clock; a byte waits `gap` clocks after the last one was taken."""
    transmitter, wire, left = Transmitter(), [], list(payload)

    async def testbench(ctx: Any) -> None:
        wait, byte, taken = 0, left[0], 0
        for clock in range(every * 10 * (len(payload) + 1) + gap * len(payload)):
            ctx.set(transmitter.bit, clock % every == every - 1)
            ctx.set(transmitter.valid, bool(left and wait == 0))
            ctx.set(transmitter.data, byte & 1)
            wire.append(ctx.get(transmitter.tx))
            shift, empty = ctx.get(transmitter.shift), ctx.get(transmitter.empty)
            await ctx.tick()
            wait = max(0, wait - 1)
            if shift:
                assert not ctx.get(transmitter.between) or empty
                byte, taken = byte >> 1, taken + 1
                assert empty == (taken % 8 == 0)
            if empty:
                left.pop(0)
                byte, wait = left[0] if left else 0xFF, gap

    simulator = Simulator(transmitter)
    simulator.add_clock(1e-6)
    simulator.add_testbench(testbench)
    simulator.run()
    assert not left
    return wire


@pytest.mark.parametrize("clock", [12e6, 16e6, 25e6, 48e6, 100e6, 125e6, 130e6])
@pytest.mark.parametrize("baud", [115_200, 230_400, 921_600, 1_000_000, 2_000_000, 3_000_000])
def test_every_rate_is_met(clock: float, baud: int) -> None:
    rate = Rate(clock, baud)
    assert rate.step / 2**rate.width * clock == pytest.approx(baud, rel=TOLERANCE)
    assert rate.width <= 18
    assert clock / (rate.whole or rate.clocks) == pytest.approx(baud, rel=TOLERANCE)


@pytest.mark.parametrize("clocks", [*range(4, 24), 31, 32, 63, 104, 217, 511, 512, 1085])
def test_a_bit_of_a_whole_number_of_clocks(clocks: int) -> None:
    """Not one more or less; half as many, rounded down, after a restart."""
    rate = Rate(clocks * 1e5, 100_000)
    rows = [{"restart": int(k == 2 * clocks + 1)} for k in range(4 * clocks)]
    strobes = [k for k, row in enumerate(stream(BitClock(rate), rows, ["bit"])) if row["bit"]]
    again = 2 * clocks + 1 + clocks // 2
    assert rate.whole == clocks
    assert strobes[2:5] == [2 * clocks, again, again + clocks]
    assert strobes[:2] == [0, clocks]


@pytest.mark.parametrize("count", [2**k + d for k in range(3, 17) for d in (-2, -1, 0)])
def test_a_round_goes_through_as_many_places(count: int) -> None:
    way = Round(count)
    assert len({way.before_last(clocks) for clocks in range(count)}) == count


@pytest.mark.parametrize("baud", [0, -1, 100, 12_000_000 // LEAST_CLOCKS + 1])
def test_other_rates_are_refused(baud: int, refusal: Callable[..., str]) -> None:
    line = refusal(Rate, 12e6, baud)
    assert str(baud) in line
    assert "3,000,000" in line
