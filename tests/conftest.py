"""What tests of several folders share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sim.simulators import Simulator, missing

EXAMPLES = Path(__file__).parent.parent / "examples"


def need(simulator: Simulator) -> Simulator:
    """Skip a test whose simulator is not installed; on CI, where all must be, fail."""
    lacking = missing(simulator)
    if lacking and os.environ.get("CI"):
        pytest.fail(lacking)
    if lacking:
        pytest.skip(lacking)
    return simulator


@pytest.fixture(params=list(Simulator), ids=lambda s: s.value)
def simulator(request: pytest.FixtureRequest) -> Simulator:
    """Each simulator in turn."""
    return need(request.param)


@pytest.fixture
def icarus() -> Simulator:
    """The simulator that compiles fast, for many small designs."""
    return need(Simulator.ICARUS)


@pytest.fixture(scope="session")
def builds() -> Path:
    """Where compiled simulations are kept, from one session of tests to the next."""
    return EXAMPLES.parent / "build" / "sim"
