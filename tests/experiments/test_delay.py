"""The table of delays says what reports/delay.json and a row say, and that what training makes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from experiments import delay
from experiments.delay import DELAYS, EXAMPLE, PLACE, REPORT, SEEDS
from experiments.place import ROOT
from experiments.rows import ROWS, Row
from model.trainer import Trainer
from spec.config import Config
from spec.phase import Phase
from spec.plant import Multipliers

MADE: dict[str, Any] = json.loads((ROOT / "reports" / REPORT).read_text(encoding="utf-8"))

CONFIG = Config.load(ROOT / "examples" / f"{EXAMPLE}.toml")


def test_page_and_reports_agree() -> None:
    page = (ROOT / PLACE.page).read_text(encoding="utf-8")
    assert PLACE.rendered(delay.rendered()) == page
    assert [each["update_delay"] for each in MADE["delays"]] == list(DELAYS)
    assert MADE["seeds"] == SEEDS
    assert Row(EXAMPLE, delay.BOARD).file in {row.file for row in ROWS}
    assert {CONFIG.update_delay, delay.least(CONFIG, Multipliers.INFERRED)} <= set(DELAYS)


def test_a_row_with_another_fmax_changes_the_page(tmp_path: Path) -> None:
    """What `make report` does; and every D's share is by its mean of steps."""
    for folder in ("examples", "reports", "docs"):
        (tmp_path / folder).mkdir()
    for name in (f"examples/{EXAMPLE}.toml", f"reports/{REPORT}", PLACE.page):
        shutil.copy(ROOT / name, tmp_path / name)
    row = tmp_path / "reports" / Row(EXAMPLE, delay.BOARD).file
    row.write_text('{"fmax_mhz": {"median": 100.0}}', encoding="utf-8")
    delay.write(tmp_path)
    page = (tmp_path / PLACE.page).read_text(encoding="utf-8")
    assert "| 100.0, its row |" in page
    means = {each["update_delay"]: each["mean_steps"] for each in MADE["delays"]}
    assert f"| {100 * means[DELAYS[-1]] / means[CONFIG.update_delay]:.1f} |" in page


def test_looks_change_nothing_and_miss_nothing() -> None:
    """Each run alone, looked at in every step, is first solved at that look and at none before."""
    config, seeds, every = delay.config_of(CONFIG, 20).with_training(steps=600), range(1, 7), 30
    found = delay.first_solved(config, seeds, every)
    assert np.isfinite(found).any()
    assert np.isinf(found).any()
    for seed, steps in zip(seeds, found.tolist(), strict=True):
        trainer, solved = Trainer(config, [seed], stop_when_solved=False), []
        for phase in trainer.phases():
            if phase is Phase.PERTURBED:
                score = trainer.plant.check(trainer.cells.weights())
                mean = score.cost_sum[0] / (len(config.data) << config.formats.cost_bits)
                solved.append(score.correct[0] == len(config.data) and mean <= 0.04)
        at_looks = np.flatnonzero(solved[every - 1 :: every])
        assert steps == (every * (at_looks[0] + 1) if len(at_looks) else np.inf)


def test_an_unsolved_run_is_infinite() -> None:
    assert delay.point(16, np.array([10.0, 30.0, np.inf])) == {
        "update_delay": 16, "solved": 2, "median_steps": 30.0, "mean_steps": 20.0,
    }  # fmt: skip
    assert delay.point(16, np.array([10.0, np.inf, np.inf]))["median_steps"] is None
