"""Cells as words of memory: the same θ as cells in flip-flops, and how many clocks it takes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from model.external.trainer import ExternalTrainer
from model.run import theta_digest
from sim.external import train
from sim.external.verify import verify
from sim.simulators import Simulator
from spec.external import derive
from spec.external.config import ExternalConfig
from spec.external.timing import ExternalTiming
from spec.plant import Engine
from tests.conftest import FRESH, need
from tests.plants import external
from tests.plants.drawn import plants

PAGE = Path(__file__).parents[3] / "docs" / "plants.md"

STREAM: dict[str, Any] = {"weights": "stream", "cost_in": "stream"}


def both(config: ExternalConfig) -> list[ExternalConfig]:
    """Return a config with cells in flip-flops, and with words of memory."""
    tables = config.to_dict()
    return [
        ExternalConfig.from_dict(tables | {"build": tables["build"] | {"engine": engine}}, folder)
        for folder in [config.folder]
        for engine in ("spatial", "folded")
    ]


def same_theta(config: ExternalConfig, builds: Path) -> None:
    """Both banks, and the golden model of both configs, end with the same θ."""
    need(Simulator.VERILATOR)
    digests = set()
    for one in both(config):
        if one.training.has_goal:
            one = one.with_training(solved_cost=-1.0, solved_accuracy=-1.0)
        (golden,) = ExternalTrainer(one, [one.training.seed]).run()
        digests |= {verify(one, builds).theta_digest, theta_digest(golden.theta)}
    assert len(digests) == 1


@settings(max_examples=2)
@given(config=plants(steps=15, engine="folded"))
def test_theta_is_that_of_cells_in_flip_flops(config: ExternalConfig, builds: Path) -> None:
    same_theta(config, builds)


@pytest.mark.slow
@settings(FRESH, max_examples=20)
@given(config=plants(engine="folded"))
def test_fresh(config: ExternalConfig, builds: Path) -> None:
    """Others each time."""
    same_theta(config, builds)


def test_training_reads_theta_word_by_word(builds: Path) -> None:
    """As `mgd train --engine sim` does, once the gateware has ended."""
    need(Simulator.VERILATOR)
    config = external(**STREAM, engine="folded", parameters=9, steps=30, check_every=20)
    found = train.run(train.prepare(config, builds), config, 1)
    (golden,) = ExternalTrainer(config, [1]).run()
    assert found.theta.tolist() == golden.theta.tolist()
    assert min(golden.theta) < 0 < max(golden.theta)


@pytest.mark.pages
@settings(max_examples=50)
@given(data=st.data())
def test_clocks_are_those_of_the_page(data: st.DataObject) -> None:
    """An update takes P + 5 in place of 1, an evaluation 2 more, the initial θ P + 4 an update."""
    config = data.draw(plants(engine="folded"))
    spatial, folded = (ExternalTiming.of_external(each) for each in both(config))
    P, evaluations = config.parameters, 1 + (folded.baseline is not False)
    assert folded.step() - spatial.step() == P + 4 + 2 * evaluations
    updates = sum(folded.init_bursts)
    assert folded.initialisation - spatial.initialisation == updates * (P + 4)
    text = " ".join(PAGE.read_text().split())
    for said in ("P + 5 clocks in place of 1", "2 clocks more for each evaluation"):
        assert said in text


@pytest.mark.parametrize(("P", "settling", "average"), [(1, 0, 0), (9, 3, 2), (1024, 40, 0)])
def test_clocks_of_a_step_with_a_stream(P: int, settling: int, average: int) -> None:
    """By the page's formula."""
    keys = {"parameters": P, "settling": settling, "average": average}
    timing = ExternalTiming.of_external(external(**STREAM, engine="folded", **keys))
    (formula,) = re.findall(r"^    (\(P \+ 5\).*)$", PAGE.read_text(), re.MULTILINE)
    S = settling + (1 << average)
    assert timing.step() == eval(formula.replace("·", "*"), {"P": P, "S": S})


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"weights": "parallel"}, 'plant.weights = "parallel": build.engine = "folded" has one'),
        ({"perturbation": "fm"}, 'training.perturbation = "fm": build.engine = "folded" keeps no'),
        ({"perturbation": "fm_square"}, 'training.perturbation = "fm_square": build.engine'),
        ({"lanes": 2}, "build.lanes: does nothing for an external plant"),
    ],
)
def test_what_there_is_not(keys: dict[str, Any], said: str, refusal: Any) -> None:
    assert refusal(external, **{**STREAM, "engine": "folded", **keys}).startswith(said)


def test_4096_parameters_are_the_most() -> None:
    """That a config can have: of the map's windows, too."""
    config = external(**STREAM, engine="folded", parameters=4096)
    assert config.build.engine is Engine.FOLDED
    assert ExternalTiming.of_external(config).sweep == 4101
    assert derive.bank(config).parameters == 4096
