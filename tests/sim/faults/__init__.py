"""The planted faults: changes to the text of one file of the gateware, by part."""

from __future__ import annotations

from tests.sim.faults import cells, costs, overlap, plant, reuse, schedule
from tests.sim.faults.fault import CONFIGS, Fault, Tables

FAULTS = [
    fault for part in (cells, costs, plant, schedule, overlap, reuse) for fault in part.FAULTS
]

__all__ = ["CONFIGS", "FAULTS", "Fault", "Tables"]
