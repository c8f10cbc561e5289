"""Estimates of LUTs, and what they say, against all that was built."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from boards import catalogue, logic
from boards.device import DEVICES
from boards.estimate import estimate, multipliers
from experiments import growth
from experiments.growth import NETWORKS, Network
from spec.config import Config
from tests.conftest import EXAMPLES

REPORTS = EXAMPLES.parent / "reports"
GROWTH = json.loads((REPORTS / "growth.json").read_text(encoding="utf-8"))


def built() -> dict[str, tuple[Config, str, int]]:
    """Config, board and measured LUTs of each row."""
    found = {}
    for path in sorted(REPORTS.glob("*_*.json")):
        row = json.loads(path.read_text(encoding="utf-8"))
        config = Config.load(EXAMPLES / f"{row['example']}.toml")
        build = dataclasses.replace(config.build, link=row["link"])
        config = dataclasses.replace(config, build=build)
        (used,) = (
            row["utilization"][name]["used"]
            for name in ("ICESTORM_LC", "TRELLIS_COMB")
            if name in row["utilization"]
        )
        found[path.stem] = (config, row["board"], used)
    return found


ROWS = built()


def luts(config: Config, board_name: str) -> int:
    board = catalogue.find(board_name)
    linked = bool(config.build.link)
    products = multipliers(config, linked=linked)
    blocks = products <= DEVICES[board.device].multipliers
    return logic.luts(config, board.family, products=products, blocks=blocks, linked=linked)


@pytest.mark.parametrize(("config", "board", "used"), ROWS.values(), ids=ROWS)
def test_every_row_is_within_the_margin(config: Config, board: str, used: int) -> None:
    assert used == pytest.approx(luts(config, board), rel=logic.MARGIN)
    assert estimate(config, board).verdict != "does not fit"


def unlinked(network: Network) -> Config:
    """Return a network of the report of growth, as it was built."""
    config = network.config(EXAMPLES.parent)
    return dataclasses.replace(config, build=dataclasses.replace(config.build, link=False))


def test_the_points_are_those_of_the_report() -> None:
    points = [(each["parameters"], each["logic"]) for each in growth.stored(EXAMPLES.parent)]
    assert points == list(logic.GROWTH)
    for network, point in zip(NETWORKS, GROWTH, strict=True):
        assert luts(unlinked(network), network.board) == point["logic"]


@pytest.mark.parametrize("left_out", [1, 2, 3])
def test_a_point_that_is_left_out_is_within_the_margin(
    left_out: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    parameters, used = logic.GROWTH[left_out]
    points = tuple(point for point in logic.GROWTH if point[0] != parameters)
    monkeypatch.setattr(logic, "GROWTH", points)
    (config,) = (config for config in map(unlinked, NETWORKS) if config.parameters == parameters)
    assert used == pytest.approx(luts(config, "ulx3s-25f"), rel=logic.MARGIN)


def test_the_cells_are_those_of_the_report() -> None:
    report = json.loads((REPORTS / "cells.json").read_text(encoding="utf-8"))
    assert report["theta_bits"] + report["gradient_bits"] == logic.CELL_BITS
    found: dict[str, Any] = {}
    for cell in report["cells"]:
        kinds = found.setdefault(cell["perturbation"], {})
        if cell["estimator"] == "node":  # with a product, which a layer's neurons share
            continue
        kinds[cell["estimator"]] = (cell["iCE40"], cell["ECP5"])
    assert found == logic.CELLS


@pytest.mark.parametrize(
    ("example", "board", "build", "verdict"),
    [
        ("xor", "icebreaker", {}, "fits"),
        ("xor", "hx8k", {}, "fits without blocks"),
        ("nist7x7-fast", "ulx3s-25f", {"link": False}, "may fit"),
        ("nist7x7-fast", "icebreaker", {"link": False}, "does not fit"),  # of 5,280
        ("xor", "ulx3s-25f", {"samples": 65_536}, "fits"),
        ("parity4", "icebreaker", {"samples": 65_536}, "does not fit"),  # its memory is too small
    ],
)
def test_verdicts(example: str, board: str, build: dict[str, Any], verdict: str) -> None:
    config = Config.load(EXAMPLES / f"{example}.toml")
    config = dataclasses.replace(config, build=dataclasses.replace(config.build, **build))
    assert estimate(config, board).verdict == verdict
