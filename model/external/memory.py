"""The same of cells that are words of memory: they are seen as they are written back."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from model.external.trace import ExternalTrace
from model.number.fixed import Ints
from model.trace import Clocks
from spec.external import derive
from spec.external.config import ExternalConfig
from spec.optimizer import MemoryBankSpec
from spec.phase import Phase

WORDS = ("number", "theta", "G", "perturbation")
"""Fields of the probe of a word that is written back; otherwise they are 0."""


class MemoryTrace(ExternalTrace):
    """One run of the golden model, expanded to clocks; parameters are those of `ExternalTrace`."""

    def __init__(
        self, config: ExternalConfig, answers: Iterator[int], *, stop_when_solved: bool = False
    ) -> None:
        super().__init__(config, answers, stop_when_solved=stop_when_solved)
        spec = derive.bank(config)
        assert isinstance(spec, MemoryBankSpec)
        self._visits = 1 + spec.visit_latency + np.arange(spec.parameters)
        self._swept: list[tuple[int, Ints]] = []
        sweep = {phase: [self._sweep] for phase in (Phase.INIT_UPDATE, Phase.UPDATE)}
        self._effects |= sweep | {Phase.INIT_ACCUMULATE: []}
        self._effects[Phase.ACCUMULATE] = [self._step]

    def _line_now(self, now: int) -> None:
        """Show no perturbation but of words."""

    def _sweep(self, now: int) -> None:
        """Show every word, one clock after the other."""
        cells, line = self.trainer.cells, self.trainer.code.line[0]
        G = cells.G[0] * self.timing.accumulate
        words = np.stack([np.arange(len(line)), cells.theta[0], G, line])
        self._swept.append((now, words))

    def _take(self, start: int, stop: int) -> Clocks:
        found = {name: track.take(start, stop) for name, track in self._whole.items()}
        found |= {name: np.zeros((stop - start, 1), dtype=np.int64) for name in ("written", *WORDS)}
        for now, words in self._swept:
            clocks = now - start + self._visits
            found["written"][clocks] = 1
            for name, values in zip(WORDS, words, strict=True):
                found[name][clocks, 0] = values
        self._swept.clear()
        return found


def trace_of(
    config: ExternalConfig, answers: Iterator[int], *, stop_when_solved: bool = False
) -> ExternalTrace:
    """Return the trace of a config."""
    kind = MemoryTrace if derive.in_memory(config) else ExternalTrace
    return kind(config, answers, stop_when_solved=stop_when_solved)
