"""What a command will take, in time and memory, told before it starts.

Measured on one core of a server of 2023: by such a figure, minutes can be told from days, no more.
"""

from __future__ import annotations

import os

from host import ending, screen
from spec.config import Config
from spec.errors import InputError
from spec.timing import Timing

LONG_S = 600.0
"""What takes less is not worth a line."""

BOARD_HZ = 12e6
"""The slowest clock of a board; which one is there is not known yet."""


def golden_seconds(config: Config, runs: int) -> float:
    """Estimate how long the golden model takes for all steps."""
    training, places = config.training, config.parameters * runs
    fills = config.parameters * len(Timing.of(config).init_bursts)
    initial = fills * (8e-6 + 2e-10 * places)
    check = 2e-9 * len(config.data) * places / training.check_every
    return initial + training.steps * (9e-5 + 2e-8 * places + check)


def gateware_seconds(config: Config) -> float:
    """Estimate how long it takes to make the gateware, and to compile it for a simulator."""
    return 5 + 0.1 * config.parameters


def simulated_seconds(config: Config) -> float:
    """Estimate how long simulated gateware takes for all steps of a run."""
    return config.training.steps * Timing.of(config).step() * 3.5e-8 * config.parameters


def lockstep_seconds(config: Config) -> float:
    """Estimate how long the comparison of every clock takes."""
    clocks = config.training.steps * Timing.of(config).step()
    return clocks * (2.5e-5 + 5e-7 * config.parameters)


def train_seconds(config: Config, engine: str, runs: int, *, simulated: bool) -> float:
    """Estimate a training on an engine, and its comparison with the golden model.

    Parameters
    ----------
    config : Config
    engine : str
        One of `host.train.ENGINES`.
    runs : int
    simulated : bool
        Whether the gateware is simulated, by itself or as a virtual board.
    """
    golden = golden_seconds(config, runs)
    if engine == "model":
        return golden
    made = gateware_seconds(config) if simulated else 0.0
    if engine == "loop":
        return made + golden + 0.01 * config.training.steps * runs
    clocks = config.training.steps * Timing.of(config).step()
    each = simulated_seconds(config) if simulated else clocks / BOARD_HZ
    return made + golden + runs * each


def announce(verb: str, config: Config, seconds: float, runs: int = 1) -> None:
    """Say on standard error how long it will take, if that is long."""
    if seconds < LONG_S:
        return
    times = f" × {runs:,} runs" if runs > 1 else ""
    ending.say(
        f"mgd {verb}: {config.parameters:,} cells × {config.training.steps:,} steps{times}: about "
        f"{screen.duration(seconds)} at most on a computer of today; Ctrl-C ends it"
    )


def require_memory_for_runs(config: Config, runs: int) -> None:
    """Raise an InputError if the golden model of so many runs does not fit in memory."""
    a_check = 16 * len(config.data) * sum(config.network.layers[1:])
    _require(
        runs * (130 * config.parameters + a_check),
        f"{runs:,} runs of {config.parameters:,} cells and {len(config.data):,} samples",
        "train fewer runs at a time",
    )


def require_memory_for_gateware(config: Config) -> None:
    """Raise an InputError if the gateware cannot be made in this computer's memory."""
    _require(
        750_000 * config.parameters,
        f"the gateware of {config.parameters:,} cells",
        "the golden model can train it",
    )


def _require(needed: int, what: str, instead: str) -> None:
    there = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if needed > there:
        raise InputError(
            f"{what}: takes about {needed / 1e9:,.0f} GB of memory, and this computer has "
            f"{there / 1e9:,.0f} GB; {instead}"
        )
