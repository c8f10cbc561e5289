"""docs/howto/mismatch.md: the fault that it plants shows as it says, clock for clock."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from host import commands
from host.files import load_config
from sim.simulators import Simulator
from sim.verify import Verification, verify
from spec import probe
from spec.phase import Phase
from spec.registers import register_values
from tests.conftest import EXAMPLES
from tests.planted import plant, verilog

PAGE = (EXAMPLES.parent / "docs" / "howto" / "mismatch.md").read_text(encoding="utf-8")
FILE, RIGHT = "number/saturating.py", "(kept + up)[:width]"
CLOCKS = 5


def rows(result: Verification) -> list[str]:
    """The page's table of the last clocks."""
    found = []
    first = result.clocks - len(result.history) + 1
    for clock, (gateware, golden) in enumerate(result.history, first):
        phase = Phase(golden["phase"][0]).name
        shared = [golden[name][0] for name in ("C", "C0", "C_tilde")]
        assert [gateware[name][0] for name in ("C", "C0", "C_tilde")] == shared
        cells = [clock, phase, *shared, gateware["u"][0], golden["u"][0]]
        found.append(f"| {' | '.join(str(cell).replace('-', '−') for cell in cells)} |")
    return found[-CLOCKS:]


@pytest.mark.pages
def test_the_fault_shows_as_the_page_says(
    icarus: Simulator, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    assert RIGHT in PAGE
    config = load_config("xor").with_training(steps=20)
    plant(tmp_path, FILE, RIGHT, RIGHT.replace("(kept + up)", "kept"))
    source = verilog(tmp_path, "hdl.trainers", lambda copy: copy.trainer_of(config, probe=True))
    result = verify(config, icarus, tmp_path / "build", source=source)
    monkeypatch.chdir(tmp_path)
    assert commands.show_verification(result, probe.fields(config)) == 1
    printed = capsys.readouterr().out
    said = re.search(r"\$ mgd verify xor .*--steps 20\n((?:    .*\n)+)", PAGE)
    assert said
    assert printed == re.sub("^    ", "", said[1], flags=re.MULTILINE)
    assert f"#{10 * result.clocks}\n" in (tmp_path / "build/mismatch-icarus.vcd").read_text()
    table = re.findall(r"^\| \d+ \| [A-Z]+ \|.*\|$", PAGE, re.MULTILINE)
    assert table == rows(result)


def test_the_sum_of_the_page_is_right() -> None:
    shift = register_values(load_config("xor"))["eta_shift"]
    assert f"`eta_shift` is {shift}" in PAGE
    assert f"−57 · 2^(4 − {shift}) = −{57 * 2 ** (4 - shift)}" in PAGE
    assert round(-57 * 2 ** (4 - shift)) == -14
