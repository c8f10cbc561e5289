"""The loop, in integers, for many runs at once; whatever the plant is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Generic, NoReturn, Self, TypeVar

import numpy as np

from model.number.fixed import Ints
from model.number.noise import NoiseLine, NoiseSource
from model.optimizer import perturbation
from model.optimizer.cells import SynapseCells
from model.optimizer.change import ChangeInCost
from model.optimizer.flight import Flight, Found
from model.optimizer.schedule import Schedule
from model.parts import AnyPlant, Parts
from model.plant.score import Score
from model.run import Interrupted, Run
from spec.lfsr import seed_register
from spec.noise import COST_NOISE, UPDATE_NOISE
from spec.phase import Phase
from spec.registers import register_of
from spec.trained import Trained

C = TypeVar("C", bound=Trained)
P = TypeVar("P", bound=AnyPlant)


class Loop(Generic[C, P]):
    """Trains one run a seed, all by the same config.

    Parameters
    ----------
    config : Trained
        What to train; `training.seed` is ignored in favour of `seeds`.
    seeds : sequence of int
        One a run.
    stop_when_solved : bool
        Whether a solved run ends; otherwise every run makes all its steps.
    writes : mapping of int to mapping, optional
        Values of tau_p, tau_x, tau_theta (in steps) and eta (η = 2**eta) to write so that they hold
        from a step on, as `Schedule.write`.

    Attributes
    ----------
    cells, code, cost, plant, noise, cost_noise
        The parts; the last two None where there are none.
    score : Score
        What the last check found.
    clocks : int
        Clocks since start.
    finished : list of Run
        Runs that ended, in the order in which they did.
    """

    plant: P

    def __init__(
        self,
        config: C,
        seeds: Sequence[int],
        *,
        stop_when_solved: bool = True,
        writes: Mapping[int, Mapping[str, int]] | None = None,
    ) -> None:
        self.config, self.stop_when_solved = config, stop_when_solved
        loaded = [seed_register(seed) for seed in seeds]
        parts = self._parts(config, loaded)
        spec, values = parts.optimizer, parts.registers
        self.plant, self.timing = parts.plant, parts.timing
        self.solved_correct = values.get("solved_correct", 0)
        self.solved_cost = values["solved_cost"]
        self.writes = {
            step: dict(register_of(config, *item) for item in written.items())
            for step, written in (writes or {}).items()
        }
        self.seeds = np.array(seeds, dtype=np.int64)
        self.schedule = Schedule(spec, values)
        self.cells = SynapseCells(spec.bank, len(seeds))
        self.code = perturbation.of(spec.bank, loaded)
        self.cost = ChangeInCost(spec.change, len(seeds), self.schedule.eta_shift)
        update, cost = spec.bank.cell.noise, spec.change.noise
        places = spec.bank.parameters
        self.noise = update and NoiseLine(NoiseSource(update, UPDATE_NOISE, loaded), places)
        self.cost_noise = cost and NoiseSource(cost, COST_NOISE, loaded)
        self.score: Score | None = None
        self._durations = self.timing.durations()
        self._flight = Flight(config.update_delay)
        self.clocks, self._update_due = 0, False
        self.finished: list[Run] = []
        self.theta: Ints | None = None  # to begin with, if not as from the seeds

    def _parts(self, config: C, seeds: Sequence[int]) -> Parts[P]:
        """Make plant and specs, for the `seed` register of each run."""
        raise NotImplementedError

    def start_from(self, theta: Ints) -> None:
        """Begin with another θ, and all else as from the seeds.

        Parameters
        ----------
        theta : array of int, shape (P,)
            In LSBs, within the format; the same for all runs.
        """
        self.theta = theta

    def run(
        self,
        progress: Callable[[Self], None] | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> list[Run]:
        """Train to the end; return the runs in the order of their seeds.

        Parameters
        ----------
        progress : callable, optional
            Called with the trainer after each check, before its finished runs leave.
        stop : callable, optional
            Asked again and again whether to end before the time.

        Raises
        ------
        Interrupted
            If `stop` said so, with what has come of all runs.
        """
        for phase in self.phases():
            if phase is Phase.CHECK and progress:
                progress(self)
            if phase in (Phase.INIT_SHIFT, Phase.UPDATE, Phase.PERTURBED) and stop():
                self._stop()
        return sorted(self.finished, key=lambda run: run.seed)

    def _stop(self) -> NoReturn:
        """Check the runs where they are, and leave."""
        if self.n:
            for _ in self._check():
                pass
            self._finish(np.full(len(self.seeds), True), np.full(len(self.seeds), False))
        raise Interrupted(sorted(self.finished, key=lambda run: run.seed))

    def phases(self) -> Iterator[Phase]:
        """Train, yielding each phase of the schedule once what it does has happened.

        A phase of several clocks is yielded once, but for INIT_SHIFT and STEP: once a shift.
        """
        for phase in self._phases():
            self.clocks += self._durations[phase]
            yield phase
            if phase is Phase.DECIDE:
                self._retire()

    def _phases(self) -> Iterator[Phase]:
        yield Phase.CLEAR
        yield from self.initialise()
        if self.theta is not None:
            self.cells.theta = np.tile(self.theta, (len(self.seeds), 1))
        yield from self._overlapped() if self.config.update_delay else self._draining()
        yield Phase.DONE

    def _draining(self) -> Iterator[Phase]:
        """D = 0: a step ends before the next begins."""
        schedule, cells, training = self.schedule, self.cells, self.config.training
        analog, antithetic = training.analog, training.antithetic
        while True:
            if schedule.update():
                self._update()
            yield Phase.UPDATE
            if schedule.check():
                yield from self._check()
                if not len(self.seeds):
                    break
            if schedule.sample():
                self.plant.samples.advance()
            if schedule.perturb():
                for _ in range(self.timing.shifts - 1):
                    self.code.perturb()
                    yield Phase.STEP
                self.code.perturb()
            yield Phase.STEP
            if antithetic:
                self.cost.opposite(self._noisy(self._cost(-self.code.theta_tilde)))
                yield Phase.OPPOSITE
            elif schedule.baseline() and not analog:
                self.cost.baseline(self._cost(None))
                yield Phase.BASELINE
            self.cost.eta_shift = schedule.eta_shift
            cost = self._noisy(self._cost(self.code.theta_tilde))
            inputs = self._inputs()
            if analog:
                self.cost.high_pass(cost, new_sample=schedule.sample())
            else:
                self.cost.perturbed(cost)
            yield Phase.PERTURBED
            yield Phase.WAIT
            cells.accumulate(self.cost.u, self.code.theta_tilde, inputs)
            self._next_step()
            yield Phase.ACCUMULATE

    def _overlapped(self) -> Iterator[Phase]:
        """D > 0: step n + D + 1 is the first to use what step n found.

        Steps follow each other without a gap, but for checks, which wait until all u are used.
        """
        two = self.config.build.rails == 2  # evaluations a clock
        yield from self._begin()
        while True:
            self._use_update()
            self.cost.baseline(self._cost(None))
            if not two:
                yield Phase.BASELINE
            self.code.perturb()
            self.cost.eta_shift = self.schedule.eta_shift
            self.cost.perturbed(self._noisy(self._cost(self.code.theta_tilde)))
            found = Found(self.cost.u, self.code.theta_tilde, self._inputs())
            self._next_step()
            found.update = self.schedule.update()
            self._use(found)
            yield Phase.PERTURBED
            if self.schedule.check():
                for _ in range(self.config.update_delay):
                    self._use_update()
                    if not two:
                        yield Phase.WAIT
                    self.code.perturb()
                    self._use(None)
                    yield Phase.WAIT
                self._use_update()
                yield from self._check()
                if not len(self.seeds):
                    break
                yield from self._begin()
            elif self.schedule.sample():
                self.plant.samples.advance()

    def _begin(self) -> Iterator[Phase]:
        """Read the first sample after the start or a check."""
        if self.schedule.sample():
            self.plant.samples.advance()
        yield Phase.STEP

    def _use(self, found: Found | None) -> None:
        """Accumulate what was found D steps ago; nothing where nothing was."""
        used = self._flight.exchange(found)
        if used:
            self.cells.accumulate(used.u, used.theta_tilde, used.inputs)
            self._update_due = used.update

    def _use_update(self) -> None:
        """Update, if what was accumulated last ended a period."""
        if self._update_due:
            self._update()
            self._update_due = False

    def _check(self) -> Iterator[Phase]:
        self.score = self.plant.check(self.cells.weights())
        yield from (Phase.CHECK, Phase.CHECK_WAIT, Phase.DECIDE)

    def _next_step(self) -> None:
        self.schedule.next_step()
        self.schedule.write(self.writes.get(self.n, {}))

    def _update(self) -> None:
        """Every cell, with noise of its own if there is any."""
        if self.noise:
            self.cells.update(self.noise.line)
            self.noise.shift()
        else:
            self.cells.update()

    def _fill(self) -> None:
        """Move fresh random numbers into every line."""
        self.code.fill()
        if self.noise:
            self.noise.shift()
        if self.cost_noise:
            self.cost_noise.advance()
        if self.plant.defects:
            self.plant.defects.line.shift()

    def _shifts_of_a_fill(self) -> Iterator[None]:
        """Shift every line until all that it holds is new, and stop at each place."""
        for _ in range(self.config.parameters):
            self._fill()
            yield

    def initialise(self) -> Iterator[Phase]:
        """θ ← ±1 ±2 ±4 …: each random bit through the bus, as if it were a gradient."""
        for bit, burst in enumerate(self.timing.init_bursts):
            self.cost.u = np.full(len(self.seeds), (1 << bit) // burst)
            for _ in self._shifts_of_a_fill():
                yield Phase.INIT_SHIFT
            for _ in range(burst):
                self.cells.begin(self.cost.u, self.code.polarity, bit)
                yield Phase.INIT_ACCUMULATE
                self.cells.initialise()
                yield Phase.INIT_UPDATE

    def _cost(self, theta_tilde: Ints | None) -> Ints:
        """Cost of the current sample, one a run."""
        return self.plant.evaluate(self.cells.weights(theta_tilde))

    def _inputs(self) -> Ints | None:
        """What each cell multiplied in the evaluation made last; for node perturbation only."""
        return self.plant.cell_inputs() if self.cells.spec.node else None

    def _noisy(self, cost: Ints) -> Ints:
        """Add the noise of a perturbed cost."""
        return cost + self.cost_noise.advance() if self.cost_noise else cost

    @property
    def n(self) -> int:
        """The current step."""
        return self.schedule.n

    @property
    def solved(self) -> np.ndarray:
        """Whether the last check found each run solved."""
        if self.score is None:
            return np.zeros(len(self.seeds), dtype=bool)
        correct = self.score.correct >= self.solved_correct
        return correct & (self.score.cost_sum <= self.solved_cost) & self.stop_when_solved

    def _finish(self, ended: np.ndarray, solved: np.ndarray) -> None:
        """Keep what has come of the runs of a mask."""
        self.finished += self._now(ended, solved)

    def _now(self, chosen: np.ndarray, solved: np.ndarray) -> list[Run]:
        """Return the runs of a mask as they are, by the last check."""
        assert self.score is not None
        correct, cost_sum = self.score.correct, self.score.cost_sum  # computed anew each time
        return [
            Run(
                int(self.seeds[k]),
                bool(solved[k]),
                self.n,
                self.clocks,
                int(correct[k]),
                int(cost_sum[k]),
                self.cells.theta[k].copy(),
            )
            for k in np.flatnonzero(chosen).tolist()
        ]

    def _ended(self, solved: np.ndarray) -> np.ndarray:
        """Return which runs end at this check: those that are solved, or out of steps."""
        return np.full(len(self.seeds), True) if self.schedule.last() else solved

    def _retire(self) -> None:
        """Let the runs that have ended leave."""
        solved = self.solved
        ended = self._ended(solved)
        self._finish(ended, solved)
        if ended.any():
            self._keep(~ended)

    def _keep(self, runs: np.ndarray) -> None:
        """Go on with the runs of a mask only."""
        self.seeds = self.seeds[runs]
        parts = (self.cells, self.code, self.cost, self.plant)
        for part in (*parts, self.noise, self.cost_noise):
            if part:
                part.keep(runs)
