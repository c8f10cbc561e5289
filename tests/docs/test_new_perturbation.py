"""docs/howto/new-perturbation.md: its two files and its name make a perturbation that agrees."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sim.simulators import Simulator
from tests.conftest import EXAMPLES

ROOT = EXAMPLES.parent
PAGE = (ROOT / "docs" / "howto" / "new-perturbation.md").read_text(encoding="utf-8")
MEMBERS = "\n    @property\n    def sines"
"""What follows the names in spec/training.py."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what `mgd verify` needs, with the page's code in it."""
    for folder in ("spec", "model", "hdl", "sim", "boards", "host"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    name, golden, gateware = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (config,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    training = tmp_path / "spec" / "training.py"
    text = training.read_text(encoding="utf-8")
    assert MEMBERS in text
    training.write_text(text.replace(MEMBERS, f"{name}{MEMBERS}", 1), encoding="utf-8")
    for side, code in (("model", golden), ("hdl", gateware)):
        file = f"{side}/optimizer/perturbation/sparse.py"
        assert f"`{file}`" in PAGE
        (tmp_path / file).write_text(code, encoding="utf-8")
    (tmp_path / "sparse.toml").write_text(config, encoding="utf-8")
    return tmp_path


def verified(project: Path) -> tuple[int, str]:
    """Run the command of the page."""
    words = ["verify", "sparse.toml", "--simulator", "icarus", "--steps", "40"]
    done = subprocess.run(
        [sys.executable, "-m", "host.cli", *words], cwd=project, capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": str(project)},
    )  # fmt: skip
    assert done.stderr == ""
    return done.returncode, done.stdout


@pytest.mark.pages
def test_it_agrees_and_a_mistake_shows(project: Path, icarus: Simulator) -> None:
    command = r"\$ mgd verify sparse\.toml --simulator icarus --steps 40\n((?:    .*\n)+)"
    agrees, differs = (re.sub("^    ", "", text, flags=re.M) for text in re.findall(command, PAGE))
    assert verified(project) == (0, agrees)
    gateware = project / "hdl" / "optimizer" / "perturbation" / "sparse.py"
    text = gateware.read_text(encoding="utf-8")
    assert text.count("second &") == 1
    gateware.write_text(text.replace("second &", "~second &"), encoding="utf-8")
    assert verified(project) == (1, differs)
