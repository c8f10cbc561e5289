"""Lockstep: the gateware beside the golden model, compared in every clock."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hdl.trainers import trainer_of
from model.trace import Clocks
from model.traces import trace_of
from model.trainer import theta_digest
from sim import simulators, stimulus, vcd
from sim.bench import Bench
from sim.packing import integer, pack, unpack
from sim.simulation import Simulation
from sim.simulators import Simulator
from sim.theta import theta_of
from sim.waves import Waves
from spec import probe
from spec.config import Config
from spec.timing import Timing

DEFAULT_CLOCKS = 20_000
"""What a verification covers at least, unless the steps are given."""

CHUNK = 10_000
"""Clocks compared at once, unless it is said."""

HISTORY = 64
"""Clocks before a mismatch that its waveform shows."""


@dataclass(frozen=True)
class Mismatch:
    """The first clock in which gateware and golden model differ.

    Attributes
    ----------
    clock, step : int
        When; clock 0 is the first after start.
    signal : str
        Field of the probe; of a cell with its number in documented order.
    gateware, golden : int
        Both values.
    """

    clock: int
    step: int
    signal: str
    gateware: int
    golden: int


@dataclass(frozen=True)
class Verification:
    """Outcome of a lockstep.

    Attributes
    ----------
    simulator, level : str
        Which simulator; "rtl" for the Verilog of the gateware.
    clocks, steps : int
        How many were equal.
    compared : dict of str to int
        Values compared of each signal.
    mismatches : list of Mismatch
        All of the first clock that differs; none if the lockstep holds.
    theta_digest : str
        Of the gateware's last θ.
    history : list
        (gateware, golden) values of all fields in the last clocks, if there is a mismatch.
    """

    simulator: str
    level: str
    clocks: int
    steps: int
    compared: dict[str, int]
    mismatches: list[Mismatch]
    theta_digest: str
    history: list[tuple[dict[str, list[int]], dict[str, list[int]]]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return the documented JSON."""
        content = dataclasses.asdict(self)
        del content["history"]
        return content | {
            "mismatches": len(self.mismatches),
            "first_mismatch": content["mismatches"],
        }


def default_steps(config: Config) -> int:
    """Steps that cover at least `DEFAULT_CLOCKS`."""
    stages = config.training.stages
    always = all(stage.tau_x == 1 or stage.tau_theta == 1 for stage in stages)
    shortest = Timing.of(config).step(baseline=always)
    return math.ceil(DEFAULT_CLOCKS / shortest)


def verify(
    config: Config,
    simulator: Simulator,
    folder: Path,
    *,
    source: str | None = None,
    stop_when_solved: bool = False,
    writes: Mapping[int, Mapping[str, int]] | None = None,
    held: Mapping[str, int] | None = None,
    at_once: int = CHUNK,
    progress: Callable[[int], None] | None = None,
    watch: Callable[[np.ndarray], bool] = lambda _: False,
) -> Verification:
    """Run gateware and golden model side by side for `training.steps` steps.

    Parameters
    ----------
    config : Config
    simulator : Simulator
    folder : Path
        Where builds are kept.
    source : str, optional
        Verilog to verify instead of that of `hdl.trainer.Trainer`, with the same ports.
    stop_when_solved : bool
        Whether to end where training would; otherwise all steps are made.
    writes : mapping of int to mapping, optional
        Registers to write so that they hold from a step on, as
        `model.optimizer.schedule.Schedule.write`.
    held : mapping of str to int, optional
        Further inputs of `source`, of at most 32 bits, and what they are all the time.
    at_once : int
        Clocks compared at once, or some more.
    progress : callable, optional
        Called with the step reached.
    watch : callable, optional
        Called with the gateware's records of clocks that are equal, of shape (clocks, words); the
        lockstep ends early once it returns True.
    """
    if source is None:
        source = simulators.to_verilog(trainer_of(config, probe=True))
    bench, held = Bench.of(config), held or {}
    bench = dataclasses.replace(bench, inputs=(*bench.inputs, *((name, 32) for name in held)))
    build = simulators.build(source, bench, simulator, folder)
    fields = probe.fields(config)
    lockstep = stimulus.lockstep(config, writes or {}, stop_when_solved=stop_when_solved)
    rows = ([*row, *held.values()] for row in lockstep)
    record = np.dtype(("<u4", (bench.probe_words,)))
    found, theta = Comparison(fields, bench.probe_words), theta_of(config)
    with Simulation(build, simulator, rows, record, every=True) as simulation:
        trace = trace_of(config, stop_when_solved=stop_when_solved, writes=writes)
        for chunk in trace.chunks(at_once):
            gateware = simulation.read(len(chunk["step"]))
            equal = found.take(gateware, chunk)
            theta.see(gateware[: equal + 1])
            if watch(gateware[:equal]) or found.history:
                break
            if progress:
                progress(found.step)
    return found.outcome(simulator, theta.values())


class Comparison:
    """Gateware beside the golden model, from the first clock to the first that differs.

    Parameters
    ----------
    fields : sequence of Field
        Of the probe.
    words : int
        32-bit words of it.

    Attributes
    ----------
    clocks, step : int
        How many were equal.
    last : array of int, shape (2, clocks, words)
        What gateware and golden model had last.
    history : list
        As that of `Verification`; empty as long as nothing differs.
    """

    def __init__(self, fields: Sequence[probe.Field], words: int) -> None:
        self.fields, self.clocks, self.step = fields, 0, 0
        self.last = np.zeros((2, 0, words), dtype="<u4")
        self.history: list[tuple[dict[str, list[int]], dict[str, list[int]]]] = []

    def take(self, gateware: np.ndarray, chunk: Clocks) -> int:
        """Compare records with the clocks that follow; return how many are equal."""
        golden = pack(self.fields, chunk)
        differs = (gateware != golden).any(axis=1)
        equal = int(differs.argmax()) if differs.any() else len(golden)
        seen = np.stack([gateware[: equal + 1], golden[: equal + 1]])
        self.last = np.concatenate([self.last, seen[:, -HISTORY:]], axis=1)[:, -HISTORY:]
        self.clocks += equal
        if equal < len(golden):
            self.history = [
                (unpack(self.fields, integer(a)), unpack(self.fields, integer(b)))
                for a, b in zip(*self.last, strict=True)
            ]
        else:
            self.step = int(chunk["step"][-1, 0])
        return equal

    def outcome(self, simulator: Simulator, theta: npt.ArrayLike) -> Verification:
        """Return what came of it; `theta` is the gateware's last one."""
        return Verification(
            simulator.value,
            "rtl",
            self.clocks,
            self.step,
            {f.name: f.count * (self.clocks + bool(self.history)) for f in self.fields},
            _differences(self.fields, self.clocks, self.history),
            theta_digest(theta),
            self.history,
        )


def _differences(
    fields: Sequence[probe.Field], clock: int, history: Sequence[Sequence[dict[str, list[int]]]]
) -> list[Mismatch]:
    """List all that differs in the last clock of a history, which is that clock."""
    if not history:
        return []
    gateware, golden = history[-1]
    found = []
    for f in fields:
        pairs = zip(gateware[f.name], golden[f.name], strict=True)
        for k, (is_, should) in enumerate(pairs):
            if is_ != should:
                name = f.name if f.count == 1 else f"{f.name}[{k}]"
                found.append(Mismatch(clock, golden["step"][0], name, is_, should))
    return found


def waveform(result: Verification, config: Config) -> str:
    """Return the last clocks before a mismatch as a VCD: each field of both sides."""
    return waveform_of(result, probe.fields(config))


def waveform_of(result: Verification, fields: Sequence[probe.Field]) -> str:
    """Return the same, of a probe's fields."""
    first = result.clocks - len(result.history) + 1
    signals: list[vcd.Signal] = []
    for scope, side in zip(("gateware", "golden"), zip(*result.history, strict=True), strict=True):
        waves = Waves(fields, first)
        waves.take_values({f.name: np.array([clock[f.name] for clock in side]) for f in fields})
        signals += vcd.probe_signals(waves, scope)
    return vcd.dump(signals, result.clocks + 1)
