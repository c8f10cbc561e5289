"""What steps found, on its way to the cells while other steps begin."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from model.number.fixed import Ints


@dataclass
class Found:
    """What a step found, on its way to the cells.

    Attributes
    ----------
    u : array of int, shape (runs,)
    theta_tilde : array of int, shape (runs, P)
        The perturbation that made it.
    inputs : array of int, shape (runs, P), or None
        With node perturbation: what each cell multiplied in the evaluation that made it.
    update : bool
        Whether the step ends a period of τ_θ.
    """

    u: Ints
    theta_tilde: Ints
    inputs: Ints | None = None
    update: bool = False


class Flight:
    """A queue of D steps, empty at the start: what enters comes back D steps later.

    Parameters
    ----------
    delay : int
        D.
    """

    def __init__(self, delay: int) -> None:
        self._queue: deque[Found | None] = deque([None] * delay)

    def exchange(self, found: Found | None) -> Found | None:
        """Enter what a step found, if it did; return what is used now, if there is any."""
        self._queue.append(found)
        return self._queue.popleft()
