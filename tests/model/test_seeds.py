"""What a seed that is not mixed costs, as docs/verilog.md says it."""

from __future__ import annotations

import math
import re
import statistics
from pathlib import Path

import pytest

from model import loop
from model.trainer import Trainer
from spec.config import Config
from spec.lfsr import seed_register

ROOT = Path(__file__).parents[2]


def test_a_small_seed_must_be_mixed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The medians of 200 runs are those of the page."""
    config, found = Config.load(ROOT / "examples" / "xor.toml"), {}
    for name, loaded in (("mixed", seed_register), ("raw", int)):
        monkeypatch.setattr(loop, "seed_register", loaded)
        runs = Trainer(config, range(1, 201)).run()
        median = statistics.median(run.steps if run.solved else math.inf for run in runs)
        found[name] = f"{median:,.0f}"
    text = (ROOT / "docs" / "verilog.md").read_text(encoding="utf-8")
    said = re.search(r"a median of\s+([\d,]+) steps in place of ([\d,]+)", text)
    assert said is not None
    assert said.groups() == (found["raw"], found["mixed"])
