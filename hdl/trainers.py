"""Which trainer a config has: spatial or folded; or none."""

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
    check_gateware(config)
    made = FoldedTrainer if config.build.engine is Engine.FOLDED else Trainer
    return made(config, probe=probe, control=control)


def check_gateware(config: Config) -> None:
    """Refuse what the golden model has alone.

    Raises
    ------
    InputError
        If there is no gateware for G.
    """
    if config.build.engine is Engine.FOLDED and config.build.accumulate:
        raise InputError(
            "build.accumulate = true: parameters in memory have no G in gateware, which needs "
            "false; the golden model trains them: mgd train --engine model"
        )
