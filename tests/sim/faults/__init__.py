"""The planted faults: changes to the text of one file of the gateware, by part."""

from __future__ import annotations

from tests.sim.faults import cells, costs, folded, one_port, overlap, plant, schedule
from tests.sim.faults.fault import CONFIGS, Fault, Tables

PARTS = (cells, costs, plant, schedule, overlap, folded, one_port)

FAULTS = [fault for part in PARTS for fault in part.FAULTS]

__all__ = ["CONFIGS", "FAULTS", "Fault", "Tables"]
