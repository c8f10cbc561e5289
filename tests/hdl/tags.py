"""Evaluations of each kind, as the tags of the gateware and as the golden model takes them."""

from __future__ import annotations

from spec.config import Config
from tests.hdl.helpers import Row

FIELDS = ("perturb", "negate", "hold", "first", "count")


def tag(*fields: str) -> Row:
    """Return a tag with some fields set."""
    return {name: int(name in fields) for name in FIELDS}


NOTHING = tag()
BASELINE = tag("hold")
PERTURBED = tag("perturb")
OPPOSITE = tag("perturb", "negate", "hold")
FIRST = tag("perturb", "first")
CHECK = tag("count")


def kinds(config: Config) -> list[Row]:
    """List the evaluations that this loop and estimator have, and none."""
    if config.training.analog:
        return [NOTHING, PERTURBED, FIRST, CHECK]
    return [NOTHING, PERTURBED, OPPOSITE if config.training.antithetic else BASELINE, CHECK]


def direction(evaluation: Row) -> int:
    """By which sign of θ̃ an evaluation is perturbed: 1, -1 or 0."""
    return evaluation["perturb"] * (1 - 2 * evaluation["negate"])
