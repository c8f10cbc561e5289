"""docs/seeing.md shows what its commands make."""

from __future__ import annotations

import pytest

from host import live
from host import train as training
from host.outcome import Training
from tests.conftest import EXAMPLES
from tests.host.conftest import XOR

DOCS = EXAMPLES.parent / "docs"

PAGE = (DOCS / "seeing.md").read_text(encoding="utf-8")


def shown(seed: int, runs: int, monkeypatch: pytest.MonkeyPatch) -> tuple[Training, str]:
    """Train XOR with --live, and return what the terminal shows at the end, indented."""
    charts: list[live.Chart] = []

    class Caught(live.Chart):
        def __init__(self, *words: object, **more: object) -> None:
            super().__init__(*words, **more)  # type: ignore[arg-type]
            charts.append(self)

    monkeypatch.setattr(training, "Chart", Caught)
    outcome = training.train(XOR.with_training(seed=seed), "model", runs, live=True)
    return outcome, "".join(f"    {line}".rstrip() + "\n" for line in charts[0].lines(80))


@pytest.mark.pages
def test_one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    assert f"mgd train xor --seed 3 --live\n\n{shown(3, 1, monkeypatch)[1]}\n" in PAGE
    assert shown(4, 1, monkeypatch)[1] not in PAGE


@pytest.mark.pages
def test_many_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert f"mgd train xor --runs 100 --live\n\n{shown(1, 100, monkeypatch)[1]}\n" in PAGE
