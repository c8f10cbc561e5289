"""Where the time of a step goes, as docs/plants.md has it: HW2 of the papers, a step in 1 µs."""

from __future__ import annotations

import re
from pathlib import Path

from sim.external.verify import verify
from sim.simulators import Simulator
from spec.external.derive import exchange
from spec.external.timing import ExternalTiming
from tests.conftest import need
from tests.plants import external

PAGE = Path(__file__).parents[3] / "docs" / "plants.md"

MHZ, SETTLES_NS = 100, 400


def test_a_step_takes_a_microsecond(builds: Path) -> None:
    """Of a plant that settles in 400 ns: in simulation, and in the table."""
    need(Simulator.VERILATOR)
    config = external(settling=SETTLES_NS * MHZ // 1000, parameters=9, steps=50, check_every=99)
    timing = ExternalTiming.of_external(config)
    result = verify(config, builds)
    assert result.mismatches == []
    steps = result.clocks - timing.initialisation - timing.check - timing.loop
    # After the last step comes its update, and then the check.
    assert steps == 50 * timing.step() + 1
    assert timing.step() * 1000 / MHZ < 1000

    rows = re.findall(r"^\| ([^|]+) \| +([*\d]+) \| ([*\d.]+) .s\*?\*? \|$", PAGE.read_text(), re.M)
    budget = [(name, int(clocks.strip("*"))) for name, clocks, _ in rows]
    spec = exchange(config)
    assert [clocks for _, clocks in budget] == [
        spec.send_clocks,
        spec.settling,
        spec.clocks + 1 - spec.send_clocks - spec.settling,
        timing.evaluation,
        timing.step() - 2 * timing.evaluation,
        timing.step(),
    ]
    assert sum(clocks for _, clocks in budget[:-1]) == budget[-1][1]
