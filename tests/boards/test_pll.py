"""A PLL's settings are the best within the device's limits, and end in the instance as meant."""

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from amaranth.sim import Simulator

from boards import catalogue, lock, pll
from boards.build import build
from boards.catalogue import BOARDS, Board
from boards.pll import Dividers
from boards.top import Top
from spec.config import Config
from tests.boards.conftest import hollow

CRYSTALS = sorted({(board.family, board.oscillator_mhz) for board in BOARDS})


def all_outputs(family: str, crystal: int) -> tuple[list[Fraction], int]:
    """Frequencies in MHz that the data sheets allow, ascending, and the number of settings."""
    if family == "iCE40":
        divr, divf, divq = np.ogrid[0:16, 0:128, 1:7]
        num, den = crystal * (divf + 1), divr + 1
        vco = (num >= 533 * den) & (num <= 1066 * den)
        pfd = (crystal >= 10 * den) & (crystal <= 133 * den)
        out_num, out_den = num, den * 2**divq
        low, high = Fraction(16), Fraction(275)
    else:
        clki, clkfb_op, clkos = np.ogrid[1:129, 1:129, 1:129]
        num, den = crystal * clkfb_op, clki
        vco = (num >= 400 * den) & (num <= 800 * den)
        pfd = (crystal >= 10 * den) & (crystal <= 400 * den)
        out_num, out_den = num, den * clkos
        low, high = Fraction(25, 8), Fraction(400)
    out_num, out_den = np.broadcast_arrays(out_num, out_den)
    inside = (
        (out_num * low.denominator >= low.numerator * out_den)
        & (out_num * high.denominator <= high.numerator * out_den)
        & vco
        & pfd
    )
    numbers = out_num[inside] // np.gcd(out_num[inside], out_den[inside])
    denominators = out_den[inside] // np.gcd(out_num[inside], out_den[inside])
    unique = np.unique(numbers * 2**20 + denominators)  # both in one number
    return sorted(Fraction(int(n) >> 20, int(n) % 2**20) for n in unique), int(inside.sum())


@pytest.mark.parametrize(("family", "crystal"), CRYSTALS)
def test_every_frequency_is_the_nearest_below(
    family: str, crystal: int, refusal: Callable[..., str]
) -> None:
    """For all that can be made, a little more than it, and a little less."""
    possible, count = all_outputs(family, crystal)
    made = [each.mhz for each in pll.settings(family, crystal)]
    assert set(made) == set(possible)
    assert len(made) == count
    some = possible[:: max(1, len(possible) // 8)]
    hair = Fraction(1, 10**9)
    for mhz in {*some, possible[0], possible[-1]}:
        assert pll.find(family, crystal, mhz).mhz == mhz
        if mhz != possible[-1]:
            assert pll.find(family, crystal, mhz + hair).mhz == mhz
        if mhz != possible[0]:
            below = possible[possible.index(mhz) - 1]
            assert pll.find(family, crystal, mhz - hair).mhz == below
    for mhz in (possible[0] - hair, possible[-1] + hair, Fraction(0), Fraction(10**6)):
        text = refusal(pll.find, family, crystal, mhz)
        assert f"makes {float(possible[0]):g} to {float(possible[-1]):g} MHz" in text


@pytest.mark.parametrize("wrong", [(520, 1066), (533, 1080), (545, 1066), (533, 1050)])
def test_a_wrong_limit_is_seen(wrong: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault: an oscillator a little too slow, or too fast."""
    monkeypatch.setitem(pll.LIMITS, "iCE40", replace(pll.LIMITS["iCE40"], oscillator=wrong))
    assert len(list(pll.settings("iCE40", 12))) != all_outputs("iCE40", 12)[1]


def test_of_several_settings() -> None:
    """625 MHz, of 500, 625 and 750, is nearest to the middle; the crystal is not divided."""
    assert pll.find("ECP5", 25, 125) == Dividers("ECP5", 25, 1, 25, 5)
    # what icepll 0.11 says for -i 12 -o 39.75
    assert pll.find("iCE40", 12, 39.75) == Dividers("iCE40", 12, 1, 53, 16)


def test_refusals(refusal: Callable[..., str]) -> None:
    assert refusal(catalogue.find("ulx3s-25f").at, 500) == (
        "board 'ulx3s-25f': clock 500 MHz: the ECP5's PLL makes 3.125 to 400 MHz of the board's "
        "25 MHz"
    )
    assert refusal(catalogue.find("icebreaker").at, 10).endswith(
        "the iCE40's PLL makes 16.125 to 270 MHz of the board's 12 MHz"
    )
    for name in ("upduino-v1", "upduino-v2", "upduino-v3"):
        assert refusal(catalogue.find(name).at, 48) == (
            f"board {name!r}: has no crystal for a PLL; its clock is 24 MHz, from the FPGA's own "
            "oscillator"
        )


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)
def test_the_boards_own_clock_needs_no_pll(board: Board) -> None:
    assert board.at(None) is board
    assert board.at(board.clock_mhz) is board


def parameters(text: str, kind: str) -> dict[str, int]:
    """Whole-numbered parameters of the only instance of a kind in RTLIL."""
    (cell,) = re.findall(rf"^  cell \\{kind} .*?^  end$", text, re.DOTALL | re.MULTILINE)
    found = re.findall(
        r"parameter (?:signed )?\\(\w+) (?:(\d+)'([01]+)|(\d+))$", cell, re.MULTILINE
    )
    return {name: int(bits, 2) if bits else int(number) for name, _, bits, number in found}


def made_mhz(text: str, family: str, crystal: float) -> Fraction:
    """What an instance makes, by the formulas of the data sheets."""
    if family == "iCE40":
        kind = "SB_PLL40_PAD" if "SB_PLL40_PAD" in text else "SB_PLL40_CORE"
        p = parameters(text, kind)
        return Fraction(crystal) * (p["DIVF"] + 1) / (p["DIVR"] + 1) / 2 ** p["DIVQ"]
    p = parameters(text, "EHXPLLL")
    clkop = Fraction(crystal) / p["CLKI_DIV"] * p["CLKFB_DIV"]  # it feeds back
    return clkop * p["CLKOP_DIV"] / p["CLKOS_DIV"]


WITH_PLL = [board for board in BOARDS if not board.name.startswith("upduino")]


@pytest.mark.parametrize("board", WITH_PLL, ids=lambda board: board.name)
def test_instance_and_constraint(small: Config, board: Board) -> None:
    mhz = 61.3
    faster = board.at(mhz)
    platform = faster.platform()
    with hollow():
        plan = platform.prepare(Top(small, faster), emit_src=False)
    text = plan.files["top.il"]
    assert float(made_mhz(text, board.family, board.oscillator_mhz)) == faster.clock_mhz
    assert 0.95 * mhz < faster.clock_mhz <= mhz
    if board.family == "iCE40":
        found = re.findall(r"^set_frequency (\S+) (\S+)$", plan.files["top.pcf"], re.MULTILINE)
        clocks = {name: float(value) for name, value in found}
        pad = board.name in ("icebreaker", "icebreaker-bitsy", "ice40_up5k_b_evn", "icesugar")
        assert ("SB_PLL40_PAD" in text) == pad
    else:
        found = re.findall(r'^FREQUENCY .* "(\S+)" (\S+) HZ;$', plan.files["top.lpf"], re.MULTILINE)
        clocks = {name: float(value) / 1e6 for name, value in found}
    assert clocks.pop("pll.clock") == pytest.approx(faster.clock_mhz)
    assert set(clocks.values()) == {board.oscillator_mhz}


def held(design: lock.Lock, locked: list[int]) -> list[int]:
    """What it says in each clock."""
    said: list[int] = []

    async def bench(ctx: Any) -> None:
        for value in locked:
            ctx.set(design.locked, value)
            said.append(ctx.get(design.ready))
            await ctx.tick()

    simulator = Simulator(design)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()
    return said


@pytest.mark.parametrize("hold_us", [15, 14])
def test_the_reset_lasts_15_us_from_the_lock(hold_us: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """At 2 MHz: 30 clocks, and two for the synchroniser; anew if the lock is lost."""
    monkeypatch.setattr(lock, "HOLD_US", hold_us)  # 14: the planted fault
    locked = [0] * 5 + [1] * 20 + [0] + [1] * 40 + [0] * 4 + [1] * 40
    expected = [0] * (26 + 32) + [1] * 10 + [0] * (2 + 32) + [1] * 8
    assert (held(lock.Lock(2), locked) == expected) == (hold_us == 15)


@pytest.mark.parametrize(
    ("name", "waits_for"), [("ulx3s-25f", "locked"), ("ecpix5-45f", "released")]
)
def test_the_global_reset_of_an_ecp5_waits_for_the_lock(
    small: Config, name: str, waits_for: str
) -> None:
    """Through two flip-flops that it does not reset; with the board's own, if there is one."""
    board = catalogue.find(name).at(80)
    text = board.platform().prepare(Top(small, board), emit_src=False).files["top.il"]
    (module,) = re.findall(r"^module \\top\.pll\n.*?^end\n", text, re.DOTALL | re.MULTILINE)
    assert r"connect \LOCK \locked" in module
    assert re.findall(r"connect \\(?:D|Q|GSR) \\(\w+)(?: \[0\])?\n", module) == [
        waits_for, "release_0", "release_0", "release_1", "release_1",
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "mhz"),
    [("icebreaker", 24), ("hx8k", 48), ("tinyfpga-bx", 33), ("fomu-pvt", 20), ("ecpix5-45f", 60)],
)
def test_nextpnr_places_it_and_judges_its_clock(
    xor: Config, tmp_path: Path, name: str, mhz: float
) -> None:
    report = build(xor, name, folder=tmp_path, clock_mhz=mhz)
    assert report.timing_met
    assert 0.99 * mhz < report.clock_mhz <= mhz < report.fmax_mhz
    log = Path(report.log).read_text()
    assert "PLL" in log


@pytest.mark.slow
def test_a_step_on_every_clock_at_125_mhz(tmp_path: Path) -> None:
    config = Config.load(Path(__file__).parents[2] / "examples" / "xor-fast.toml")
    report = build(config, "ulx3s-25f", folder=tmp_path, clock_mhz=125)
    assert report.timing_met
    assert report.steps_per_second == 125e6
