"""The pages say what reports/*.json say, and these what boards and golden model can."""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from boards import catalogue
from boards.device import DEVICES
from boards.estimate import multipliers
from boards.sweep import ROUTED, Sweep
from boards.tools import ToolError
from experiments import measured, report
from experiments.report import ROOT
from experiments.rows import ROWS, Row
from experiments.solution import SIMULATED, DifferenceError
from host.outcome import median
from model.trainer import Trainer
from spec.config import Config
from spec.timing import Timing
from tests.experiments.made import REPORT, SOLVED, sweep_of

XOR = Config.load(ROOT / "examples" / "xor.toml")


def test_combine() -> None:
    assert report.combine(Row("xor", "icebreaker"), XOR, sweep_of(), SOLVED, "0123abc") == REPORT


def test_no_solution_has_no_time() -> None:
    never = {"golden": SOLVED["golden"] | {"median_clocks": None}}
    made = report.combine(Row("xor", "icebreaker"), XOR, sweep_of(), SOLVED | never, None)
    assert made["time_to_solution_s"] is None


def test_the_commit_of_a_build(root: Path) -> None:
    """A report of its own changes none of it; a changed example does."""
    assert report.commit(root) is None
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "all"]):
        who = ["-c", "user.name=me", "-c", "user.email=me@localhost"]
        subprocess.run(["git", *who, *words], cwd=root, check=True)
    made = report.commit(root)
    assert made
    assert re.fullmatch("[0-9a-f]{7}", made)
    (root / "README.md").write_text("other")
    assert report.commit(root) == made
    (root / "examples" / "xor.toml").write_text("other")
    assert report.commit(root) == f"{made}+"


def test_timing_missed() -> None:
    with pytest.raises(ToolError, match=r"^xor:icebreaker: 28.04 MHz is too slow for 12.0 MHz$"):
        report.combine(Row("xor", "icebreaker"), XOR, sweep_of(met=2), SOLVED, None)


def test_a_clock_that_one_seed_reaches() -> None:
    row = Row("xor", "icebreaker", clock_mhz=12.0)
    assert report.combine(row, XOR, sweep_of(met=1), SOLVED, None)["clock_mhz"] == 12.0
    with pytest.raises(ToolError, match=r"^xor:icebreaker: 28.04 MHz is too slow for 12.0 MHz$"):
        report.combine(row, XOR, sweep_of(met=0), SOLVED, None)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project, in which nothing takes long."""

    def sweep(
        config: Config, board: str, *, clock_mhz: float | None, jobs: int, progress: Any
    ) -> Sweep:
        progress("synthesis")
        return sweep_of(board)

    monkeypatch.setattr(report, "sweep", sweep)
    monkeypatch.setattr(report, "solve", lambda config, runs, steps: SOLVED)
    (tmp_path / "examples").mkdir()
    (tmp_path / "reports").mkdir()
    for name in ("xor", "xor-fast"):
        text = (ROOT / "examples" / f"{name}.toml").read_text(encoding="utf-8")
        (tmp_path / "examples" / f"{name}.toml").write_text(text, encoding="utf-8")
    (tmp_path / "docs").mkdir()
    markers = "\n".join((*measured.BUILDS.markers, *measured.SOLUTIONS.markers))
    (tmp_path / measured.PAGE).write_text(f"# mgd\n{markers}\nend\n")
    (tmp_path / "README.md").write_text("\n".join(measured.BOARDS.markers))
    return tmp_path


def test_links_are_built_where_a_row_says_so(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[bool | str] = []

    def sweep(config: Config, board: str, **_: Any) -> Sweep:
        built.append(config.build.link)
        return sweep_of(board)

    monkeypatch.setattr(report, "sweep", sweep)
    rows = [Row("xor", "ulx3s-25f"), Row("xor", "ulx3s-25f", link=True)]
    report.update(rows, root)
    assert built == [False, True]
    assert json.loads((root / "reports" / rows[1].file).read_text())["link"]


def test_update(root: Path) -> None:
    """Chosen rows are written, in the order of all rows; the others stay as they are."""
    report.update([ROWS[4]], root)
    report.update([ROWS[2], ROWS[0]], root)
    made = {path.name for path in (root / "reports").iterdir()}
    assert made == {ROWS[k].file for k in (0, 2, 4)}
    written = report.load(root / "reports")
    assert [(each["example"], each["board"]) for each in written] == [
        (ROWS[k].example, ROWS[k].board) for k in (0, 2, 4)
    ]
    builds, solutions = measured.render_builds(written), measured.render_solutions(written)
    text = (root / measured.PAGE).read_text(encoding="utf-8")
    assert text.startswith("# mgd\n<!--")
    assert text.endswith("-->\nend\n")
    assert 0 < text.index(builds) < text.index(solutions)
    assert measured.render_boards(written) in (root / "README.md").read_text(encoding="utf-8")
    for page, said in report.rendered(root).items():
        assert said == (root / page).read_text(encoding="utf-8")


def test_an_example_is_solved_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, int, int | None]] = []

    def solve(config: Config, runs: int, steps: int | None) -> dict[str, Any]:
        asked.append((config.task.name, runs, steps))
        return SOLVED

    monkeypatch.setattr(report, "solve", solve)
    report.update([*ROWS[:2], Row("xor", "ulx3s-25f", 100)], root)
    assert asked == [("xor", 200, None), ("xor", 200, 100)]


def test_a_difference_fails_and_writes_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def solve(*_: object) -> None:
        raise DifferenceError("seed 2: the gateware made 1 step")

    monkeypatch.setattr(report, "solve", solve)
    before = [(root / page).read_text() for page in report.rendered(root)]
    with pytest.raises(DifferenceError, match=r"^xor: seed 2: the gateware made 1 step$"):
        report.update(ROWS, root)
    assert [(root / page).read_text() for page in report.rendered(root)] == before
    assert not list((root / "reports").iterdir())
    monkeypatch.setattr(report, "update", lambda rows, **_: solve())
    assert report.main(["xor"]) == 1
    assert capsys.readouterr().err == "report: seed 2: the gateware made 1 step\n"


@pytest.mark.parametrize("page", ["README.md", measured.PAGE])
def test_a_page_is_missing_or_without_markers(
    root: Path, refusal: Callable[..., str], page: str
) -> None:
    begin, _ = measured.BOARDS.markers if page == "README.md" else measured.SOLUTIONS.markers
    text = (root / page).read_text()
    (root / page).write_text(text.replace(begin, ""))
    assert f"{page}: the markers {begin}" in refusal(report.update, ROWS, root)
    (root / page).unlink()
    assert f"{page}: is missing" in refusal(report.update, ROWS, root)


def test_cells_need_their_page(root: Path, refusal: Callable[..., str]) -> None:
    (root / measured.PAGE).unlink()
    assert f"{measured.PAGE}: is missing" in refusal(report.update_cells, root)


@pytest.mark.parametrize("words", [["xnor"], ["xor:zx-spectrum"], ["xor", "--jobs", "0"]])
def test_wrong_words(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert report.main(words) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("report: ")
    assert printed.err.count("\n") == 1


def test_main_makes_what_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    monkeypatch.setattr(report, "update", lambda rows, jobs: made.append((len(rows), jobs)))
    monkeypatch.setattr(report, "update_cells", lambda: made.append("cells"))
    monkeypatch.setattr(report.growth, "update", lambda *_: made.append("growth"))
    for words in ([], ["cells"], ["xor:ulx3s-25f", "--jobs", "7"]):
        assert report.main(words) == 0
    assert made == [(len(ROWS), 2), "cells", "growth", "cells", (1, 7)]


def test_pages_and_reports_agree() -> None:
    for page, text in report.rendered().items():
        assert text == (ROOT / page).read_text(encoding="utf-8")


def test_no_other_reports() -> None:
    names = {path.name for path in (ROOT / "reports").iterdir()}
    others = {
        f"{name}.json"
        for name in (
            "cells",
            "datasets",
            "delay",
            "eta",
            "folded",
            "lockstep",
            "networks",
            "plants",
            "growth",
            "letters",
            "shares",
        )
    }
    assert names <= {row.file for row in ROWS} | others


def read(row: Row) -> dict[str, Any]:
    """Read a row's report; one that is not made yet skips the test, but fails it on CI."""
    path = ROOT / "reports" / row.file
    if not path.exists() and not os.environ.get("CI"):
        pytest.skip(f"not made yet: make report ROWS={row.name}")
    return json.loads(path.read_text(encoding="utf-8"))


def config_of(row: Row) -> Config:
    return Config.load(ROOT / "examples" / f"{row.example}.toml")


each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


@each_row
def test_reports_fit_boards_and_config(row: Row) -> None:
    made, config = read(row), config_of(row)
    board = catalogue.find(row.board).at(row.clock_mhz)
    named = (row.example, row.link, board.name)
    assert (made["example"], made["link"], made["board"]) == named
    assert made["device"] == board.device
    routed = [mhz for mhz in made["fmax_mhz"]["by_seed"].values() if mhz is not None]
    needed = min(routed) if row.clock_mhz is None else max(routed)  # of those a build tries
    assert made["clock_mhz"] == board.clock_mhz <= needed
    assert made["clocks_per_step"] == Timing.of(config).step()
    device = DEVICES[board.device]

    def available(*names: str) -> int:
        return sum(made["utilization"].get(each, {"available": 0})["available"] for each in names)

    assert available("ICESTORM_LC", "TRELLIS_COMB") == device.logic
    assert available("ICESTORM_DSP", "MULT18X18D") == device.multipliers
    assert available("ICESTORM_RAM") * 4096 + available("DP16KD") * 18432 == device.memory_bits
    wanted = multipliers(config, linked=row.link)
    assert made["multipliers"] == (wanted if wanted <= device.multipliers else 0)
    text = (ROOT / "reports" / row.file).read_text(encoding="utf-8")
    assert not re.search(r'"/|\d\d:\d\d', text)  # no absolute path, no time


@each_row
def test_reports_add_up(row: Row) -> None:
    made = read(row)
    fmax, golden = made["fmax_mhz"], made["golden"]
    assert list(fmax["by_seed"]) == [f"{k + 1}" for k in range(len(fmax["by_seed"]))]
    routed = [mhz for mhz in fmax["by_seed"].values() if mhz is not None]
    assert len(routed) == ROUTED >= 5
    assert fmax["min"] == min(routed)
    assert fmax["median"] == statistics.median(routed)
    other = (made["icetime_mhz"] or fmax)["by_seed"]  # the slower of both counts
    slower = [min(mhz, other[k] or mhz) for k, mhz in fmax["by_seed"].items() if mhz is not None]
    median = statistics.median(slower)
    for rate, mhz in (("at_clock", made["clock_mhz"]), ("at_median_fmax", median)):
        steps = mhz * 1e6 / made["clocks_per_step"]
        assert made["steps_per_second"][rate] == pytest.approx(steps, abs=0.06)
    simulated = {"seeds": SIMULATED, "simulator": "verilator", "steps": row.simulated_steps}
    assert made["simulated"] == simulated
    assert golden["seeds"] == row.runs
    if golden["median_clocks"] is None:
        assert made["time_to_solution_s"] is None
        assert golden["solved"] <= golden["seeds"] / 2
    else:
        seconds = golden["median_clocks"] / (median * 1e6)
        assert made["time_to_solution_s"] == pytest.approx(seconds, rel=1e-5)
        assert golden["solved"] >= golden["seeds"] / 2


@pytest.mark.slow
@each_row
def test_reports_are_of_this_golden_model(row: Row) -> None:
    golden = read(row)["golden"]
    runs = Trainer(config_of(row), range(1, row.runs + 1)).run()
    assert golden["solved"] == sum(run.solved for run in runs)
    assert golden["median_steps"] == median(runs, "steps")
    assert golden["median_clocks"] == median(runs, "clocks")
