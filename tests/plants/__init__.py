"""Configs for external plants: chosen by hand, or drawn by Hypothesis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from spec.external.config import ExternalConfig
from tests.configs import SECTIONS

FOLDER = Path(__file__).parent

OPTIONS = ("parameters", "samples", "spread", "noise", "how", "after")
"""Keys of [plant.options]."""

PLANT = ("weights", "cost_in", "cost_width", "average", "settling", "handshake", "timeout", "dac")
PLANT += ("adc", "adc_channel", "clock_mhz", "order", "model")
"""Keys of [plant]; `cost_in` is `cost`, which [training] has too."""


def tables(**keys: Any) -> dict[str, dict[str, Any]]:
    """Return the tables of a config, with each key where it belongs."""
    plant: dict[str, Any] = {"model": "models.py:Quadratic"}
    given: dict[str, dict[str, Any]] = {"plant": plant}
    for name, value in keys.items():
        if name in OPTIONS:
            plant.setdefault("options", {})[name] = value
        elif name in PLANT:
            plant["cost" if name == "cost_in" else name] = value
        else:
            given.setdefault(SECTIONS.get(name, "training"), {})[name] = value
    return given


def external(**keys: Any) -> ExternalConfig:
    """Configure a quadratic plant, with the given keys, whatever their table."""
    return ExternalConfig.from_dict(tables(**keys), FOLDER)


OWN_DAC: dict[str, Any] = {
    **{"frame_bits": 24, "value_bits": 14, "value_at": 2, "channel_bits": 3, "channel_at": 18},
    **{"channels": 6, "command": 0x800000, "sclk_ns": 100, "high_ns": 50},
}  # fmt: skip
"""A DAC that takes outputs over by itself, at rising edges."""

OWN_ADC: dict[str, Any] = {
    **{"frame_bits": 20, "value_bits": 12, "value_at": 3, "sclk_ns": 120, "falling": True},
    **{"high_ns": 100},
}  # fmt: skip
"""An ADC that converts in its frame."""
