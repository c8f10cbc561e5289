"""What a probe shows over time, kept as changes: a run has many clocks, and few of them change."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np

from model.number.fixed import Ints
from sim.packing import values_of
from spec.phase import Phase
from spec.probe import Field

Changes = tuple[Ints, Ints]
"""The clocks from which on a signal has other values than before, and those values."""

ENDING = (Phase.UPDATE, Phase.BASELINE, Phase.PERTURBED)
"""In which `step` may be N already, while step N - 1 is still at work: its update; with overlap,
its evaluations."""


class Waves:
    """Signals over time.

    Parameters
    ----------
    fields : sequence of Field
        Of the probe.
    first : int
        The clock of the first record.

    Attributes
    ----------
    clock : int
        The clock behind the last record.
    """

    def __init__(self, fields: Sequence[Field], first: int = 0) -> None:
        self.fields, self.clock = fields, first
        self._last: dict[str, Ints] = {}
        self._parts: dict[str, list[tuple[Ints, Ints, Ints]]] = {f.name: [] for f in fields}
        self._by_place: dict[str, list[Changes]] = {}

    def take(self, records: np.ndarray) -> None:
        """Take the packed probe of the clocks that follow, of shape (clocks, words)."""
        self.take_values({f.name: values_of(self.fields, records, f.name) for f in self.fields})

    def take_values(self, values: Mapping[str, Ints]) -> None:
        """Take the values of each field in the clocks that follow, of shape (clocks, count)."""
        self._by_place.clear()
        clocks = len(next(iter(values.values())))
        if not clocks:
            return
        for name, found in values.items():
            differs = np.ones(found.shape, dtype=bool)
            differs[1:] = found[1:] != found[:-1]
            if name in self._last:
                differs[0] = found[0] != self._last[name]
            rows, places = np.nonzero(differs)
            self._parts[name].append((self.clock + rows, places, found[rows, places]))
            self._last[name] = found[-1]
        self.clock += clocks

    def changes(self, name: str, place: int = 0) -> Changes:
        """Return the changes of a field, or of one of its values, from the first record on."""
        if name not in self._by_place:
            clocks, places, values = (
                np.concatenate(parts) for parts in zip(*self._parts[name], strict=True)
            )
            order = np.argsort(places, kind="stable")
            ends = np.searchsorted(places[order], np.arange(len(self._last[name]) + 1))
            self._by_place[name] = [
                (clocks[order[a:b]], values[order[a:b]]) for a, b in itertools.pairwise(ends)
            ]
        return self._by_place[name][place]

    def at(self, clocks: Ints, name: str, place: int = 0) -> Ints:
        """Return a signal's values in some clocks, none of them before the first record."""
        changed, values = self.changes(name, place)
        return values[np.searchsorted(changed, clocks, side="right") - 1]


class Recording(Waves):
    """The waves of a run's first steps, from its first clock on.

    Parameters
    ----------
    fields : sequence of Field
        Of the probe.
    steps : int
        N, at least 1. The run must be longer.

    Attributes
    ----------
    start : int or None
        The clock in which step 0 begins: the first in phase STEP, once there was one.
    """

    def __init__(self, fields: Sequence[Field], steps: int) -> None:
        super().__init__(fields)
        self.steps, self.start = steps, None

    def watch(self, records: np.ndarray) -> bool:
        """Take records, as far as they are wanted; return whether N steps are made.

        The last record is the first in which step N is at work: it has what step N - 1 has left.
        """
        phase, step = (values_of(self.fields, records, name)[:, 0] for name in ("phase", "step"))
        if self.start is None and (phase == Phase.STEP).any():
            self.start = self.clock + int(np.argmax(phase == Phase.STEP))
        over = (step > self.steps) | (step == self.steps) & ~np.isin(phase, ENDING)
        over[: 0 if self.start is None else max(0, self.start - self.clock)] = False
        if self.start is None or not over.any():
            self.take(records)
            return False
        self.take(records[: int(np.argmax(over)) + 1])
        return True
