"""Shapes of converters: what is refused, and clocks of those that are known."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from hdl.external.adc import AdcReader
from spec.external.converter import ADCS, DACS, clocks

DAC, ADC = DACS["dac8568"], ADCS["mcp3008"]
REFUSED = [
    (DAC, {"frame_bits": 0}, "frame_bits = 0: must be from 1 to 64"),
    (DAC, {"frame_bits": 65}, "frame_bits = 65: must be from 1 to 64"),
    (DAC, {"value_bits": 0}, "value_bits = 0: must be from 1 to 32"),
    (DAC, {"value_at": 17}, "value_at = 17: must be from 0 to 16"),
    (DAC, {"value_at": -1}, "value_at = -1: must be from 0 to 16"),
    (DAC, {"channel_bits": 33}, "channel_bits = 33: must be from 0 to 32"),
    (DAC, {"channel_at": 29}, "channel_at = 29: must be from 0 to 28"),
    (DAC, {"channels": 17}, "channels = 17: must be from 1 to 16"),
    (DAC, {"channels": 0}, "channels = 0: must be from 1 to 16"),
    (DAC, {"command": 1 << 32}, f"command = {1 << 32}: must be from 0 to {(1 << 32) - 1}"),
    (DAC, {"command": 1 << 23}, "command and channel overlap: both have bit 23 of the frame"),
    (DAC, {"command": 1 << 4}, "command and value overlap: both have bit 4 of the frame"),
    (DAC, {"channel_at": 16}, "channel and value overlap: both have bit 19 of the frame"),
    (DAC, {"sclk_ns": 0}, "sclk_ns = 0: must be from 1 to 1000000"),
    (DAC, {"high_ns": -1}, "high_ns = -1: must be from 0 to 1000000"),
    (DAC, {"load_ns": 1_000_001}, "load_ns = 1000001: must be from 0 to 1000000"),
    (ADC, {"convert_ns": -1}, "convert_ns = -1: must be from 0 to 1000000"),
    (ADC, {"command": 1 << 12}, "command and channel overlap: both have bit 12 of the frame"),
]


@pytest.mark.parametrize(("shape", "change", "text"), REFUSED)
def test_refused(
    shape: Any, change: dict[str, int], text: str, refusal: Callable[..., str]
) -> None:
    assert refusal(dataclasses.replace, shape, **change) == text


def test_an_adcs_value_may_come_in_as_the_channel_goes_out() -> None:
    dataclasses.replace(ADC, value_at=7)


def test_a_channel_that_is_not_there(refusal: Callable[..., str]) -> None:
    text = "channel = 8: must be from 0 to 7"
    assert refusal(AdcReader, ADC, 25e6, [7, 8]) == text


@pytest.mark.parametrize(
    ("ns", "clock_hz", "count"),
    [(0, 25e6, 1), (40, 25e6, 1), (41, 25e6, 2), (80, 25e6, 2), (665, 100e6, 67), (20, 50e6, 1)],
)
def test_clocks_are_rounded_up(ns: int, clock_hz: float, count: int) -> None:
    assert clocks(ns, clock_hz) == count


def test_clocks_at_25_mhz() -> None:
    """By hand: a DAC8568 has 65 halves of 1 clock and SYNC high for 2."""
    found = {name: (s.write_clocks(25e6), s.load_clocks(25e6)) for name, s in DACS.items()}
    dac8568 = dict.fromkeys(("dac8568", "dac8568-external"), (67, 3))
    assert found == dac8568 | {"mcp4922": (34, 4)}
    assert [shape.setup_clocks(25e6) for shape in DACS.values()] == [67, 0, 0]
    found = {name: (s.read_clocks(25e6), s.start_clocks(25e6)) for name, s in ADCS.items()}
    assert found == {"mcp3008": (353, 357), "ads8681": (85, 85)}
