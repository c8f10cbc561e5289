"""The compiled trainer: a golden trainer whose steps a kernel makes, from check to check."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from model.compiled import state
from model.number.fixed import Ints
from model.optimizer.perturbation import numbers
from model.optimizer.perturbation.turns import TimeMultiplexing
from model.optimizer.perturbation.walsh import WalshCode
from model.optimizer.schedule import PERIODS
from model.plant.score import Score
from model.trainer import Trainer
from spec import derive
from spec.config import Config
from spec.noise import DEFECTS_A_NEURON
from spec.phase import Phase
from spec.plant import Engine

REGISTERS = (*PERIODS, "eta_shift")
"""In the order in which the kernel has them."""

LEAP = 10_000_000
"""Cells times runs times steps that are made before `stop` is asked again: some 0.1 s."""


def covers(config: Config) -> bool:
    """Whether the kernel knows all that a config has: not a perturbation that is in model/ only."""
    spatial = config.build.engine is Engine.SPATIAL
    return spatial and config.training.perturbation in state.KINDS


class CompiledTrainer(Trainer):
    """The golden trainer, compiled: the same integers at every check, and at the end.

    Between checks there are no phases. Of the golden parts, θ and G are as the last leap left them,
    all else as when training began. Parameters and attributes are those of `Trainer`.
    """

    def __init__(
        self,
        config: Config,
        seeds: Sequence[int],
        *,
        stop_when_solved: bool = True,
        writes: Mapping[int, Mapping[str, int]] | None = None,
    ) -> None:
        super().__init__(config, seeds, stop_when_solved=stop_when_solved, writes=writes)
        self._changes = self._all_changes()
        self._clock = np.zeros(state.CLOCK, dtype=np.int64)
        self._prepare()
        with contextlib.suppress(OSError):  # on a full disk the kernel is made, but not kept
            self._leap(0, drain=False)

    def _prepare(self) -> None:
        """Make what the kernel takes."""
        from model.compiled import kernel, optimizer, plant  # takes as long as training XOR

        config = self.config
        self._kernel: Any = kernel
        layers, cells, spec = config.network.sizes, config.parameters, derive.optimizer(config)
        self._at = at = state.Layout.of(
            cells,
            config.update_delay,
            cells if self.noise else 0,
            DEFECTS_A_NEURON * sum(layers[1:]) if self.plant.defects else 0,
            sum(layers) if config.training.node else 0,
        )
        samples = self.plant.samples
        sizes = cells, cells, cells, sum(layers), state.CLOCK, config.update_delay
        scratch = tuple(np.zeros(size, dtype=np.int64) for size in sizes)
        self._constants = (
            plant.Plant.of(self.plant),
            optimizer.Optimizer.of(self.code, self.cells, self.cost, spec),
            kernel.Tables(
                *plant.tables(self.plant.network), samples.x, samples.t, samples.classes,
                self.cells.unit, optimizer.levels(self.code, spec), numbers(spec.bank),
                optimizer.frequencies(self.code),
            ),
            at,
            scratch,
        )  # fmt: skip
        self._flight = np.zeros(config.update_delay, dtype=np.int64)
        self._rows = np.zeros((len(self.seeds), at.seen), dtype=np.int64)

    def _all_changes(self) -> Ints:
        """Return all that changes registers, in the order of steps, as the kernel takes it."""
        schedule = self.schedule
        rows = [
            [step, 1, *(getattr(stage, name) for name in REGISTERS)]
            for step, stage in schedule.stages.items()
        ]
        for step, values in self.writes.items():
            if 1 <= step < min(schedule.stages, default=step + 1):
                kept = dict(values)
                if not schedule.accumulate:
                    kept.pop("tau_theta", None)
                rows.append([step, 0, *(kept.get(name, -1) for name in REGISTERS)])
        return np.array(sorted(rows), dtype=np.int64).reshape(-1, 2 + len(REGISTERS))

    def _draining(self) -> Iterator[Phase]:
        yield Phase.UPDATE  # of step 0, in which nothing is due
        yield from self._leaps(Phase.UPDATE)

    def _overlapped(self) -> Iterator[Phase]:
        yield from self._begin()
        yield from self._leaps(Phase.PERTURBED)

    def _begin(self) -> Iterator[Phase]:
        self._clock[state.BEGINS] = 1
        yield Phase.STEP

    def _leaps(self, last: Phase) -> Iterator[Phase]:
        """Go from check to check; of the phases between, yield the last one of each leap."""
        schedule, overlaps = self.schedule, self.config.update_delay > 0
        self._take()
        while True:
            check = min(
                schedule.steps, (schedule.n // schedule.check_every + 1) * schedule.check_every
            )
            most = LEAP // (len(self.seeds) * self.config.parameters)
            steps = min(check - schedule.n, max(1, most))
            self._leap(steps, drain=overlaps and schedule.n + steps == check)
            self.clocks -= self._durations[last]
            yield last
            if schedule.check():
                yield from self._check()
                if not len(self.seeds):
                    break
                if overlaps:
                    yield from self._begin()

    def _take(self) -> None:
        """Take all that changes from the golden parts."""
        at, code, cost, samples = self._at, self.code, self.cost, self.plant.samples
        found = {
            at.values: self.cells.theta, at.theta: self.cells.G, at.G: code.line,
            state.REGISTER: code.lfsr.state, state.ORDERED: samples.lfsr.state,
            state.INDEX: samples.index, state.NEXT: samples.next,
            state.C0: cost.C0, state.C_TILDE: cost.C_tilde,
        }  # fmt: skip
        if isinstance(code, WalshCode):
            found[state.COLUMNS] = code.columns.state
        if isinstance(code, TimeMultiplexing):
            found |= {state.TURN: code.turn, state.STRIDE: code.stride}
        if self.noise:
            found[at.line] = self.noise.line
        if self.plant.defects:
            found[at.noise] = self.plant.defects.numbers
        for place, source in (
            (state.COST_NOISE, self.cost_noise),
            (state.UPDATE_NOISE, self.noise and self.noise.source),
        ):
            if source:
                first, second = source.registers
                found |= {place: source.sample, place + 1: first.state, place + 2: second.state}
        for place, values in found.items():
            columns = values.reshape(len(values), -1)
            self._rows[:, place : place + columns.shape[1]] = columns
        self._show()

    def _show(self) -> None:
        """Let the golden cells show what the kernel works on."""
        at = self._at
        self.cells.theta = self._rows[:, at.values : at.theta]
        self.cells.G = self._rows[:, at.theta : at.G]

    def _leap(self, steps: int, *, drain: bool) -> None:
        """Make steps, and count their clocks."""
        schedule, clock = self.schedule, self._clock
        clock[state.N] = schedule.n
        for k, name in enumerate(PERIODS):
            clock[state.SINCE_P + k] = schedule.since[name]
        for k, name in enumerate(REGISTERS):
            clock[state.TAU_P + k] = getattr(schedule, name)
        clock[state.PERTURBED] = clock[state.BASELINES] = 0
        nothing = np.empty((len(self.seeds), 0), dtype=np.int64)
        self._call(steps, drain, nothing, nothing.astype(np.bool_))
        schedule.n = int(clock[state.N])
        for k, name in enumerate(PERIODS):
            schedule.since[name] = int(clock[state.SINCE_P + k])
        for k, name in enumerate(REGISTERS):
            setattr(schedule, name, int(clock[state.TAU_P + k]))
        self.clocks += self._clocks(steps, drain=drain)

    def _clocks(self, steps: int, *, drain: bool) -> int:
        """Return the clocks of the last leap."""
        lasts, timing = self._durations, self.timing
        if timing.update_delay:
            return (steps + drain * timing.update_delay) * timing.interval
        phases = [Phase.UPDATE, Phase.STEP, Phase.PERTURBED, Phase.WAIT, Phase.ACCUMULATE]
        if self.config.training.antithetic:
            phases.append(Phase.OPPOSITE)
        perturbed, baselines = self._clock[[state.PERTURBED, state.BASELINES]].tolist()
        clocks = steps * sum(lasts[phase] for phase in phases)
        clocks += perturbed * (timing.shifts - 1) * lasts[Phase.STEP]
        return clocks + baselines * lasts[Phase.BASELINE]

    def _check(self) -> Iterator[Phase]:
        shape = (len(self.seeds), len(self.plant.samples.x))
        costs, hits = np.empty(shape, dtype=np.int64), np.empty(shape, dtype=np.bool_)
        self._call(0, False, costs, hits)
        self.score = Score(costs, hits)
        yield from (Phase.CHECK, Phase.CHECK_WAIT, Phase.DECIDE)

    def _call(self, steps: int, drain: bool, costs: Ints, hits: np.ndarray) -> None:
        self._kernel.leap(
            *self._constants, self._rows, self._clock, self._changes, self._flight,
            steps, drain, costs, hits,
        )  # fmt: skip

    def _keep(self, runs: np.ndarray) -> None:
        super()._keep(runs)
        self._keep_rows(runs)
        self._show()

    def _keep_rows(self, runs: np.ndarray) -> None:
        self._rows = self._rows[runs]
