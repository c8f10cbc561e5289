"""What is chosen for own data where the user says nothing."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from host.proposal import formats
from spec.tasks import Kind

AMPLITUDE = -5
"""log2 Δθ."""

FEWEST, MANY, A_CELL = 1_000, 30_000, 200
"""Steps: of the smallest problem; of a large one; for each cell, of the largest."""

CHECKS = 50
"""Checks in a run, each a point of its curve."""


def defaults(samples: int, layers: Sequence[int], kind: Kind) -> dict[str, Any]:
    """Choose keys of a config by the size of the problem.

    Steps are as many as samples times cells, from `FEWEST` to `MANY`, or to `A_CELL` for each cell.
    On iris, wine, breast cancer and two moons, 30,000 steps gained little over 10,000; diabetes
    overfits from some 10,000 on; digits, 64-16-10, still gain at 100,000.

    Parameters
    ----------
    samples : int
        Of training.
    layers : sequence of int
        Inputs, and neurons of each layer.
    kind : Kind
        Of the targets: classes or numbers.

    Returns
    -------
    dict
        Values by their keys, of any table; `training.check_every` is left to `check_every`.
    """
    cells = sum((a + 1) * b for a, b in itertools.pairwise(layers))
    return {
        "inputs": "fixed",
        "scale": "auto",
        "hidden": "tanh",
        "output": "tanh" if kind is Kind.NUMBERS else "plan",
        **formats(),
        "amplitude": AMPLITUDE,
        "eta": "auto",
        "steps": min(max(samples * cells, FEWEST), max(MANY, A_CELL * cells)),
    }


def check_every(steps: int) -> int:
    """Return between how many steps to check, so that a curve has some `CHECKS` points."""
    return min(max(1, steps // CHECKS), 65_535)
