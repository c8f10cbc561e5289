"""The planted faults: changes to the text of one file of the gateware, and configs that show them.

See `tests/sim/test_faults.py`.
"""

from __future__ import annotations

from tests.sim.faults.cell import CELL
from tests.sim.faults.cost import COST
from tests.sim.faults.network import NETWORK
from tests.sim.faults.overlapped import OVERLAPPED
from tests.sim.faults.reused import REUSED
from tests.sim.faults.schedule import SCHEDULE

FAULTS = [*CELL, *COST, *NETWORK, *SCHEDULE, *OVERLAPPED, *REUSED]
