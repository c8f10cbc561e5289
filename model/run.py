"""The end of a run, and what tells two of them apart."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model.number.fixed import Ints


@dataclass(frozen=True)
class Counted:
    """What gateware counted of an external plant that misbehaved.

    Attributes
    ----------
    timeouts : int
        How often it was asked again, as there was no answer in time.
    unasked : int
        Conversions that nobody had asked for.
    """

    timeouts: int
    unasked: int


@dataclass(frozen=True)
class Run:
    """The end of a run.

    Attributes
    ----------
    seed : int
    solved : bool
        Whether the last check found enough correct samples at a low enough cost.
    steps, clocks : int
        Steps made; clocks from start to done.
    correct, cost_sum : int
        Of the last check; the costs in LSBs of 2**-cost_bits.
    theta : array of int, shape (P,)
        Final parameters, in LSBs of θ.
    waited : int or None
        Clocks for which a board waited for samples; None where all of them are there.
    counted : Counted or None
        Of an external plant; None of a network of ours, and in the golden model.
    """

    seed: int
    solved: bool
    steps: int
    clocks: int
    correct: int
    cost_sum: int
    theta: Ints
    waited: int | None = None
    counted: Counted | None = None


class Interrupted(KeyboardInterrupt):
    """Training was ended before its time.

    Attributes
    ----------
    runs : list of Run
        That ended, and those that would have gone on, as they are; none that had made no step.
    """

    def __init__(self, runs: list[Run]) -> None:
        super().__init__()
        self.runs = runs


def theta_digest(theta: npt.ArrayLike) -> str:
    """SHA-256 of θ as little-endian int32 in documented order."""
    return hashlib.sha256(np.asarray(theta).astype("<i4").tobytes()).hexdigest()
