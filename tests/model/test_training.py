"""Which trainer trains: what is found does not depend on it, only how long it takes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from model import training
from model.compiled import trainer as compiled
from model.compiled.trainer import CompiledTrainer
from model.early import PatientTrainer
from model.trainer import Trainer
from spec.config import Config
from tests.conftest import EXAMPLES
from tests.host.test_patience import save
from tests.model.test_trainer import facts

REPOSITORY = EXAMPLES.parent

NOT_LOADED = """
import sys
from host.cli import main
status = main(["train", "xor"])
sys.exit(status or any(name.partition(".")[0] == "numba" for name in sys.modules))
"""


@pytest.mark.parametrize(
    ("name", "runs", "compiles"),
    [("xor", 1, False), ("xor", 8, False), ("xor", 10_000, True), ("nist7x7-fast", 1, True)],
)
def test_what_takes_long_is_compiled(
    name: str, runs: int, compiles: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "model.compiled.kernel", raising=False)
    config = Config.load(EXAMPLES / f"{name}.toml")
    assert training.worth_compiling(config, runs) == compiles
    assert training.seconds(config, runs) <= training.numpy_seconds(config, runs)
    monkeypatch.setattr(compiled.state, "KINDS", ())  # nothing is covered
    assert not training.worth_compiling(config, runs)
    assert type(training.trainer_of(config, [1])) is Trainer


def test_one_run_of_xor_loads_no_compiler() -> None:
    assert subprocess.run([sys.executable, "-c", NOT_LOADED], cwd=REPOSITORY).returncode == 0


@pytest.mark.parametrize("patience", [0, 2])
def test_runs_are_the_same(patience: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With patience, too: as they were at their best check."""
    config = save(tmp_path, patience)
    found = {}
    for worth in (False, True):
        monkeypatch.setattr(training, "worth_compiling", lambda *_, worth=worth: worth)
        trainer = training.trainer_of(config, range(1, 9))
        assert isinstance(trainer, CompiledTrainer) == worth
        assert isinstance(trainer, PatientTrainer) == (patience > 0)
        found[worth] = [facts(run) for run in trainer.run()]
    assert found[True] == found[False]
    assert len({steps for _, _, steps, *_ in found[True]}) > 1 or not patience
