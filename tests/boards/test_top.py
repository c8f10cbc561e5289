"""What is built for a board connects a trainer to the board's pins and clock, and trains."""

import functools
import re
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
from amaranth.hdl import ClockDomain, Fragment, Module, Signal
from amaranth.lib import io
from amaranth.sim import Simulator

from boards.catalogue import BOARDS, Board, find
from boards.top import Top, serial
from hdl.trainers import trainer_of
from spec.config import Config
from spec.errors import InputError
from tests.boards.conftest import hollow
from tests.configs import FOLDED, perceptron

SMALL = perceptron(2, 1)
"""Boards differ outside of the network."""


WHOLE = {(board.family, bool(board.serial)): board for board in BOARDS}.values()
"""One board of each family, with a serial port and without; others get a hollow trainer."""


@functools.cache
def prepared(board: Board) -> dict[str, str]:
    """Files that the tools are given for it."""
    with nullcontext() if board in WHOLE else hollow():
        return dict(board.platform().prepare(Top(SMALL, board), emit_src=False).files)


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)
def test_elaborates_with_the_boards_pins_and_clock(board: Board) -> None:
    files = prepared(board)
    assert "attribute \\top 1\nmodule \\top\n" in files["top.il"]
    place = "device.trainer" if board.serial else "trainer"
    assert (f"module \\top.{place}.network" in files["top.il"]) == (board in WHOLE)
    constraints = files["top.pcf" if board.family == "iCE40" else "top.lpf"]

    located = r"^set_io (\S+) " if board.family == "iCE40" else r'^LOCATE COMP "(\S+)" '
    pins = re.findall(located, constraints, re.MULTILINE)
    used = (*board.lamps, *([board.button] if board.button else []), *board.high)
    for lamp in used:
        name, number, *signal = lamp.split(".")
        assert "__".join([f"{name}_{number}", *signal, "io"]) in pins

    clock = r"^set_frequency \S+ (\S+)$" if board.family == "iCE40" else r"^FREQUENCY .* (\S+) HZ;$"
    unit = 1 if board.family == "iCE40" else 1e6
    clocks = {float(value) / unit for value in re.findall(clock, constraints, re.MULTILINE)}
    internal = board.platform().default_clk == "SB_HFOSC"  # nextpnr knows its clock
    assert clocks == (set() if internal else {board.oscillator_mhz, board.clock_mhz})


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)
def test_every_ulx3s_holds_its_esp32(board: Board) -> None:
    """Else it restarts the board after seconds."""
    assert board.high == (("esp32.0.gpio0",) if board.name.startswith("ulx3s") else ())
    if not board.high:
        return
    (module,) = re.findall(
        r"^module \\top\.high_0\n.*?^end\n", prepared(board)["top.il"], re.DOTALL | re.MULTILINE
    )
    driven = "connect \\o$1 1'1\nconnect \\oe 1'1\n"  # what the buffer is given: high, enabled
    assert driven in module


@pytest.mark.parametrize("name", ["blackice", "blackice-ii"])
def test_synthesis_keeps_the_name_of_a_divided_clock(name: str) -> None:
    """Its constraint is for that net."""
    files = prepared(find(name))
    assert "attribute \\keep 1\n  wire width 1 \\clock\n" in files["top.il"]
    assert "set_frequency clock " in files["top.pcf"]


SERIAL = [board for board in BOARDS if board.serial]


UNLINKED = perceptron(2, 1, link=False)


class Loop(Top):
    """Sends back what comes in."""

    def elaborate(self, platform: Any) -> Module:
        m = super().elaborate(platform)
        port = serial(m, platform, self.board)
        m.d.comb += port.tx.eq(port.rx)
        return m


@pytest.mark.parametrize("board", SERIAL, ids=lambda board: board.name)
def test_serial_port_is_free_and_where_the_catalogue_says(board: Board) -> None:
    files = prepared(board)  # with a link
    if board.family == "iCE40":
        found = re.findall(r"^set_io (\S+) (\S+)$", files["top.pcf"], re.MULTILINE)
    else:
        located = r'^LOCATE COMP "(\S+)" SITE "(\S+)";$'
        found = re.findall(located, files["top.lpf"], re.MULTILINE)
    sites = [site for _, site in found]
    assert len(sites) == len(set(sites))
    for line, site in (board.serial_pins() or {}).items():
        assert (f"uart_0__{line}__io", site) in found


def test_which_boards_have_a_serial_port() -> None:
    """All whose platform names one, but for the one that lacks a way to USB."""
    named = {board.name for board in BOARDS if ("uart", 0) in board.platform().resources}
    assert named - {board.name for board in SERIAL} == {"colorlight-5a-75b"}
    assert all((board.serial_pins() is not None) == (board in SERIAL) for board in BOARDS)


@pytest.mark.filterwarnings("ignore::amaranth.hdl.UnusedElaboratable")
def test_samples_need_a_serial_port_to_come_by() -> None:
    """Those of which there is no room for all; which a simulation has, without a link."""
    config = perceptron(2, 1, samples=5, room=3, **FOLDED)
    (*_, without) = (board for board in BOARDS if not board.serial)
    with pytest.raises(InputError, match=f"samples = 3: {without.name} has no serial port by"):
        Top(config, without)
    assert trainer_of(config).samples.spec.slots == 5


def test_serial_port_is_synchronised_and_idles_high() -> None:
    platform = Bench()
    board = Board("bench", "", "iCE40UP5K", 12, ("led.0",), serial="uart.0")
    design = Fragment.get(Loop(UNLINKED, board), platform)
    lines = platform.lines
    sent = [0, 1, 1, 0, 0, 0, 1, 0, 1, 1]

    async def bench(ctx: Any) -> None:
        ctx.set(lines["rx"].i, 1)
        seen = []
        for clock in range(len(sent) + 3):
            if clock < len(sent):
                ctx.set(lines["rx"].i, sent[clock])
            seen.append(ctx.get(lines["tx"].o))
            await ctx.tick()
        assert seen == [1, 1, 1, *sent]  # two clocks in, one out

    simulator = Simulator(design)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()


class Bench:
    """A platform whose pins are simulated."""

    default_clk = "clock"

    def __init__(self) -> None:
        self.pins: dict[tuple[str, int], io.SimulationPort] = {}
        self.lines = {
            "rx": io.SimulationPort(io.Direction.Input, 1),
            "tx": io.SimulationPort(io.Direction.Output, 1),
        }

    def request(self, name: str, number: int, *, dir: str) -> Any:
        assert dir == "-"
        if name == "uart":
            return SimpleNamespace(**self.lines)
        direction = io.Direction.Input if name == "button" else io.Direction.Output
        self.pins[name, number] = io.SimulationPort(direction, 1)
        return self.pins[name, number]

    def create_missing_domain(self, name: str) -> Module:
        m = Module()
        m.domains += ClockDomain(name)
        return m

    def add_clock_constraint(self, clock: Signal, frequency: float) -> None:
        self.constraint = frequency


@pytest.mark.parametrize("divide", [1, 2])
def test_trains_at_power_up_and_again(xor: Config, divide: int) -> None:
    lamps = ("led.0", "led.1", "led.2")
    board = Board("bench", "", "iCE40UP5K", 0.0001 * divide, lamps, "button.0", divide)
    platform = Bench()
    soon = xor.with_training(seed=20, solved_cost=0.1)
    design = Fragment.get(Top(soon, board), platform)
    training, solved, failed = (platform.pins["led", k].o for k in range(3))
    button = platform.pins["button", 0].i

    async def until_solved(ctx: Any) -> None:
        lit = 0
        for _ in range(4_000):
            lit |= ctx.get(training)
            assert not ctx.get(failed)
            if ctx.get(solved):
                break
            await ctx.tick()
        assert lit
        assert ctx.get(solved)

    async def bench(ctx: Any) -> None:
        await until_solved(ctx)
        ctx.set(button, 1)
        await ctx.tick().repeat(40)
        ctx.set(button, 0)
        assert not ctx.get(solved)
        await until_solved(ctx)

    simulator = Simulator(design)
    simulator.add_clock(1e-6, domain="sync" if divide == 1 else "oscillator")
    simulator.add_testbench(bench)
    simulator.run()
    if divide > 1:
        assert platform.constraint == pytest.approx(board.clock_mhz * 1e6)
