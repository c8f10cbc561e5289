"""Which trace a config has: that of a spatial or of a folded engine."""

from __future__ import annotations

from collections.abc import Mapping

from model.folded import FoldedTrace
from model.trace import Trace
from spec.config import Config
from spec.plant import Engine


def trace_of(
    config: Config,
    *,
    stop_when_solved: bool = False,
    writes: Mapping[int, Mapping[str, int]] | None = None,
) -> Trace | FoldedTrace:
    """Return the trace of a config; parameters are those of `Trace`."""
    made = FoldedTrace if config.build.engine is Engine.FOLDED else Trace
    return made(config, stop_when_solved=stop_when_solved, writes=writes)
