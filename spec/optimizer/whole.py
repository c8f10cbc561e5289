"""The optimizer as a whole."""

from __future__ import annotations

from dataclasses import dataclass

from spec.optimizer.bank import BankSpec
from spec.optimizer.change import ChangeSpec
from spec.optimizer.schedule import ScheduleSpec, Stage


@dataclass(frozen=True)
class OptimizerSpec:
    """The whole optimizer.

    Parameters
    ----------
    schedule : ScheduleSpec
    bank : BankSpec
    change : ChangeSpec
    stages : tuple of Stage
        What changes during a run.
    spare : int
        Clocks by which D is longer than it need be; u spends them in registers.
    """

    schedule: ScheduleSpec
    bank: BankSpec
    change: ChangeSpec
    stages: tuple[Stage, ...] = ()
    spare: int = 0
