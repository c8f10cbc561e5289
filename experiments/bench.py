"""Speed of the golden model, by NumPy and compiled, and of the simulated gateware.

    python -m experiments.bench [--json FILE]

Times depend on the machine; the ratios to the float reference, measured beside them, hardly do.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from host import files, writing
from host.screen import console, working
from model.compiled.trainer import CompiledTrainer
from model.reference import Reference
from model.trainer import Trainer
from sim import simulators
from sim.simulators import Simulator
from sim.train import train
from sim.verify import verify
from spec.config import Config
from spec.timing import Timing

REPEATS = 3
FLOAT_STEPS = 2_000
PATHS = {
    "xor": {1: (2_000, 1_000_000), 100: (1_000, 40_000), 1000: (500, 5_000)},
    "nist7x7-fast": {1: (1_000, 200_000), 100: (100, 5_000)},
}
"""By example and runs: steps by NumPy, and compiled, where what comes before then hardly counts."""

SIMULATED_STEPS = 5_000


def timed(work: Callable[[], float]) -> float:
    """Return the median over the repeats of what `work` counts, a second of processor time."""
    rates = []
    for _ in range(REPEATS):
        start = time.process_time()
        count = work()
        rates.append(count / (time.process_time() - start))
    return statistics.median(rates)


def reference(config: Config) -> float:
    """Steps a second of one run of Algorithm 1 in float64."""

    def work() -> float:
        Reference(config, np.random.default_rng(1)).run(FLOAT_STEPS)
        return FLOAT_STEPS

    return timed(work)


def golden(config: Config, runs: int, steps: int, kind: type[Trainer] = Trainer) -> float:
    """Steps a second of the golden model, of all runs together."""
    endless = config.with_training(steps=steps, check_every=min(steps, 65535))

    def work() -> float:
        kind(endless, range(runs), stop_when_solved=False).run()
        return steps * runs

    return timed(work)


def compiled(name: str) -> dict[int, dict[str, float]]:
    """Steps a second of an example's runs, by NumPy and compiled, and how they compare."""
    config, found = files.load_config(name), {}
    CompiledTrainer(config, [1])  # loads the kernel, or compiles it
    for runs, (few, many) in PATHS[name].items():
        slow, fast = golden(config, runs, few), golden(config, runs, many, CompiledTrainer)
        found[runs] = {"numpy": slow, "compiled": fast, "ratio": fast / slow}
    return found


class Stopwatch:
    """Times a simulation from its first report to its last: no compilation, no start."""

    def __init__(self) -> None:
        self.marks: list[tuple[float, int]] = []

    def __call__(self, step: int) -> None:
        """Note that a step is reached."""
        self.marks.append((time.perf_counter(), step))

    def steps_per_second(self) -> float:
        """Return the rate between the first and the last mark."""
        (begin, first), (end, last) = self.marks[0], self.marks[-1]
        return (last - first) / (end - begin)


def gateware(config: Config, simulator: Simulator, *, lockstep: bool) -> float:
    """Clocks a second of the simulated gateware, alone or compared in every clock."""
    endless = config.with_training(steps=SIMULATED_STEPS, solved_cost=0.0, check_every=100)
    timing = Timing.of(endless)
    clocks_per_step = timing.step() + timing.check / 100
    rates = []
    for _ in range(REPEATS):
        watch = Stopwatch()
        if lockstep:
            verify(endless, simulator, files.BUILD / "sim", progress=watch)
        else:
            seeds = [endless.training.seed]
            train(
                endless,
                seeds,
                simulator,
                files.BUILD / "sim",
                lambda seed, step, correct, cost, watch=watch: watch(step),
            )
        rates.append(watch.steps_per_second() * clocks_per_step)
    return statistics.median(rates)


def measure() -> dict[str, Any]:
    """Measure everything that can run here."""
    config = files.load_config("xor")
    result: dict[str, Any] = {"reference_steps_per_second": reference(config)}
    result["compiled_steps_per_second"] = {name: compiled(name) for name in PATHS}
    result["golden_steps_per_second"] = {
        runs: rates["numpy"] for runs, rates in result["compiled_steps_per_second"]["xor"].items()
    }
    result["golden_over_reference"] = {
        runs: rate / result["reference_steps_per_second"]
        for runs, rate in result["golden_steps_per_second"].items()
    }
    result["gateware_clocks_per_second"] = {
        simulator.value: {
            "alone": gateware(config, simulator, lockstep=False),
            "lockstep": gateware(config, simulator, lockstep=True),
        }
        for simulator in Simulator
        if not simulators.missing(simulator)
    }
    return result


def main() -> None:
    """Measure, print, and write JSON if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    with working("measuring; this takes minutes"):
        result = measure()
    table = Table("on XOR 2-2-1", "a second", "times the float reference")
    base = result["reference_steps_per_second"]
    table.add_row("float reference, 1 run: steps", f"{base:,.0f}", "1")
    for runs, rate in result["golden_steps_per_second"].items():
        table.add_row(
            f"golden model, {runs:,} runs: steps of all", f"{rate:,.0f}", f"{rate / base:.1f}"
        )
    clocks_per_step = Timing.of(files.load_config("xor")).step()
    for simulator, rates in result["gateware_clocks_per_second"].items():
        for how, rate in rates.items():
            table.add_row(
                f"gateware in {simulator}, {how}: clocks",
                f"{rate:,.0f}",
                f"{rate / clocks_per_step / base:.2f}",
            )
    console.print(table)
    table = Table("golden model", "runs", "steps a second by NumPy", "compiled", "ratio")
    for name, by_runs in result["compiled_steps_per_second"].items():
        for runs, rates in by_runs.items():
            speeds = (f"{rates[path]:,.0f}" for path in ("numpy", "compiled"))
            table.add_row(name, f"{runs:,}", *speeds, f"{rates['ratio']:.1f}")
    console.print(table)
    writing.write_json(options.json, result)


if __name__ == "__main__":
    main()
