"""The router is ended where it gets no further, and aims for a clock from a PLL."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from boards import catalogue, flow, routing, scripts, tools
from spec.config import Config
from tests.boards.test_flow import FakeTools, run_flow


def test_a_route_that_is_never_found(
    small: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """nextpnr is ended after so many iterations; a run of just as many is none to end."""
    fake = FakeTools({}, [0])
    asked: list[bool] = []

    def run(
        argv: Sequence[str], folder: Path, hopeless: Callable[[], bool] = lambda: False
    ) -> tuple[int, str]:
        asked.append(hopeless())
        fake.run(argv, folder)
        if "--seed" in argv:
            line = "Info:     iter={} wires=13897 overused=2 overuse=2 archfail=NA\n"
            text = "".join(line.format(k) for k in range(1, routing.ITERATIONS + 1))
            (folder / "top.tim").write_text(text)
            asked.append(hopeless())
            (folder / "top.tim").write_text(text + line.format(routing.ITERATIONS + 1))
            asked.append(hopeless())
        return 0, ""

    monkeypatch.setattr(tools, "run", run)
    with pytest.raises(
        routing.UnroutableError, match=r"^nextpnr-ice40: seed 7: no route in 10,000 iterations; "
    ):
        run_flow(small, "hx8k", tmp_path, 7)
    assert asked == [False] * 4 + [True]
    assert fake.calls[-1][0] == "nextpnr-ice40"


@pytest.mark.parametrize("reached", [0, 1, 2, None])
def test_a_clock_is_aimed_for(
    small: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reached: int | None
) -> None:
    """With a margin, then for less; at last for nothing. That needs no more than a tool's word."""
    fake = FakeTools({}, [0])
    aims: list[float | None] = []

    def run(
        argv: Sequence[str], folder: Path, hopeless: Callable[[], bool] = lambda: False
    ) -> tuple[int, str]:
        fake.run(argv, folder)
        if "--seed" in argv:
            aiming = "--tmg-ripup" in argv
            constraints = (folder / "top.lpf").read_text()
            (line,) = re.findall(r'FREQUENCY NET "pll.clock" (\S+) HZ;', constraints)
            aims.append(float(line) / 1e6 if aiming else None)
            assert not hopeless()  # whatever the one before has logged
            more = aiming and len(aims) - 1 != reached
            iteration = "Info:     iter=1 wires=9 overused=0 overuse=0 tmgfail={} archfail=NA\n"
            slow, fast = iteration.format(4), iteration.format(0)
            counts = {True: (0, scripts.AIMED + more), False: (19 + more, 1)}[len(aims) % 2 == 0]
            (folder / "top.tim").write_text(counts[0] * slow + counts[1] * fast)
        return 0, ""

    monkeypatch.setattr(tools, "run", run)
    board = catalogue.find("ulx3s-25f").at(120)
    options = flow.synthesise(small, board, tmp_path)
    assert options["nextpnr_opts"].endswith(" --tmg-ripup")
    routing.place_and_route(board, tmp_path, 1)
    expected = [123.0, 114.0, 108.0, None]
    assert aims == pytest.approx(expected[: None if reached is None else reached + 1])


def test_a_clock_of_the_board_is_not(small: Config) -> None:
    for board in (catalogue.find("ulx3s-25f"), catalogue.find("hx8k").at(48)):
        assert "--tmg-ripup" not in flow._overrides(small, board)["nextpnr_opts"]
