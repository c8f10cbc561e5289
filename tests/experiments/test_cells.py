"""A cell is measured alone and without its probe, and docs/measured.md says what was measured."""

import json
import re

import pytest
from amaranth.back import rtlil  # pyright: ignore[reportAttributeAccessIssue]
from amaranth.hdl import Module, Signal

from experiments import cells, report
from spec.config import Config
from spec.training import SPATIAL, Estimator, Perturbation


def test_kinds() -> None:
    xor = Config.load(report.ROOT / cells.CONFIG)
    found = [(kind.training.perturbation, kind.training.estimator) for kind in cells.kinds(xor)]
    assert len(found) == len(set(found))
    assert {kind for kind, _ in found} == set(SPATIAL)
    assert (Perturbation.RCM, Estimator.ANTITHETIC) in found


def ports(config: Config) -> set[str]:
    top, _, _ = cells.design(config, 2).partition("\nend\n")
    return set(re.findall(r"wire width \d+ (?:in|out)put \d+ +\\(\w+)", top))


def test_the_probe_is_no_port() -> None:
    xor = Config.load(report.ROOT / cells.CONFIG)
    plain = ports(xor)
    assert plain == {"bus", "u_next", "moves", "tag", "line", "weights", "clk", "rst"}
    assert ports(xor.with_training(estimator="node")) == plain | {"inputs"}


@pytest.mark.parametrize("family", cells.FAMILIES)
def test_area_of_known_logic(family: str) -> None:
    """Three gates of four inputs each are three LUTs, and constants are free."""
    m = Module()
    x, y = Signal(12, name="x"), Signal(4, name="y")
    m.d.comb += y.eq(x[0:4].xor() | x[4:8].xor() << 1 | x[8:12].xor() << 2 | 8)
    assert cells.area(rtlil.convert(m, name="top", ports=[x, y], emit_src=False), family) == 3


def test_page_and_report_agree() -> None:
    text = (report.ROOT / cells.PLACE.page).read_text(encoding="utf-8")
    measured = json.loads((report.ROOT / "reports" / "cells.json").read_text(encoding="utf-8"))
    assert cells.PLACE.rendered(cells.render(measured)) == text


def test_random_codes_take_the_smallest_cell() -> None:
    """Of those that learn by weights; by nodes, an ECP5's block multiplies, and is not counted."""
    measured = json.loads((report.ROOT / "reports" / "cells.json").read_text(encoding="utf-8"))
    for family in cells.FAMILIES:
        areas = {(c["perturbation"], c["estimator"]): c[family] for c in measured["cells"]}
        by_weights = [area for (_, estimator), area in areas.items() if estimator != "node"]
        assert areas["rcm", "weight"] == min(by_weights)


@pytest.mark.slow
def test_the_report_is_of_this_gateware() -> None:
    written = json.loads((report.ROOT / "reports" / "cells.json").read_text(encoding="utf-8"))
    assert cells.measure(Config.load(report.ROOT / cells.CONFIG)) == written
