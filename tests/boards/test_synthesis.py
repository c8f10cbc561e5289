"""What yosys makes of designs on which it fails by itself."""

import json
from pathlib import Path

import pytest
from amaranth.back import rtlil, verilog  # pyright: ignore[reportAttributeAccessIssue]
from amaranth.hdl import ClockDomain, ClockSignal, Module, Signal, Value, signed

from boards import elements, flow, scripts, tools
from hdl.number import fixed, tree


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
    netlist(tmp_path, scripts.MAC16 + "synth_ice40 -top top")
    assert flow.count(tmp_path, flow.MULTIPLIERS) == 2
    assert flow.count(tmp_path, flow.FLIP_FLOPS) == 2 * (9 + 10) + 2 * 19 + 20


@pytest.mark.slow
def test_yosys_still_loses_one_by_itself(tmp_path: Path) -> None:
    """If this fails, scripts.MAC16 can become synth_ice40's option -dsp."""
    netlist(tmp_path, "synth_ice40 -dsp -top top")
    assert flow.count(tmp_path, flow.MULTIPLIERS) == 1


@pytest.mark.parametrize("renamed", [True, False])
def test_elements_of_arrays_have_other_names(tmp_path: Path, renamed: bool) -> None:
    """yosys takes `x[1]`, of four bits here, for bit 1 of `x`, and stops."""
    (tmp_path / "top.v").write_text(
        "module top(input clk, input [7:0] a, output y);\n"
        "reg [3:0] x; reg [3:0] \\x[1] ;\n"
        "always @(posedge clk) begin x <= a[3:0]; \\x[1] <= a[7:4]; end\n"
        "assign y = ^x & |\\x[1] ;\n"
        "endmodule\n"
    )

    def yosys(script: str) -> tuple[int, str]:
        (tmp_path / "top.ys").write_text(script)
        return tools.run([tools.find("yosys"), "-q", "-l", "top.rpt", "top.ys"], tmp_path)

    assert yosys(f"read_verilog top.v\nproc\nwrite_rtlil {flow.RTLIL}\n") == (0, "")
    rtlil = tmp_path / flow.RTLIL
    if renamed:
        rtlil.write_text(elements.rename(rtlil.read_text()))
    status, said = yosys(
        f"read_rtlil {flow.RTLIL}\nsynth_ecp5 {scripts.BEFORE_FLIP_FLOPS} -top top\n"
        f"{scripts.SHARED_RESETS['ECP5']}write_json top.json\n"
    )
    if not renamed:  # if this fails, boards/elements.py can go
        assert status == 1
        assert "GetSize(conn.first) == GetSize(conn.second)" in (tmp_path / "top.rpt").read_text()
        return
    assert status == 0, said
    names = json.loads((tmp_path / "top.json").read_text())["modules"]["top"]["netnames"]
    assert {"x", "x[1]_"} <= names.keys()


@pytest.mark.parametrize("at_once", [False, True])
def test_a_pair_that_two_sums_share(tmp_path: Path, at_once: bool) -> None:
    """As w·x of two rails by node perturbation: yosys then makes two chains of a + b + c."""
    m = Module()
    a, b, c, d = terms = [fixed.signal(fixed.SQ(8, 0), f"term_{k}") for k in range(4)]
    ends = [tree.adder_tree(m, three, at_once=at_once) for three in ([a, b, c], [a, b, d])]
    ports = [Value.cast(each) for each in (*terms, *ends)]
    (tmp_path / "top.il").write_text(rtlil.convert(m, name="top", ports=ports, emit_src=False))
    chains = 2 if at_once else 3
    (tmp_path / "top.ys").write_text(
        f"read_rtlil top.il\nproc\nopt\nalumacc\nselect -assert-count {chains} t:$alu t:$macc\n"
    )
    status, said = tools.run([tools.find("yosys"), "-q", "top.ys"], tmp_path)
    assert status == 0, said
