"""docs/verification.md: as many faults are planted as it says; the tests that it names exist."""

from __future__ import annotations

import re

import pytest

from tests.conftest import EXAMPLES
from tests.hdl.link import test_faults as link
from tests.host import test_device_faults as devices
from tests.host import test_folded_faults as folded
from tests.host.external.device import test_faults as plants
from tests.host.external.device import test_memory as words
from tests.model.compiled import test_faults as compiled
from tests.model.compiled import test_folded_faults as compiled_folded
from tests.sim.external import faults as external
from tests.sim.faults import FAULTS
from tests.sim.test_mutants import MOST_UNMET, MUTANTS

ROOT = EXAMPLES.parent
PAGE = (ROOT / "docs" / "verification.md").read_text(encoding="utf-8")

PLANTED = {
    "tests/sim/test_faults.py": len(FAULTS),
    "tests/sim/external/test_faults.py": len(external.FAULTS),
    "tests/hdl/link/test_faults.py": len(link.FAULTS),
    "tests/host/test_device_faults.py": len(devices.PLANTED),
    "tests/host/test_folded_faults.py": len(folded.PLANTED),
    "tests/host/external/device/test_faults.py": len(plants.PLANTED),
    "tests/host/external/device/test_memory.py": len(words.PLANTED),
    "tests/model/compiled/test_faults.py": len(compiled.FAULTS),
    "tests/model/compiled/test_folded_faults.py": len(compiled_folded.FAULTS),
}


def said(page: str) -> dict[str, int]:
    """The table of planted faults."""
    found = re.findall(r"^\| .* \| `(tests/[\w/]+\.py)` \| (\d+) \|$", page, re.MULTILINE)
    return {file: int(count) for file, count in found}


def test_as_many_are_planted() -> None:
    assert said(PAGE) == PLANTED


def test_mutants() -> None:
    assert f"it breaks {MUTANTS} places" in PAGE
    assert f"at most {MOST_UNMET} may be neither" in PAGE


def missing(page: str) -> list[str]:
    """Files and folders that are named and do not exist."""
    return [name for name in re.findall(r"`(tests/[\w/.]+)`", page) if not (ROOT / name).exists()]


@pytest.mark.parametrize("name", ["verification", "equations", "howto/new-perturbation"])
def test_tests_that_pages_name_exist(name: str) -> None:
    page = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    assert "`tests/" in page
    assert missing(page) == []


def test_planted_mistakes_are_found() -> None:
    assert said(PAGE.replace(f"| {len(FAULTS)} |", f"| {len(FAULTS) + 1} |")) != PLANTED
    assert missing("`tests/sim/test_fault.py`") == ["tests/sim/test_fault.py"]
