"""Small specs of the optimizer: what each of its components needs to know, with its latency.

None of them knows a network: to the optimizer, a plant is groups of cells that an evaluation
reaches some clocks after another. `spec.derive` makes them of a config.
"""

from spec.optimizer.bank import (
    CORRELATION_LATENCY,
    BankSpec,
    Block,
    Group,
    MemoryBankSpec,
    product_latency,
)
from spec.optimizer.cell import CellSpec, PerturbationSpec
from spec.optimizer.change import ETA_SHIFT_BITS, MAX_LEFT_SHIFT, ChangeSpec
from spec.optimizer.schedule import (
    ENTRY,
    JOINED,
    PatientScheduleSpec,
    ScheduleSpec,
    Stage,
    SweepingScheduleSpec,
)
from spec.optimizer.whole import OptimizerSpec

__all__ = [
    "CORRELATION_LATENCY",
    "ENTRY",
    "ETA_SHIFT_BITS",
    "JOINED",
    "MAX_LEFT_SHIFT",
    "BankSpec",
    "Block",
    "CellSpec",
    "ChangeSpec",
    "Group",
    "MemoryBankSpec",
    "OptimizerSpec",
    "PatientScheduleSpec",
    "PerturbationSpec",
    "ScheduleSpec",
    "Stage",
    "SweepingScheduleSpec",
    "product_latency",
]
