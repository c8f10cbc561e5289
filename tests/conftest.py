"""What tests of several folders share."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from amaranth.back import verilog
from hypothesis import HealthCheck, Phase, settings

from sim.simulators import Simulator, missing
from spec.errors import InputError
from tests import netlists, yosys

# Both are held against Amaranth's own by tests/sim/test_yosys.py.
verilog.find_yosys = yosys.find
netlists.replace()

settings.register_profile(
    "mgd",
    derandomize=True,  # the same commit makes the same tests
    deadline=None,
    database=None,
    print_blob=True,
    phases=[phase for phase in Phase if phase is not Phase.explain],  # slow, and says little
    suppress_health_check=[
        HealthCheck.filter_too_much,
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
    ],
)
settings.load_profile("mgd")
FRESH = settings(settings.get_profile("mgd"), derandomize=False)
"""For `slow` tests: drawn anew each time; what fails is printed with how to repeat it."""


def pytest_collection_finish() -> None:
    """Collect garbage less often: elaboration makes objects by the million, and drops them whole.

    It takes a fifth off an elaboration, and needs less than 200 MB.
    """
    gc.freeze()
    gc.set_threshold(2_000_000, 5, 100)


EXAMPLES = Path(__file__).parent.parent / "examples"


def examples() -> list[Path]:
    """List all of them, but for those whose samples the project does not have."""
    without = ("fashion-mnist", "cifar10")
    return sorted(path for path in EXAMPLES.glob("*.toml") if not path.stem.startswith(without))


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


SLOW_VERILATOR = pytest.param(Simulator.VERILATOR, marks=pytest.mark.slow)
"""Verilator where Icarus, which compiles ten times as fast, is the usual one."""


@pytest.fixture
def icarus() -> Simulator:
    """The simulator that compiles fast, for many small designs."""
    return need(Simulator.ICARUS)


@pytest.fixture(scope="session")
def builds() -> Path:
    """Where compiled simulations are kept, from one session of tests to the next."""
    return EXAMPLES.parent / "build" / "sim"


@pytest.fixture(scope="session")
def refusal() -> Callable[..., str]:
    """Call something that must raise an InputError of one line; return that line."""

    def call(function: Callable[..., object], *args: Any, **kwargs: Any) -> str:
        with pytest.raises(InputError) as caught:
            function(*args, **kwargs)
        text = str(caught.value)
        assert len(text.splitlines()) == 1
        return text

    return call
