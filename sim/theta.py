"""θ as the probe shows it: all at once, or word by word as a folded engine writes it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.folded import places
from model.number.fixed import Ints
from sim.packing import values_of
from spec import derive, probe
from spec.config import Config
from spec.plant import Engine


class ShownTheta:
    """θ of a spatial engine: what the probe shows last.

    Parameters
    ----------
    fields : sequence of Field
        Of the probe.
    """

    def __init__(self, fields: Sequence[probe.Field]) -> None:
        self._fields = fields
        self._last = np.zeros((0, 0), dtype="<u4")

    def see(self, words: np.ndarray) -> None:
        """Take what the probe shows, of shape (clocks, words)."""
        self._last = words[-1:]

    def values(self) -> Ints:
        """Return θ in documented order."""
        return values_of(self._fields, self._last, "theta")[0]


class WrittenTheta:
    """θ of a folded engine: what was written last into each word.

    Parameters
    ----------
    config : Config
    """

    def __init__(self, config: Config) -> None:
        self._fields, spec = probe.fields(config), derive.folded(config)
        self._places = places(spec)
        self._words = np.zeros((spec.words, spec.lanes), dtype=np.int64)

    def see(self, words: np.ndarray) -> None:
        """Take what the probe shows, of shape (clocks, words)."""
        written, address, theta = (
            values_of(self._fields, words, name) for name in ("written", "address", "theta")
        )
        clocks, lanes = np.nonzero(written)
        # Of what is written more than once, numpy keeps the last.
        self._words[address[clocks, 0], lanes] = theta[clocks, lanes]

    def values(self) -> Ints:
        """Return θ in documented order."""
        return self._words[self._places]


def theta_of(config: Config) -> ShownTheta | WrittenTheta:
    """Return what follows θ of a config."""
    if config.build.engine is Engine.FOLDED:
        return WrittenTheta(config)
    return ShownTheta(probe.fields(config))
