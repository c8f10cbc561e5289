"""A virtual board is a serial port, exact in its bits, and as hostile as it is asked to be."""

import contextlib
import os
import random
import select
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.fifo import SyncFIFO
from amaranth.lib.wiring import In, Out

from sim import simulators
from sim.board import Fault, VirtualBoard
from sim.board_bench import BoardBench
from sim.simulators import Simulator
from spec.errors import InputError
from tests.conftest import need

DATA = random.Random(1).randbytes(500)


class Loop(wiring.Component):
    """Stands in for a link: sends each bit back, unless it is told to be silent."""

    rx: Signal
    silent: Signal
    tx: Signal
    lamp: Signal

    def __init__(self) -> None:
        inputs = dict.fromkeys(("rx", "silent"), In(1))
        super().__init__(inputs | dict.fromkeys(("tx", "lamp"), Out(1)))

    def elaborate(self, platform: object) -> Module:
        m = Module()
        held = Signal(init=1)
        line = Signal(init=1)
        m.d.sync += [held.eq(self.rx), line.eq(held | self.silent), self.lamp.eq(~held)]
        m.d.comb += self.tx.eq(line)
        return m


class Repeater(wiring.Component):
    """Stands in for a link: reads bytes at so many clocks a bit, and sends them at as many."""

    rx: Signal
    tx: Signal

    def __init__(self, clocks: int) -> None:
        super().__init__({"rx": In(1), "tx": Out(1)})
        self.clocks = clocks

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.fifo = fifo = SyncFIFO(width=8, depth=256)
        left = Signal(range(2 * self.clocks))
        bits = Signal(4)
        byte = Signal(8)
        m.d.comb += fifo.w_data.eq(byte)
        with m.If((bits == 0) & ~self.rx):
            m.d.sync += [bits.eq(9), left.eq(self.clocks + self.clocks // 2 - 1)]
        with m.Elif(bits == 0):
            pass
        with m.Elif(left == 0):
            m.d.sync += [left.eq(self.clocks - 1), bits.eq(bits - 1)]
            m.d.comb += fifo.w_en.eq((bits == 1) & self.rx)
            with m.If(bits != 1):
                m.d.sync += byte.eq(byte[1:] | (self.rx << 7))
        with m.Else():
            m.d.sync += left.eq(left - 1)
        rest = Signal(range(self.clocks))
        frame = Signal(10)
        sent = Signal(range(11))
        m.d.comb += fifo.r_en.eq(sent == 0)
        m.d.comb += self.tx.eq((sent == 0) | frame[0])
        with m.If((sent == 0) & fifo.r_rdy):
            m.d.sync += [frame.eq((fifo.r_data << 1) | 0x200), sent.eq(10)]
            m.d.sync += rest.eq(self.clocks - 1)
        with m.Elif(sent == 0):
            pass
        with m.Elif(rest == 0):
            m.d.sync += [frame.eq(frame >> 1), sent.eq(sent - 1), rest.eq(self.clocks - 1)]
        with m.Else():
            m.d.sync += rest.eq(rest - 1)
        return m


LOOP = BoardBench(inputs=("silent",), outputs=("lamp",))


@pytest.fixture
def builds(builds: Path) -> Path:
    """Where compiled boards are kept."""
    need(Simulator.VERILATOR)
    return builds


@contextlib.contextmanager
def board(
    design: Loop | Repeater, builds: Path, clocks: float, *faults: Fault, **more: Any
) -> Iterator[VirtualBoard]:
    bench = LOOP if isinstance(design, Loop) else BoardBench()
    source = simulators.to_verilog(design)
    with VirtualBoard(source, clocks, bench=bench, folder=builds, faults=faults, **more) as made:
        yield made


def exchange(port: str, data: bytes, *, quiet: float = 0.5) -> bytes:
    """Write and read, until nothing has come for some time."""
    handle = os.open(port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        found = b""
        while True:
            readable, writable, _ = select.select([handle], [handle] if data else [], [], quiet)
            if readable:
                chunk = os.read(handle, 4096)
                if not chunk:
                    raise OSError("the terminal has hung up")
                found += chunk
            if writable:
                data = data[os.write(handle, data[:100]) :]
            if not (readable or writable or data):
                return found
    finally:
        os.close(handle)


@pytest.mark.parametrize("clocks", [4, 10, 104.17])
def test_what_goes_in_comes_back(builds: Path, clocks: float) -> None:
    with board(Loop(), builds, clocks) as made:
        assert exchange(made.port, DATA) == DATA


@pytest.mark.parametrize("clocks", [9.7, 10, 10.3])
def test_bits_are_as_long_as_asked(builds: Path, clocks: float) -> None:
    """A receiver that samples in the middle stands a few per cent."""
    with board(Repeater(10), builds, clocks) as made:
        assert exchange(made.port, DATA[:100]) == DATA[:100]


@pytest.mark.parametrize("clocks", [9, 11, 20])
def test_a_wrong_rate_garbles(builds: Path, clocks: float) -> None:
    """The planted fault."""
    with board(Repeater(10), builds, clocks) as made:
        assert exchange(made.port, DATA[:100]) != DATA[:100]


@pytest.mark.parametrize("direction", ["to board", "to host"])
@pytest.mark.parametrize(
    ("kind", "argument", "expected"),
    [
        ("drop", None, DATA[:7] + DATA[8:]),
        ("drop", 3, DATA[:7] + DATA[10:]),
        ("double", None, DATA[:8] + DATA[7:]),
        ("flip", 2, DATA[:7] + bytes([DATA[7] ^ 4]) + DATA[8:]),
        ("swap", None, DATA[:7] + bytes([DATA[8], DATA[7]]) + DATA[9:]),
        ("delay", 30_000, DATA),
    ],
)
def test_a_fault_at_a_byte(
    builds: Path, direction: str, kind: str, argument: int | None, expected: bytes
) -> None:
    with board(Loop(), builds, 10, Fault(direction, kind, at=7, argument=argument)) as made:
        assert exchange(made.port, DATA) == expected


def round_trip_s(builds: Path, clocks: int) -> float:
    """Seconds until a byte that is delayed comes back."""
    with board(Loop(), builds, 10, Fault("to host", "delay", at=0, argument=clocks)) as made:
        handle = os.open(made.port, os.O_RDWR | os.O_NOCTTY)
        try:
            began = time.monotonic()
            os.write(handle, b"x")
            assert select.select([handle], [], [], 60)[0]
            taken = time.monotonic() - began
            assert os.read(handle, 1) == b"x"
            return taken
        finally:
            os.close(handle)


def test_a_delay_delays(builds: Path) -> None:
    """By clocks: three million, which take longer to simulate than a few."""
    soon = min(round_trip_s(builds, 0) for _ in range(3))
    assert round_trip_s(builds, 3_000_000) > 3 * soon


def by_chance(builds: Path, kind: str, seed: int) -> bytes:
    fault = Fault("to board", kind, probability=0.1)
    with board(Loop(), builds, 10, fault, seed=seed) as made:
        return exchange(made.port, DATA)


@pytest.mark.parametrize("kind", ["drop", "double", "flip", "swap"])
def test_faults_by_chance_are_the_seeds(builds: Path, kind: str) -> None:
    first = by_chance(builds, kind, 1)
    assert first != DATA
    assert first == by_chance(builds, kind, 1)
    assert first != by_chance(builds, kind, 2)
    if kind == "drop":
        assert 0.8 < len(first) / len(DATA) < 0.97  # 0.9 by the binomial law, within six sigma
    if kind == "swap":
        assert sorted(first) == sorted(DATA) or len(first) == len(DATA) - 1


def test_unplugged_and_plugged_in_again(builds: Path) -> None:
    """The host sees its port vanish; the board goes on, and is found at the same path."""
    with board(Loop(), builds, 10) as made:
        handle = os.open(made.port, os.O_RDWR | os.O_NOCTTY)
        made.set("silent", 1)
        made.unplug()
        assert not Path(made.port).exists()
        with pytest.raises(OSError, match="Input/output error"):
            os.write(handle, b"x")
        os.close(handle)
        made.plug()
        assert exchange(made.port, DATA) == b""  # as it was told before
        made.set("silent", 0)
        assert exchange(made.port, DATA) == DATA


def test_unplugged_at_a_byte(builds: Path) -> None:
    with board(Loop(), builds, 10, Fault("to host", "unplug", at=20)) as made:
        with pytest.raises(OSError):  # noqa: PT011 - of either system call
            exchange(made.port, DATA)
        assert not Path(made.port).exists()
        made.plug()
        assert exchange(made.port, DATA) == DATA


def cpu(made: VirtualBoard) -> int:
    """Ticks of the processor that the simulation has taken."""
    fields = Path(f"/proc/{made.pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


SOME = 20
"""Ticks of the processor, of which there are a hundred a second."""


@pytest.mark.parametrize("busy", [False, True])
def test_it_sleeps_unless_something_goes_on(builds: Path, busy: bool) -> None:
    bench = BoardBench(outputs=("lamp",), inputs=("silent",), idle=("lamp",) if busy else ())
    source = simulators.to_verilog(Loop())
    with VirtualBoard(source, 10, bench=bench, folder=builds) as made:
        assert exchange(made.port, DATA) == DATA
        before, until = cpu(made), time.monotonic() + (60 if busy else 1)
        while cpu(made) - before <= SOME and time.monotonic() < until:
            time.sleep(0.01)
        assert (cpu(made) - before > SOME) == busy


def test_it_ends_with_its_standard_input_and_leaves_nothing(builds: Path) -> None:
    with board(Loop(), builds, 10) as made:
        port, pid = made.port, made.pid
        assert Path(port).is_char_device()
    assert not Path(port).parent.exists()
    assert not Path(f"/proc/{pid}").exists()


def test_it_ends_on_sigterm(builds: Path) -> None:
    with board(Loop(), builds, 10) as made:
        os.kill(made.pid, signal.SIGTERM)
        while Path(made.port).is_symlink():
            time.sleep(0.01)
        with pytest.raises(RuntimeError, match="ended early"):
            made.get("lamp")


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        (Fault("up", "drop"), "direction 'up'"),
        (Fault("to host", "eat"), "kind 'eat'"),
        (Fault("to host", "drop", probability=2), "probability 2"),
    ],
)
def test_refusals(builds: Path, fault: Fault, named: str) -> None:
    with pytest.raises(InputError, match=named), board(Loop(), builds, 10, fault):
        pass
