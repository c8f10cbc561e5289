"""What the tools write is understood; products become multiplier blocks, and the right ones."""

import json
from pathlib import Path

import pytest
from amaranth.back import verilog
from amaranth.hdl import ClockDomain, ClockSignal, Module, Signal, signed

from boards import flow, tools

UP5K = """\
"""


def test_shortage() -> None:
    assert flow.shortage(UP5K) == ""


def netlist(folder: Path, script: str) -> None:
    """Synthesise y ← a·b + c·d, every operand and product registered, for iCE40."""
    m = Module()
    clock, y = Signal(name="clock"), Signal(signed(20), name="y")
    # without a reset, as on a board whose clock is divided
    m.domains.sync = ClockDomain(reset_less=True)
    m.d.comb += ClockSignal().eq(clock)
    operands, products = [], []
    for k in range(2):
        pair = [Signal(signed(9), name=f"a{k}"), Signal(signed(10), name=f"b{k}")]
        held = [Signal.like(operand, name=f"{operand.name}_held") for operand in pair]
        product = Signal(signed(19), name=f"product_{k}")
        m.d.sync += [*(h.eq(o) for h, o in zip(held, pair, strict=True))]
        m.d.sync += product.eq(held[0] * held[1])
        operands += pair
        products.append(product)
    m.d.sync += y.eq(products[0] + products[1])
    text = verilog.convert(m, name="top", ports=[clock, *operands, y], emit_src=False)
    (folder / "top.v").write_text(text)
    (folder / "top.ys").write_text(f"read_verilog top.v\n{script}\nwrite_json top.json\n")
    status, said = tools.run([tools.find("yosys"), "-q", "top.ys"], folder)
    assert status == 0, said


def test_two_products_take_two_multipliers(tmp_path: Path) -> None:
    netlist(tmp_path, flow.MAC16 + "synth_ice40 -top top")
    assert flow.count(tmp_path, flow.MULTIPLIERS) == 2
    assert flow.count(tmp_path, flow.FLIP_FLOPS) == 2 * (9 + 10) + 2 * 19 + 20


@pytest.mark.slow
def test_yosys_still_loses_one_by_itself(tmp_path: Path) -> None:
    """If this fails, flow.MAC16 can become synth_ice40's option -dsp."""
    netlist(tmp_path, "synth_ice40 -dsp -top top")
    assert flow.count(tmp_path, flow.MULTIPLIERS) == 1


def test_count(tmp_path: Path) -> None:
    kinds = ["SB_DFFESR", "SB_DFF", "SB_LUT4", "TRELLIS_FF", "MULT18X18D"]
    cells = {f"c{k}": {"type": kind} for k, kind in enumerate(kinds)}
    (tmp_path / "top.json").write_text(json.dumps({"modules": {"top": {"cells": cells}}}))
    assert flow.count(tmp_path, flow.FLIP_FLOPS) == 3
    assert flow.count(tmp_path, flow.MULTIPLIERS) == 1
