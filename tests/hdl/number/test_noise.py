"""The noise source of the gateware draws what that of the model does."""

from __future__ import annotations

import random

import pytest

from hdl.number.noise import NoiseSource
from model.number.noise import NoiseSource as Golden
from spec.noise import COST_NOISE, DEFECTS, UPDATE_NOISE, Gaussian, Registers
from tests.hdl.helpers import Row, stream

SOURCES = {"cost": COST_NOISE, "update": UPDATE_NOISE, "defects": DEFECTS}


@pytest.mark.parametrize("lsbs", [0.25, 0.7, 1, 100, 2**15])
@pytest.mark.parametrize("registers", SOURCES.values(), ids=SOURCES)
def test_draws(registers: Registers, lsbs: float) -> None:
    """With strobes at any distance; a load, also together with one, starts over from 0."""
    gaussian = Gaussian.of(lsbs, 0, "sigma")
    rng = random.Random(1)
    rows: list[Row] = [{"load": 1, "seed": 0x12345678}]
    for _ in range(300):
        row: Row = {"load": int(rng.random() < 0.02), "advance": rng.randint(0, 1)}
        if row["load"]:
            row["seed"] = rng.randrange(1 << 32)
        rows.append(row)
    found = stream(NoiseSource(gaussian, registers, 0), rows, ["sample"])
    golden, drawn = Golden(gaussian, registers, [1]), set()
    for row, now in list(zip(rows, found, strict=True)):
        if row is not rows[0]:
            assert now["sample"] == golden.sample[0]
            drawn.add(now["sample"])
        if row["load"]:
            golden = Golden(gaussian, registers, [row["seed"]])
        elif row["advance"]:
            golden.advance()
    assert len(drawn) > 1


@pytest.mark.parametrize("lsbs", [0.25, 0.3, 1, 77, 2**15])
def test_the_largest_draws_fit(lsbs: float) -> None:
    """All bits zero or one: the ends of the distribution do not wrap."""
    gaussian = Gaussian.of(lsbs, 0, "sigma")
    for seed, sign in ((0xFFFFFFFF, 1), (0, -1)):
        golden = Golden(gaussian, COST_NOISE, [seed])
        rows: list[Row] = [{"load": 1, "seed": seed}, {"load": 0, "advance": 1}, {}]
        found = stream(NoiseSource(gaussian, COST_NOISE, 0), rows, ["sample"])[-1]["sample"]
        golden.advance()
        assert found == golden.sample[0]
        assert 0 < sign * found <= gaussian.maximum or lsbs < 1
