"""What the bus writes is done once, in the clock in which it says so, or not at all."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from amaranth.hdl import Elaboratable, Module, Signal

from hdl.device import Device, registers_spec
from hdl.link import page
from hdl.link.page import SLOW
from spec.map import LIVE, MAP, Control, Kind, address_of
from spec.registers import entries
from tests.configs import perceptron, xor
from tests.hdl.helpers import Player, Row

CONFIG = xor()
NAMES = [name for name, _, _ in registers_spec(CONFIG, 1).registers]
OUTPUTS = [*NAMES, "kept", "start", "stop", "pause", "resume", "bus_done", "bus_refused", "write"]


class WithPage(Elaboratable):
    """The writer of XOR's device, and its page; members of the former, and of the bus."""

    def __init__(self, latency: int) -> None:
        registers = Device(CONFIG, 1, latency).registers
        self.writer, self.page = registers.writer, registers.page

        self.bus_done, self.bus_refused = Signal(), Signal()

    def __getattr__(self, name: str) -> Any:
        bus = name.removeprefix("bus_")
        return getattr(self.writer, name) if bus == name else getattr(self.writer.bus, bus)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.writer, m.submodules.page = writer, page = self.writer, self.page
        m.d.comb += [
            page.address.eq(writer.bus.address),
            page.busy.eq(writer.busy),
            writer.meaning.eq(page.meaning),
        ]
        m.d.sync += [self.bus_done.eq(writer.bus.done), self.bus_refused.eq(writer.bus.refused)]
        return m


def write(address: int, word: int, clocks: int, **inputs: int) -> list[Row]:
    """Write a word for some clocks, then nothing for 16."""
    bus = {"bus_address": address, "bus_write_data": word, "bus_write": 1}
    return [bus | inputs] * clocks + [bus | {"bus_write": 0} | inputs] * 16


def play(rows: list[Row], latency: int = 1) -> list[Row]:
    """Return the outputs in each clock; the latency is that of the page."""
    quiet: Row = {"busy": 0, "evaluated": 0}
    return player(latency, page.LIVE)([quiet | row for row in rows])


@functools.cache
def player(latency: int, live: tuple[str, ...]) -> Player:
    """Elaborate once for all tests: `live` is what the page takes while busy."""
    assert live == page.LIVE
    return Player(WithPage(latency), OUTPUTS)


def answer(found: list[Row]) -> tuple[int, bool] | None:
    """Say in which clock the write was done and whether it was refused; None if it was not."""
    for k, row in enumerate(found):
        if row["bus_done"]:
            return k, bool(row["bus_refused"])
    return None


WRITABLE = [entry for entry in entries(CONFIG) if entry.kind in (Kind.REGISTER, Kind.COMMAND)]


@pytest.mark.parametrize("latency", [1, SLOW])
@pytest.mark.parametrize("name", NAMES)
def test_a_register_is_written_when_it_says_so(name: str, latency: int) -> None:
    """With its width, and no other one with it."""
    found = play(write(address_of(name), 0xDEADBEEF, 3 + latency), latency)
    done = answer(found)
    assert done is not None
    clock, refused = done
    assert not refused
    assert clock == 2 + latency
    width = {n: w for n, w, _ in registers_spec(CONFIG, 1).registers}[name]
    before, after = found[clock - 1], found[clock]
    assert after[name] == 0xDEADBEEF % (1 << width) != before[name]
    assert [row["kept"] for row in found] == [k == clock - 1 for k in range(len(found))]
    assert {n: after[n] for n in NAMES if n != name} == {n: before[n] for n in NAMES if n != name}


def test_words_at_power_up_fit_their_registers() -> None:
    """Also that of a goal which no run reaches."""
    goals: tuple[dict[str, Any], ...] = ({}, {"solved_accuracy": -1.0, "solved_cost": -1.0})
    for goal in goals:
        config = perceptron(2, 1, samples=5, **goal)
        assert config.training.has_goal is not bool(goal)
        for name, width, word in registers_spec(config, 1).registers:
            assert 0 <= word < 1 << width, name
        value = {name: word for name, _, word in registers_spec(config, 1).registers}
        assert (value["solved_correct"] > len(config.data)) is bool(goal)


def registers_touched(rows: list[Row]) -> bool:
    """Whether any register changes."""
    found = play(rows)
    return any(row[name] != found[0][name] for row in found for name in NAMES)


@pytest.mark.parametrize("entry", WRITABLE, ids=lambda entry: entry.name)
def test_while_busy(entry: Any) -> None:
    """What would disturb a run is refused; η and τ are written."""
    found = play([{"busy": 1}, *write(entry.address, 1, 10, busy=1)])
    done = answer(found)
    assert done is not None
    assert done[1] == (entry.name not in (*LIVE, "control"))
    assert any(row["kept"] for row in found) == (entry.name in LIVE)
    assert not any(row["start"] or row["resume"] for row in found)


@pytest.mark.parametrize("address", [0x10, 0x19, 0x29, 0x3A, 0x60, 0x1020, 0x8020, 0x4000])
def test_what_is_not_there_is_refused(address: int) -> None:
    rows = write(address, 1, 4)
    assert answer(play(rows)) == (3, True)
    assert not registers_touched(rows)


def test_control() -> None:
    """`start` and `resume` stay until the trainer is busy; `stop` is a pulse; `pause` stays."""
    for bit, names in {
        Control.START: ["start"],
        Control.RESUME: ["resume"],
        Control.PAUSE: ["start", "pause"],
    }.items():
        rows = write(MAP["control"].address, bit, 4) + [{"busy": 1}] * 3
        found = play(rows)
        before, busy = found[-4], found[-1]
        assert [n for n in ("start", "stop", "pause", "resume") if before[n]] == names
        assert [n for n in ("start", "stop", "pause", "resume") if busy[n]] == [
            n for n in names if n == "pause"
        ]
    found = play(write(MAP["control"].address, Control.STOP, 4, busy=1))
    assert sum(row["stop"] for row in found) == 1


def test_rows_and_words_of_samples() -> None:
    """Four samples of a word, one after the other; the fifth is refused."""
    rows = write(address_of("row"), 1, 4)
    for k in range(4):
        rows += write(address_of("sample_data"), 10 + k, 4)
    found = [row["write"] for row in play(rows)]
    written = [(r["row"], r["data"]) for r in found if r["enable"]]
    assert written == [(1, 10), (2, 11), (3, 12)]


def test_a_planted_fault_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A register that must not change during a run is said to be one that may."""
    monkeypatch.setattr(page, "LIVE", (*LIVE, "seed"))
    with pytest.raises(AssertionError):
        test_while_busy(MAP["seed"])
