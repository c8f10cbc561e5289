"""The test benches of docs/verilog.md print what the page says."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from hdl.trainer import Trainer
from host.cli import main
from sim.simulators import Simulator, to_verilog
from spec.config import Config
from tests.conftest import EXAMPLES

PAGE = (EXAMPLES.parent / "docs" / "verilog.md").read_text(encoding="utf-8")


def test_the_bench_prints_what_the_page_says(icarus: Simulator, tmp_path: Path) -> None:
    (bench,) = re.findall(r"```verilog\n(.*?)```", PAGE, re.DOTALL)
    says, _ = re.findall(r"prints `(.*?)`", PAGE)
    (tmp_path / "tb.v").write_text(bench)
    source = to_verilog(Trainer(Config.load(EXAMPLES / "xor.toml")))
    (tmp_path / "trainer.v").write_text(source)
    compiling = ["iverilog", "-o", "tb", "tb.v", "trainer.v"]
    subprocess.run(compiling, cwd=tmp_path, check=True)
    ran = subprocess.run(["vvp", "tb"], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert ran.stdout.splitlines()[0] == says


def test_the_bench_of_a_trained_network(
    icarus: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All commands of that section, as they stand there."""
    monkeypatch.chdir(tmp_path)
    section = PAGE.split("## A trained network alone")[1].split("\n## ")[0]
    commands = re.findall(r"^    (.*)$", section, re.MULTILINE)
    assert [command.split()[0] for command in commands] == ["mgd", "mgd", "cd"]
    for command in commands[:2]:
        assert main(command.split()[1:]) == 0
    ran = subprocess.run(
        commands[2], shell=True, check=True, capture_output=True, text=True, cwd=tmp_path
    )
    (says,) = re.findall(r"prints `(.*?)`", section)
    assert ran.stdout.splitlines()[0] == says
