"""The README's table says what reports/*.json say, and these what the boards can."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from boards import catalogue, report
from boards.build import BuildReport
from boards.device import DEVICES
from boards.estimate import multipliers
from spec.config import Config
from spec.timing import Timing

MADE: dict[str, Any] = {
    "board": "icebreaker",
    "device": "iCE40UP5K",
    "fmax_mhz": 32.08,
    "clock_mhz": 12.0,
    "clocks_per_step": 21,
    "steps_per_second": 571428.6,
    "utilization": {
        "ICESTORM_LC": {"used": 2006, "available": 5280},
        "ICESTORM_RAM": {"used": 1, "available": 30},
        "ICESTORM_DSP": {"used": 3, "available": 8},
    },
    "flip_flops": 951,
    "tools": {
        "versions": {"amaranth": "0.5.10", "yosys": "0.70"},
        "options": {"nextpnr_opts": "--seed 1"},
        "seed": 1,
    },
}


def test_render() -> None:
    without = dict(MADE, board="hx8k", utilization={"ICESTORM_LC": {"used": 1, "available": 7680}})
    lines = report.render([MADE, without]).splitlines()
    assert lines[0] == report.BEGIN
    assert lines[-1] == report.END
    assert lines[1].count("|") == lines[2].count("|") == lines[3].count("|") == 10
    assert lines[3] == (
        "| icebreaker | iCE40UP5K | 2,006 of 5,280 | 951 | 3 of 8 | 1 of 30 | 32.1 | 21 | "
        "571,429 at 12 MHz |"
    )
    assert lines[4].split(" | ")[4] == "none"
    for text in ("`make report`", "amaranth 0.5.10", "yosys 0.70", "--seed 1"):
        assert text in lines[6]


def test_insert(refusal: Callable[..., str]) -> None:
    text = f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n"
    assert report.insert(text, "new") == "before\nnew\nafter\n"
    for broken in ("", report.BEGIN, report.END, report.END + report.BEGIN):
        assert report.BEGIN in refusal(report.insert, broken, "new")


def test_update(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def build(config: Config, board: str, *, folder: Path, progress: Any) -> BuildReport:
        progress("synthesis")
        paths: dict[str, Any] = {
            "bitstream": str(folder / "xor.bin"),
            "log": str(folder / "xor.log"),
        }
        rest = {"board": board, "multipliers": 3, "timing_met": True}
        return BuildReport(**(MADE | paths | rest))

    monkeypatch.setattr(report, "build", build)
    (tmp_path / "examples").mkdir()
    (tmp_path / "reports").mkdir()
    (tmp_path / "examples" / "xor.toml").write_text(
        '[task]\nname = "xor"\n[network]\nlayers = [2, 2, 1]\n'
    )
    readme = tmp_path / "README.md"
    readme.write_text(f"# mgd\n{report.BEGIN}{report.END}\nend\n")
    report.update(tmp_path)
    made = sorted(path.name for path in (tmp_path / "reports").iterdir())
    assert made == sorted(f"xor_{board}.json" for board in report.REFERENCE_BOARDS)
    written = report.load(tmp_path / "reports")
    assert [each["board"] for each in written] == list(report.REFERENCE_BOARDS)
    assert readme.read_text() == f"# mgd\n{report.render(written)}\nend\n"
    for each in written:
        assert (each["bitstream"], each["log"]) == ("xor.bin", "xor.log")


def test_update_without_readme(tmp_path: Path, refusal: Callable[..., str]) -> None:
    assert "README.md: is missing" in refusal(report.update, tmp_path)


def test_readme_and_reports_agree() -> None:
    text = (report.ROOT / "README.md").read_text(encoding="utf-8")
    rendered = report.render(report.load(report.ROOT / "reports"))
    assert report.insert(text, rendered) == text


@pytest.mark.parametrize("name", report.REFERENCE_BOARDS)
def test_reports_fit_boards_and_config(name: str) -> None:
    xor = Config.load(report.ROOT / "examples" / "xor.toml")
    path = report.ROOT / "reports" / f"xor_{name}.json"
    text = path.read_text(encoding="utf-8")
    made = json.loads(text)
    board = catalogue.find(name)
    assert made["board"] == board.name
    assert made["device"] == board.device
    assert made["clock_mhz"] == board.clock_mhz <= made["fmax_mhz"]
    assert made["timing_met"] is True
    assert made["clocks_per_step"] == Timing.of(xor).step()
    device = DEVICES[board.device]

    def available(*names: str) -> int:
        return sum(made["utilization"].get(each, {"available": 0})["available"] for each in names)

    assert available("ICESTORM_LC", "TRELLIS_COMB") == device.logic
    assert available("ICESTORM_DSP", "MULT18X18D") == device.multipliers
    assert available("ICESTORM_RAM") * 4096 + available("DP16KD") * 18432 == device.memory_bits
    assert made["multipliers"] == (multipliers(xor) if device.multipliers else 0)
    assert not re.search(r'"/|\d\d:\d\d', text)  # no absolute path, no time
