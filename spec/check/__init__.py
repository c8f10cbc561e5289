"""Checks across keys: formats that must hold what flows through them, layers that fit the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spec.check.cells import check_accumulate
from spec.check.data import check_cost, check_network, check_room, check_task
from spec.check.folded import check_folded
from spec.check.formats import check_formats, check_hardware
from spec.check.idle import check_idle
from spec.check.loop import check_code, check_loop, check_overlap

if TYPE_CHECKING:
    from spec.config import Config

__all__ = ["check_idle", "check_network", "check_room", "check_task", "check_training"]


def check_training(config: Config) -> None:
    """Check formats, and that the loop can be had with them and with the cells."""
    check_cost(config)
    check_formats(config)
    check_loop(config)
    check_overlap(config)
    check_folded(config)
    check_accumulate(config)
    check_code(config, len(config.data), config.task.order)
    check_hardware(config)
