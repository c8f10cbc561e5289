"""What a command will take, in time and memory, told before it starts.

Measured on one core of a server of 2023: by such a figure, minutes can be told from days, no more.
The golden model tells its own (`model.training.seconds`).
"""

from __future__ import annotations

import os

from host import ending, screen
from model import training
from spec.config import Config
from spec.errors import InputError
from spec.link import LEAST_CLOCKS, answer_bytes, request_bytes
from spec.map import LINE_BITS
from spec.plant import Engine
from spec.timing import Timing
from spec.trained import Trained

LONG_S = 600.0
"""What takes less is not worth a line."""

ROUND_TRIP_S = 0.016
"""From a message to a board to its answer, beyond their bytes: the latency that most USB adapters
have unless told otherwise."""

LOOP_S = 0.002
"""For which this computer thinks about a step of a board that only evaluates."""

BOARD_HZ = 12e6
"""The slowest clock of a board; which one is there is not known yet."""


SIMULATED_S = 3.5e-8
"""Of a clock of simulated gateware, for each parameter."""


LANE_CELLS = 10
"""A lane of a folded engine is as much gateware as so many cells, at most."""


def cells(config: Trained) -> int:
    """Return how many cells a config's gateware has, or as how many its lanes are."""
    if config.build.engine is Engine.FOLDED:
        return LANE_CELLS * config.build.lanes
    return config.parameters


def gateware_seconds(config: Trained) -> float:
    """Estimate how long it takes to make the gateware, and to compile it for a simulator.

    For a board it takes longer, by place and route.
    """
    return 5 + 0.1 * cells(config)


def simulated_seconds(config: Config) -> float:
    """Estimate how long simulated gateware takes for all steps of a run."""
    return config.training.steps * Timing.of(config).step() * SIMULATED_S * cells(config)


def loop_seconds(config: Config, *, simulated: bool) -> float:
    """Estimate how long all steps of a run take in which a board only evaluates."""
    line = -(-config.parameters // LINE_BITS)
    # u, learn and evaluate; the line; evaluate again; both costs.
    a_step = request_bytes(3) + request_bytes(line) + request_bytes(1) + request_bytes(0)
    a_step += answer_bytes(2)
    outputs = request_bytes(1) + request_bytes(0) + answer_bytes(config.data.outputs)
    a_step += outputs * len(config.data) / config.training.check_every
    bits = 10 * a_step
    if simulated:
        seconds = bits * LEAST_CLOCKS * SIMULATED_S * config.parameters
    else:
        seconds = bits / config.build.baud + ROUND_TRIP_S
    return config.training.steps * (seconds + LOOP_S)


def lockstep_seconds(config: Config) -> float:
    """Estimate how long the comparison of every clock takes."""
    clocks = config.training.steps * Timing.of(config).step()
    return clocks * (2.5e-5 + 5e-7 * config.parameters)


def require_train(config: Config, engine: str, runs: int, *, simulated: bool) -> None:
    """Refuse a training that does not fit in memory; announce one that takes long.

    Parameters
    ----------
    config : Config
    engine : str
        One of `host.outcome.ENGINES`.
    runs : int
    simulated : bool
        Whether the gateware is simulated, by itself or as a virtual board.

    Raises
    ------
    InputError
    """
    require_memory(config, runs)
    seconds = training.seconds(config, runs)  # every engine is compared with the golden model
    if engine == "loop":
        seconds += runs * loop_seconds(config, simulated=simulated)
    elif simulated:
        seconds += runs * simulated_seconds(config)
    elif engine != "model":
        seconds += runs * config.training.steps * Timing.of(config).step() / BOARD_HZ
    if engine == "sim":
        require_gateware(config, seconds, runs)
    else:  # a virtual board requires its gateware itself
        announce(config, seconds, runs)


def require_memory(config: Config, runs: int) -> None:
    """Refuse runs that do not fit in memory together.

    Raises
    ------
    InputError
    """
    a_check = 16 * len(config.data) * sum(config.network.sizes[1:])
    _require(
        runs * (130 * config.parameters + a_check),
        f"{runs:,} runs of {config.parameters:,} cells and {len(config.data):,} samples",
        "train fewer runs at a time",
    )


def announce(config: Trained, seconds: float, runs: int = 0) -> None:
    """Say on standard error how long it will take, if that is long.

    Parameters
    ----------
    config : Config or ExternalConfig
    seconds : float
    runs : int
        Of all steps; without any, only the gateware is made.
    """
    if seconds < LONG_S:
        return
    steps = f" × {config.training.steps:,} steps" if runs else ""
    times = f" × {runs:,} runs" if runs > 1 else ""
    ending.say(
        f"{config.parameters:,} cells{steps}{times}: about {screen.duration(seconds)} at most on a "
        "computer of today; Ctrl-C ends it"
    )


def require_gateware(config: Trained, more_s: float = 0.0, runs: int = 0) -> None:
    """Refuse gateware that cannot be made in this computer's memory; announce what takes long.

    Parameters
    ----------
    config : Config or ExternalConfig
    more_s : float
        What comes on top, in seconds.
    runs : int
        As `announce`.

    Raises
    ------
    InputError
    """
    _require(
        750_000 * cells(config),
        f"the gateware of {config.parameters:,} cells",
        "the golden model can train it",
    )
    announce(config, gateware_seconds(config) + more_s, runs)


def _require(needed: int, what: str, instead: str) -> None:
    there = memory_bytes()
    if needed > there:
        raise InputError(
            f"{what}: about {needed / 1e9:,.0f} GB of memory are needed, and this computer has "
            f"{there / 1e9:,.0f} GB; {instead}"
        )


def memory_bytes() -> int:
    """Return how much memory this computer has."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
