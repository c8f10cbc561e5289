"""The top that goes on a board, as Verilog: pins are ports, and it trains."""

import re
import time
from dataclasses import replace
from pathlib import Path

import pytest

from boards import virtual
from boards.catalogue import BOARDS, Board
from sim.board import VirtualBoard
from sim.board_bench import BoardBench
from sim.simulators import Simulator
from spec.config import Config
from tests.conftest import need


def ports(source: str) -> dict[str, str]:
    """Directions of the ports of the top module, by name."""
    module = source[source.index("\nmodule trainer(") :].partition("endmodule")[0]
    return {
        name: direction
        for direction, name in re.findall(r"^  (input|output|inout) (\S+);", module, re.MULTILINE)
    }


@pytest.mark.parametrize(
    "board",
    [virtual.VIRTUAL, *(b for b in BOARDS if b.name in ("blackice", "ulx3s-25f", "upduino-v3"))],
    ids=lambda board: board.name,
)
def test_pins_are_ports(xor: Config, board: Board) -> None:
    """Also of boards that divide their clock, have a PLL, or no crystal, or RGB LEDs."""
    if board.name == "ulx3s-25f":
        board = board.at(125)
    found = ports(virtual.to_verilog(xor, board))
    expected = {"clk": "input", "rst": "input"}
    expected |= {pin.replace(".", "_"): "output" for pin in (*board.lamps, *board.high)}
    expected |= {pin.replace(".", "_"): "input" for pin in (board.button,) if pin}
    assert {name: way for name, way in found.items() if not name.startswith("uart")} == expected


def test_it_is_no_board_to_build_for() -> None:
    assert virtual.VIRTUAL.name not in {board.name for board in BOARDS}


def wait(board: VirtualBoard, lamp: str, rises: int) -> None:
    """Wait until a lamp has been lit so often; of a board as slow as this one, seconds."""
    for _ in range(600):
        if board.rises(lamp) >= rises:
            return
        time.sleep(0.05)
    raise AssertionError(f"{lamp} has not been lit {rises} times, but {board.rises(lamp)}")


def test_it_trains_at_power_up_and_at_the_button(xor: Config, builds: Path) -> None:
    need(Simulator.VERILATOR)
    lamps = ("led_0", "led_1", "led_2")
    serial = ("uart_0_rx", "uart_0_tx")
    slow = replace(virtual.VIRTUAL, oscillator_mhz=1)  # or its lamps blink for a minute
    source = virtual.to_verilog(replace(xor, build=replace(xor.build, link=False)), slow)
    rx, tx = (line if line in ports(source) else None for line in serial)
    bench = BoardBench(rx, tx, inputs=("button_0",), outputs=lamps)
    with VirtualBoard(source, 10, bench=bench, folder=builds, linger=2**40) as board:
        wait(board, "led_1", 1)  # solved
        blinks = board.rises("led_0")  # training
        assert blinks
        board.set("button_0", 1)
        wait(board, "led_0", blinks + 1)
        board.set("button_0", 0)
        wait(board, "led_1", 2)
        assert board.rises("led_2") == 0
