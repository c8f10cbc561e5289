"""Models of converters, by hand: a frame that keeps to the data sheet, and each rule broken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sim.external.chips import Adc, Ads8681, Dac8568, Mcp3008, Mcp4922


class Master:
    """Moves a chip's pins at given times; SCLK is low between frames."""

    def __init__(self, chip: Any, falling: bool = False) -> None:
        self.chip, self._falling = chip, falling
        self._now = 0.0
        self._pins = {"sclk": 0, "mosi": 0, "cs_n": 1}
        self._pins |= {} if isinstance(chip, Adc) else {"ldac_n": 1}
        chip.pins(0.0, **self._pins)

    def move(self, *events: tuple[float, str, int]) -> None:
        """Set pins after so many ns from now."""
        for after, name, level in sorted(events):
            self._pins[name] = level
            self.chip.pins(self._now + after, **self._pins)
        self._now += max(after for after, _, _ in events)

    def pulse(self, name: str, level: int, high: float, width: float) -> None:
        """Move a pin to a level after `high` ns, and back."""
        self.move((high, name, level), (high + width, name, 1 - level))

    def frame(
        self,
        bits: str,
        high: float = 800,
        lead: float = 400,
        setup: float = 60,
        hold: float = 60,
        one: float = 400,
        zero: float = 400,
        trail: float = 400,
    ) -> int:
        """Send bits; return those that came, looked at as SCLK rises.

        CS falls after `high` ns; each bit is there from `setup` before the edge that takes it to
        `hold` after; CS rises `trail` after the last of these edges, and SCLK is low from there on.
        """
        events = [(high, "cs_n", 0)]
        edges = [high + lead + k * (one + zero) for k in range(len(bits))]
        for edge, bit in zip(edges, bits, strict=True):
            events += [(edge - setup, "mosi", int(bit)), (edge + hold, "mosi", 1 - int(bit))]
            up = edge - one if self._falling else edge
            events += [(up, "sclk", 1), (up + one, "sclk", 0)]
        end = edges[-1] + trail
        events = [event for event in events if event[0] < end] + [
            (end, "cs_n", 1),
            (end, "sclk", 0),
        ]
        came, start = 0, self._now
        for after, name, level in sorted(events):
            if isinstance(self.chip, Adc) and name == "sclk" and level:  # before it goes up
                came = came << 1 | self.chip.miso(start + after - 0.01)
            self._pins[name] = level
            self.chip.pins(start + after, **self._pins)
        self._now = start + end
        return came


def dac8568(word: int = 0x0035A5A0, **times: float) -> Master:
    master = Master(Dac8568(external=True), falling=True)
    master.frame(f"{word:032b}", **times)
    return master


def mcp4922(word: int = 0xB2A5, **times: float) -> Master:
    master = Master(Mcp4922())
    master.frame(f"{word:016b}", **times)
    return master


@pytest.mark.parametrize(
    ("word", "outputs"),
    [
        (0x0035A5A0, [0] * 8),
        (0x0335A5AF, [0, 0, 0, 0x5A5A, 0, 0, 0, 0]),
        (0x0275A5A0, [0] * 7 + [0x5A5A]),
        (0x01300000, [0] * 8),
    ],
)
def test_commands_of_a_dac8568(word: int, outputs: list[int]) -> None:
    chip = dac8568(word).chip
    assert chip.outputs == outputs
    assert chip.errors == []


@pytest.mark.parametrize("word", [0x80300000, 0x04300000, 0x00800000, 0x88000001, 0x09000001])
def test_what_a_dac8568_does_not_know(word: int) -> None:
    chip = dac8568(word).chip
    assert [text.split(": ")[1] for text in chip.errors] == [f"command {word:#010x}"]


def test_a_dac8568_needs_a_reference() -> None:
    """Without one nothing comes out; switched on, what the registers have; off again, nothing."""
    master = Master(Dac8568(), falling=True)
    seen = []
    for word in (0x0335A5AF, 0x08000001, 0x08000000):
        master.frame(f"{word:032b}")
        seen.append(master.chip.outputs[3])
    assert seen == [0, 0x5A5A, 0]
    assert master.chip.errors == []


def test_two_references_meet() -> None:
    assert [text.split(": ")[1] for text in dac8568(0x08000001).chip.errors] == ["two references"]


def test_loads() -> None:
    for master, place, code in (dac8568(), 3, 0x5A5A), (mcp4922(), 1, 0x2A5):
        assert not any(master.chip.outputs)
        master.pulse("ldac_n", 0, 100, 100)
        assert master.chip.outputs[place] == code
        assert master.chip.errors == []


@pytest.mark.parametrize(
    ("word", "output"), [(0x7FFF, 0xFFF), (0x3001, 1), (0x1801, 0x1002), (0x2801, 0)]
)
def test_bits_of_an_mcp4922(word: int, output: int) -> None:
    """Buffered or not, gain of 1 or 2, shut down."""
    master = mcp4922(word)
    master.pulse("ldac_n", 0, 100, 100)
    assert master.chip.outputs == [output, 0]
    assert len(master.chip.errors) == (not output)


def test_loaded_at_once_while_ldac_is_low() -> None:
    for chip, falling, bits, place, code in (
        (Dac8568(external=True), True, f"{0x0035A5A0:032b}", 3, 0x5A5A),
        (Mcp4922(), False, f"{0xB2A5:016b}", 1, 0x2A5),
    ):
        master = Master(chip, falling)
        master.move((100, "ldac_n", 0))
        master.frame(bits)
        assert chip.outputs[place] == code


WORDS: dict[Callable[..., Master], str] = {dac8568: f"{0x0035A5A0:032b}", mcp4922: f"{0xB2A5:016b}"}


@pytest.mark.parametrize(
    ("make", "times", "seen"),
    [
        (dac8568, {"one": 8, "zero": 12, "setup": 6, "hold": 4, "high": 80, "trail": 10}, ""),
        (dac8568, {"one": 10, "zero": 9, "setup": 6, "hold": 4}, "SCLK period 19 ns"),
        (dac8568, {"one": 7, "setup": 6, "hold": 4}, "SCLK high 7 ns"),
        (dac8568, {"zero": 7, "setup": 6, "hold": 4}, "SCLK low 7 ns"),
        (dac8568, {"setup": 5}, "data set up for 5 ns"),
        (dac8568, {"hold": 3}, "data held for 3 ns"),
        (dac8568, {"high": 79}, "SYNC high 79 ns"),
        (dac8568, {"lead": 12, "one": 20, "setup": 6}, "SYNC falling to SCLK falling 12 ns"),
        (dac8568, {"trail": 9}, "SCLK falling to SYNC rising 9 ns"),
        (mcp4922, {"one": 15, "zero": 35, "setup": 15, "hold": 10, "high": 40, "trail": 15}, ""),
        (mcp4922, {"one": 24, "zero": 25, "setup": 15, "hold": 10}, "SCLK period 49 ns"),
        (mcp4922, {"one": 14, "setup": 15, "hold": 10}, "SCLK high 14 ns"),
        (mcp4922, {"zero": 14, "setup": 15, "hold": 10}, "SCLK low 14 ns"),
        (mcp4922, {"setup": 14}, "data set up for 14 ns"),
        (mcp4922, {"hold": 9}, "data held for 9 ns"),
        (mcp4922, {"trail": 14}, "SCK rising to CS rising 14 ns"),
        (mcp4922, {"high": 39}, "SCK idle before CS 39 ns"),
    ],
)
def test_times_of_dacs(make: Callable[..., Master], times: dict[str, float], seen: str) -> None:
    master = make()
    master.frame(WORDS[make], **times)
    errors = master.chip.errors
    assert any(seen in text for text in errors) if seen else errors == []


@pytest.mark.parametrize(
    ("make", "high", "width", "seen"),
    [
        (dac8568, 30, 80, ""),
        (dac8568, 30, 79, "LDAC low 79 ns"),
        (dac8568, 29, 80, "SCLK falling to LDAC falling 39 ns"),
        (mcp4922, 40, 100, ""),
        (mcp4922, 40, 99, "LDAC low 99 ns"),
        (mcp4922, 39, 100, "CS rising to LDAC falling 39 ns"),
    ],
)
def test_times_of_loads(make: Callable[..., Master], high: float, width: float, seen: str) -> None:
    """CS rises before LDAC falls; the last bit was taken 10 ns before that, or more."""
    master = make(trail=10 if make is dac8568 else 400)
    master.pulse("ldac_n", 0, high, width)
    errors = master.chip.errors
    assert any(seen in text for text in errors) if seen else errors == []


@pytest.mark.parametrize("channel", range(8))
def test_a_frame_of_an_mcp3008(channel: int) -> None:
    """The value comes after start, single-ended, channel, a clock and a null bit, whenever that."""
    for zeros in (0, 7):
        chip = Mcp3008(lambda channel: 0x155 << 1 ^ channel)
        came = Master(chip).frame("0" * zeros + f"11{channel:03b}" + "1" * 12)
        assert came & 0x7FF == 0x2AA ^ channel
        assert chip.errors == []


def test_an_mcp3008_goes_on_backwards() -> None:
    chip = Mcp3008(lambda channel: 0x2C1)
    came = Master(chip).frame("11000" + "0" * 25)
    assert f"{came:030b}"[6:] == "0" + f"{0x2C1:010b}" + f"{0x2C1:010b}"[::-1][1:] + "0000"


@pytest.mark.parametrize(
    ("bits", "times", "seen"),
    [
        ("1" * 16, {}, "before the last bit"),
        ("10" + "1" * 15, {}, "differential"),
        ("1" * 17, {"one": 370, "zero": 370}, "SCLK period 740 ns"),
        ("1" * 17, {"one": 124, "zero": 700}, "SCLK high 124 ns"),
        ("1" * 17, {"one": 700, "zero": 124}, "SCLK low 124 ns"),
        ("1" * 17, {"setup": 49}, "data set up for 49 ns"),
        ("1" * 17, {"hold": 49}, "data held for 49 ns"),
        ("1" * 17, {"lead": 99}, "CS falling to CLK rising 99 ns"),
        ("1" * 17, {"high": 269}, "CS high 269 ns"),
    ],
)
def test_rules_of_an_mcp3008(bits: str, times: dict[str, float], seen: str) -> None:
    master = Master(Mcp3008(lambda channel: 0))
    master.frame("1" * 17)
    assert master.chip.errors == []
    master.frame(bits, **times)
    assert any(seen in text for text in master.chip.errors), master.chip.errors


def test_frames_of_an_ads8681() -> None:
    """A frame has what was there as CS rose before it."""
    codes = iter([0xA5C3, 0x1234, 0])
    master = Master(Ads8681(lambda: next(codes)))
    came = [master.frame("0" * 32) for _ in range(3)]
    assert came == [0, 0xA5C3 << 16, 0x1234 << 16]
    assert master.chip.errors == []


@pytest.mark.parametrize(
    ("bits", "times", "seen"),
    [
        ("0" * 31, {}, "a frame of 31 bits"),
        ("0" * 31 + "1", {}, "command 0x00000001"),
        ("0" * 32, {"one": 7, "zero": 7}, "SCLK period 14 ns"),
        ("0" * 32, {"one": 6}, "SCLK high 6 ns"),
        ("0" * 32, {"zero": 6}, "SCLK low 6 ns"),
        ("0" * 32, {"setup": 7}, "data set up for 7 ns"),
        ("0" * 32, {"hold": 7}, "data held for 7 ns"),
        ("0" * 32, {"lead": 7}, "CS falling to SCLK rising 7 ns"),
        ("0" * 32, {"trail": 7}, "SCLK rising to CS rising 7 ns"),
        ("0" * 32, {"high": 664}, "since a conversion began 664 ns"),
    ],
)
def test_rules_of_an_ads8681(bits: str, times: dict[str, float], seen: str) -> None:
    master = Master(Ads8681(lambda: 0))
    master.frame("0" * 32)
    assert master.chip.errors == []
    master.frame(bits, **times)
    assert any(seen in text for text in master.chip.errors), master.chip.errors


def test_acquisition_of_an_ads8681() -> None:
    master = Master(Ads8681(lambda: 0))
    master.pulse("cs_n", 0, 100, 100)
    master.pulse("cs_n", 0, 700, 299)
    assert [text.split(": ")[1] for text in master.chip.errors] == [
        "acquisition 334 ns, must be 335 ns"
    ]


def test_an_output_takes_its_time() -> None:
    """12 ns after SCLK's falling edge; until then the opposite is there."""
    chip = Ads8681(lambda: 0x4000)
    master = Master(chip)
    master.pulse("cs_n", 0, 100, 100)
    master.move((700, "cs_n", 0))
    now = master._now
    assert [chip.miso(now + after) for after in (0, 9.4, 9.5)] == [1, 1, 0]
    master.pulse("sclk", 1, 50, 50)
    assert [chip.miso(now + 100 + after) for after in (0, 11.9, 12)] == [0, 0, 1]
