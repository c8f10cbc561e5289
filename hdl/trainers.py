"""Which trainer a config has: spatial or folded."""

from __future__ import annotations

from hdl.folded.trainer import FoldedTrainer
from hdl.trainer import Trainer
from spec.config import Config
from spec.plant import Engine


def trainer_of(
    config: Config, *, probe: bool = False, control: bool = False
) -> Trainer | FoldedTrainer:
    """Return the trainer of a config.

    Parameters
    ----------
    config : Config
    probe : bool
        Whether to add the port `probe`.
    control : bool
        Whether to add what a link needs.
    """
    made = FoldedTrainer if config.build.engine is Engine.FOLDED else Trainer
    return made(config, probe=probe, control=control)
