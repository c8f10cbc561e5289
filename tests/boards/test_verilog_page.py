"""The test bench in docs/verilog.md prints what the page says."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from hdl.trainer import Trainer
from sim.simulators import Simulator, to_verilog
from spec.config import Config
from tests.conftest import EXAMPLES

PAGE = (EXAMPLES.parent / "docs" / "verilog.md").read_text(encoding="utf-8")


def test_the_bench_prints_what_the_page_says(icarus: Simulator, tmp_path: Path) -> None:
    (bench,) = re.findall(r"```verilog\n(.*?)```", PAGE, re.DOTALL)
    (says,) = re.findall(r"prints `(.*?)`", PAGE)
    (tmp_path / "tb.v").write_text(bench)
    source = to_verilog(Trainer(Config.load(EXAMPLES / "xor.toml")))
    (tmp_path / "trainer.v").write_text(source)
    compiling = ["iverilog", "-o", "tb", "tb.v", "trainer.v"]
    subprocess.run(compiling, cwd=tmp_path, check=True)
    ran = subprocess.run(["vvp", "tb"], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert ran.stdout.splitlines()[0] == says
