"""What is built for a board connects a trainer to the board's pins and clock, and trains."""

import re
from typing import Any

import pytest
from amaranth.hdl import ClockDomain, Fragment, Module, Signal
from amaranth.lib import io
from amaranth.sim import Simulator

from boards.catalogue import BOARDS, Board, find
from boards.top import Top
from spec.config import Config
from tests.configs import perceptron

SMALL = perceptron(2, 1)
"""Boards differ outside of the network."""


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)
def test_elaborates_with_the_boards_pins_and_clock(board: Board) -> None:
    platform = board.platform()
    plan = platform.prepare(Top(SMALL, board), emit_src=False)
    assert "attribute \\top 1\nmodule \\top\n" in plan.files["top.il"]
    assert "module \\top.trainer.network" in plan.files["top.il"]
    constraints = plan.files["top.pcf" if board.family == "iCE40" else "top.lpf"]

    located = r"^set_io (\S+) " if board.family == "iCE40" else r'^LOCATE COMP "(\S+)" '
    pins = re.findall(located, constraints, re.MULTILINE)
    used = (*board.lamps, *([board.button] if board.button else []), *board.high)
    for lamp in used:
        name, number, *signal = lamp.split(".")
        assert "__".join([f"{name}_{number}", *signal, "io"]) in pins

    clock = r"^set_frequency \S+ (\S+)$" if board.family == "iCE40" else r"^FREQUENCY .* (\S+) HZ;$"
    unit = 1 if board.family == "iCE40" else 1e6
    clocks = {float(value) / unit for value in re.findall(clock, constraints, re.MULTILINE)}
    internal = platform.default_clk == "SB_HFOSC"  # nextpnr knows its clock
    assert clocks == (set() if internal else {board.oscillator_mhz, board.clock_mhz})


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)
def test_every_ulx3s_holds_its_esp32(board: Board) -> None:
    """Else it restarts the board after seconds."""
    assert board.high == (("esp32.0.gpio0",) if board.name.startswith("ulx3s") else ())
    if not board.high:
        return
    text = board.platform().prepare(Top(SMALL, board), emit_src=False).files["top.il"]
    (module,) = re.findall(r"^module \\top\.high_0\n.*?^end\n", text, re.DOTALL | re.MULTILINE)
    driven = "connect \\o$1 1'1\nconnect \\oe 1'1\n"  # what the buffer is given: high, enabled
    assert driven in module


@pytest.mark.parametrize("name", ["blackice", "blackice-ii"])
def test_synthesis_keeps_the_name_of_a_divided_clock(name: str) -> None:
    """Its constraint is for that net."""
    board = find(name)
    plan = board.platform().prepare(Top(SMALL, board), emit_src=False)
    assert "attribute \\keep 1\n  wire width 1 \\clock\n" in plan.files["top.il"]
    assert "set_frequency clock " in plan.files["top.pcf"]


class Bench:
    """A platform whose pins are simulated."""

    default_clk = "clock"

    def __init__(self) -> None:
        self.pins: dict[tuple[str, int], io.SimulationPort] = {}

    def request(self, name: str, number: int, *, dir: str) -> io.SimulationPort:
        assert dir == "-"
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
    design = Fragment.get(Top(xor, board), platform)
    training, solved, failed = (platform.pins["led", k].o for k in range(3))
    button = platform.pins["button", 0].i

    async def until_solved(ctx: Any) -> None:
        lit = 0
        for _ in range(20_000):
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
