"""`mgd wave` with a plant of one's own, its model at the pins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from host.wave import command as wave
from model.external.trainer import ExternalTrainer
from spec import derive
from spec.external.config import ExternalConfig
from spec.phase import Phase
from tests.host.conftest import read_json, run
from tests.host.external.conftest import Write
from tests.host.test_wave import in_each_clock

WORDS: dict[str, Any] = {"weights": "stream", "cost_in": "stream", "engine": "folded"}


@pytest.mark.parametrize("keys", [{}, WORDS], ids=["cells", "words"])
def test_a_plant(keys: dict[str, Any], write: Write, folder: Path) -> None:
    """Its costs, and θ, are those of the golden model at the end of each step."""
    name = write(spread=0.25, samples=2, **keys)
    words = ["--steps", "8", "-o", "p.png", "--json", "o.json", "--seed", "3"]
    assert run("wave", name, *words) == 0
    assert Path("p.png").read_bytes().startswith(b"\x89PNG")
    found = read_json(folder / "o.json")
    lines = {(s["name"], s["place"]): (s["clocks"], s["values"]) for s in found["signals"]}
    assert set(lines) >= {("sample", None), ("C", None), ("theta", 0), ("theta", 1)}
    config = wave.longer(ExternalConfig.load(name).with_training(seed=3), 8)
    trainer, step = ExternalTrainer(config, [3], stop_when_solved=False), 0
    fraction = derive.theta(config).fraction_bits
    for phase in trainer.phases():
        if phase is Phase.ACCUMULATE:
            end = np.array([found["step_clocks"][step + 1]])
            for k in range(2):
                theta = in_each_clock(lines["theta", k], end)
                assert theta.tolist() == [trainer.cells.theta[0, k] / 2**fraction]
            cost = in_each_clock(lines["C", None], end)
            assert cost.tolist() == [trainer.cost.C[0] / 2**config.formats.cost_bits]
            step += 1
            if step == 8:
                break
    assert step == 8
