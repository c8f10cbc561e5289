"""θ as the probe of an optimizer for an external plant shows it: at once, or word by word."""

from __future__ import annotations

import numpy as np

from hdl.optimizer.memory.words import request_layout
from model.number.fixed import Ints
from sim.external.session import Session
from sim.packing import integer, unpack, values_of
from sim.theta import ShownTheta
from spec.external import derive
from spec.external.config import ExternalConfig
from spec.external.registers import probe

LONGEST_READ = 9
"""Clocks for a word of gateware that is not busy, at most."""


class WrittenWords:
    """θ of cells that are words of memory: what was written last into each.

    Parameters
    ----------
    config : ExternalConfig
    """

    def __init__(self, config: ExternalConfig) -> None:
        self._fields = probe(config)
        self._theta = np.zeros(config.parameters, dtype=np.int64)

    def see(self, words: np.ndarray) -> None:
        """Take what the probe shows, of shape (clocks, words)."""
        written, number, theta = (
            values_of(self._fields, words, name)[:, 0] for name in ("written", "number", "theta")
        )
        clocks = np.flatnonzero(written)
        self._theta[number[clocks]] = theta[clocks]  # the last one, of several

    def values(self) -> Ints:
        """Return θ in documented order."""
        return self._theta


def theta_of(config: ExternalConfig) -> ShownTheta | WrittenWords:
    """Return what follows θ of a config."""
    return WrittenWords(config) if derive.in_memory(config) else ShownTheta(probe(config))


def read_theta(session: Session, config: ExternalConfig, clock: int) -> Ints:
    """Return θ of gateware that is not busy, and end it: what the probe shows, or each word."""
    if not derive.in_memory(config):
        state = unpack(probe(config), integer(session.last()))
        return np.array(state["theta"], dtype=np.int64)
    request, found = request_layout(derive.bank(config)), []
    for number in range(config.parameters):
        asked = request.const({"ask": 1, "number": number}).as_value().value
        clock, outputs = session.run(clock + LONGEST_READ, {"start": 0, "request": asked})
        assert outputs["came"], "no word came"
        found.append(outputs["word"])
        clock, outputs = session.run(clock + LONGEST_READ, {"request": 0})
    bits = dict(session.bench.outputs)["word"]
    words = np.array(found, dtype=np.int64)
    return words - (words >> bits - 1 << bits)
