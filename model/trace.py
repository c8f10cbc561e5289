"""The golden model clock by clock: what the gateware's probe must show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from model.number.fixed import Ints
from model.optimizer.schedule import duration
from model.trainer import Trainer
from spec import probe
from spec.config import Config
from spec.phase import Phase
from spec.timing import CORRELATION_LATENCY

Clocks = dict[str, Ints]
"""Value of each probe field, by name: arrays of shape (clocks, count)."""


class Track:
    """One signal over time, as changes: register values from a clock on.

    Parameters
    ----------
    initial : int or array of int, shape (count,)
    """

    def __init__(self, initial: Ints | int) -> None:
        self._times = [-1]
        self._values = [initial]

    def set(self, clock: int, value: Ints | int) -> None:
        """Let the signal have `value` from `clock` on; clocks must not go back."""
        self._times.append(clock)
        self._values.append(value)

    def set_some(self, clock: int, value: Ints, where: Ints) -> None:
        """Let the signal have `value` from `clock` on, in some places."""
        self.set(clock, np.where(where, value, self._values[-1]))

    def take(self, start: int, stop: int) -> Ints:
        """Return the values of clocks `start` to `stop` - 1, and forget what came before."""
        times = np.array(self._times)
        ends = np.append(times[1:], stop).clip(start, stop)
        lasts = ends - times.clip(start, stop)
        # Of several values from one clock on, the last one counts; the others last no clock.
        values = np.repeat(np.array(self._values, dtype=np.int64), lasts, axis=0)
        keep = int(np.searchsorted(times, stop, side="right")) - 1
        self._times, self._values = self._times[keep:], self._values[keep:]
        return values.reshape(stop - start, -1)


class Trace:
    """One run of the golden model, expanded to clocks.

    Clock 0 is the one in which the gateware is in phase CLEAR. What a layer's cells hold is as
    many clocks late as the bus reaches that layer late.

    Parameters
    ----------
    config : Config
        Its seed and steps.
    stop_when_solved : bool
        Whether the run ends when solved.
    writes : mapping of int to mapping, optional
        As those of `Trainer`.
    """

    def __init__(
        self,
        config: Config,
        *,
        stop_when_solved: bool = False,
        writes: Mapping[int, Mapping[str, int]] | None = None,
    ) -> None:
        self.trainer = Trainer(
            config, [config.training.seed], stop_when_solved=stop_when_solved, writes=writes
        )
        self.timing = self.trainer.timing
        self._whole = {f.name: Track(0) for f in probe.fields(config) if f.count == 1}
        self._slices: list[slice] = []
        self._offsets = [self.timing.offset(layer) for layer in range(len(config.layer_shapes))]
        start = 0
        self._turns: list[Ints] = []
        for layer, (neurons, weights) in enumerate(config.layer_shapes):
            self._slices.append(slice(start, start + neurons * weights))
            start += neurons * weights
            turns = [k for shared in config.sharing(layer) for k in reversed(range(len(shared)))]
            self._turns.append(np.tile(turns, neurons))
        self._cells = {
            name: [Track(np.zeros(part.stop - part.start, dtype=np.int64)) for part in self._slices]
            for name in ("theta", "G", "perturbation")
        }

    def chunks(self, clocks: int = 1000) -> Iterator[Clocks]:
        """Run to the end, yielding at least so many clocks at a time, in order and without gaps."""
        start = now = 0
        for phase in self.trainer.phases():
            self._whole["phase"].set(now, phase)
            self._record(phase, now)
            now += duration(phase, self.timing)
            if now - start >= clocks:
                yield self._take(start, now)
                start = now
        yield self._take(start, now + self.timing.loop)

    def _take(self, start: int, stop: int) -> Clocks:
        whole = {name: track.take(start, stop) for name, track in self._whole.items()}
        cells = {
            name: np.concatenate([track.take(start, stop) for track in tracks], axis=1)
            for name, tracks in self._cells.items()
        }
        return whole | cells

    def _set_cells(self, name: str, clock: int, values: Ints) -> None:
        if name == "G" and not self.timing.accumulate:
            return
        for layer, (track, part) in enumerate(zip(self._cells[name], self._slices, strict=True)):
            track.set(clock + self._offsets[layer], values[0, part])

    def _learn(self, name: str, clock: int, values: Ints) -> None:
        """Say that cells learn: of parameters that share one, the last does so first."""
        if name == "G" and not self.timing.accumulate:
            return
        for layer, (track, part) in enumerate(zip(self._cells[name], self._slices, strict=True)):
            first = clock + self._offsets[layer]
            if self.timing.reuse == 1:
                track.set(first, values[0, part])
                continue
            for turn in range(self.timing.reuse):
                track.set_some(first + turn, values[0, part], self._turns[layer] == turn)

    def _record(self, phase: Phase, now: int) -> None:
        """Say when each effect of a phase that begins now is seen: a strobe's in the next clock."""
        trainer, timing, whole = self.trainer, self.timing, self._whole
        cells, cost = trainer.cells, trainer.cost
        if timing.update_delay:
            self._record_overlapped(phase, now)
        later = bool(timing.update_delay)  # with overlap, all but the schedule is a clock late
        learnt = now + 1 + (CORRELATION_LATENCY if timing.update_delay else 0)
        if phase in (Phase.INIT_UPDATE, Phase.UPDATE):
            self._learn("theta", learnt, cells.theta)
        if phase in (Phase.INIT_ACCUMULATE, Phase.INIT_UPDATE, Phase.UPDATE, Phase.ACCUMULATE):
            self._learn("G", learnt, cells.G)
        if phase is Phase.INIT_SHIFT:
            whole["u"].set(now + 1 + later - timing.broadcast, cost.u[0])
        if phase is Phase.INIT_SHIFT or (phase is Phase.STEP and not timing.update_delay):
            self._set_cells("perturbation", now + 1, trainer.code.line)
        if phase is Phase.STEP:
            whole["sample"].set(now + 1 + later, trainer.samples.index[0])
        if phase is Phase.ACCUMULATE:
            whole["step"].set(now + 1, trainer.n)
        if phase in (Phase.BASELINE, Phase.OPPOSITE, Phase.PERTURBED):
            whole["C"].set(now + timing.evaluation, cost.C[0])
        if phase in (Phase.BASELINE, Phase.OPPOSITE):
            whole["C0"].set(now + timing.evaluation + 1, cost.C0[0])
        if phase is Phase.PERTURBED:
            # Held by the analog loop, which takes C for C0, or measured by a rail of its own.
            whole["C0"].set(now + timing.evaluation + (timing.rails == 1), cost.C0[0])
            whole["C_tilde"].set(now + timing.evaluation + 1, cost.C_tilde[0])
            whole["u"].set(now + timing.loop, cost.u[0])
        if phase is Phase.CHECK:
            self._record_check(now)
        if phase is Phase.DECIDE:
            whole["solved"].set(now + 1, int(trainer.solved[0]))

    def _record_overlapped(self, phase: Phase, now: int) -> None:
        """Say when what happens between the phases of an overlapped schedule is seen: at once."""
        trainer = self.trainer
        if phase in (Phase.BASELINE, Phase.PERTURBED, Phase.WAIT, Phase.CHECK):
            self._set_cells("theta", now, trainer.cells.theta)
            self._set_cells("G", now, trainer.cells.G)
        if phase is Phase.BASELINE:
            self._whole["step"].set(now, trainer.n + 1)
        if phase is Phase.PERTURBED:
            self._whole["step"].set(now, trainer.n)
        if phase in (Phase.BASELINE, Phase.PERTURBED):
            self._whole["sample"].set(now + 1, trainer.samples.index[0])
        if phase is Phase.WAIT:
            self._whole["correct"].set(now, 0)
            self._whole["cost_sum"].set(now, 0)
        if phase in (Phase.PERTURBED, Phase.WAIT):
            self._set_cells("perturbation", now, trainer.code.line)

    def _record_check(self, now: int) -> None:
        """A sample is read in one clock, enters the network in the next, and counts after C."""
        score = self.trainer.score
        assert score is not None
        whole = self._whole
        whole["correct"].set(now, 0)
        whole["cost_sum"].set(now, 0)
        first = now + 1 + self.timing.evaluation
        for k in range(self.timing.samples):
            seen = first + k * self.timing.reuse
            for name in ("C", "C0") if self.timing.rails == 2 else ("C",):
                whole[name].set(seen, score.costs[0, k])
            whole["correct"].set(seen + 1, score.hits[0, : k + 1].sum())
            whole["cost_sum"].set(seen + 1, score.costs[0, : k + 1].sum())
