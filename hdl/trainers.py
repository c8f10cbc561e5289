"""Which trainer a config has: spatial or folded."""

from __future__ import annotations

from hdl.folded.trainer import FoldedTrainer
from hdl.trainer import Trainer
from spec.config import Config
from spec.errors import InputError
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

    Raises
    ------
    InputError
        If there is no gateware for G.
    """
    folded = config.build.engine is Engine.FOLDED
    if folded and config.build.accumulate:
        raise InputError(
            "build.accumulate = true: parameters in memory have no G in gateware, which needs "
            "false; the golden model trains them: mgd train --engine model"
        )
    made = FoldedTrainer if folded else Trainer
    return made(config, probe=probe, control=control)
