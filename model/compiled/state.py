"""What changes in a run, as a row of numbers; and what is the same for all runs."""

from __future__ import annotations

from itertools import accumulate
from typing import NamedTuple

from spec.training import Perturbation

KINDS = (
    Perturbation.RCM, Perturbation.TERNARY, Perturbation.CM, Perturbation.TM,
    Perturbation.FM_SQUARE, Perturbation.FM,
)  # fmt: skip
"""The perturbations that there are here."""

RANDOM, TERNARY, WALSH, TURNS = range(4)
"""The first of them, by number; the others are sines."""

REGISTER, COLUMNS, TURN, STRIDE, HEAD, ORDERED, INDEX, NEXT, C0, C_TILDE = range(10)
COST_NOISE, UPDATE_NOISE, VALUES = 10, 13, 16
"""Single numbers of a run: of its perturbation, with where its line begins; of its samples; C0, C̃;
of each noise the next draw, and two registers behind it."""

N, SINCE_P, SINCE_X, SINCE_THETA, TAU_P, TAU_X, TAU_THETA, ETA, CHANGE = range(9)
COUNT, BEGINS, SLOT, DUE, PERTURBED, BASELINES, CLOCK = range(9, 16)
"""Numbers that are the same for all runs: of the schedule, and its next change; perturbations made;
whether overlapped steps begin, where in the flight they are, whether an update is due; how often
this leap perturbed, and measured C0."""


class Layout(NamedTuple):
    """Where in a run's row each part ends, by its name.

    Attributes
    ----------
    line : int
        The perturbation's: what it holds, and what has left it in the last D steps; and as many
        places to spare.
    flight : int
        The u that are on their way.
    seen : int
        With node perturbation, what all layers put out in the evaluations that made them.
    """

    values: int
    theta: int
    G: int
    line: int
    noise: int
    defects: int
    flight: int
    seen: int

    @classmethod
    def of(cls, cells: int, delay: int, noise: int, defects: int, seen: int) -> Layout:
        """Lay a row out: P, D, places of noise and defects, signals kept of an evaluation."""
        line = 2 * (cells + delay)
        sizes = VALUES, cells, cells, line, noise, defects, delay, delay * seen
        return cls(*accumulate(sizes))
