"""The golden model clock by clock: what the gateware's probe must show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from model.number.fixed import Ints
from model.track import CellTracks, Track
from model.trainer import Trainer
from spec import derive, probe
from spec.config import Config
from spec.optimizer import CORRELATION_LATENCY
from spec.phase import Phase

Clocks = dict[str, Ints]
"""Value of each probe field, by name: arrays of shape (clocks, count)."""

Effects = dict[Phase, Sequence[Callable[[int], None]]]
"""What says, given the clock in which a phase begins, when each of its effects is seen."""


class Trace:
    """One run of the golden model, expanded to clocks.

    Clock 0 is the one in which the gateware is in phase CLEAR. A strobe's effect is seen in the
    next clock; what a layer's cells hold, as many clocks later as the bus reaches that layer late.

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
        self.timing = timing = self.trainer.timing
        network = derive.network(config)
        counts = [layer.parameters for layer in network.layers]
        offsets = [timing.offset(layer) for layer in range(network.depth)]
        self._whole: dict[str, Track] = {}
        self._cells: dict[str, CellTracks] = {}
        for field in probe.fields(config):
            if field.count == 1:
                self._whole[field.name] = Track(0)
        for name in ("theta", "G", "perturbation"):
            self._cells[name] = CellTracks(counts, network.parts, offsets)
        overlapped = timing.update_delay > 0
        self._lag = 1 if overlapped else 0  # of all else behind an overlapped schedule
        self._learnt = 1 + (CORRELATION_LATENCY if overlapped else 0)
        self._effects = self._initial() | (self._overlapped() if overlapped else self._draining())

    def chunks(self, clocks: int = 1000) -> Iterator[Clocks]:
        """Run to the end, yielding at least so many clocks at a time, in order and without gaps."""
        start = now = 0
        lengths = self.timing.durations()
        effects = [self._effects.get(phase, ()) for phase in Phase]
        for phase in self.trainer.phases():
            self._whole["phase"].set(now, phase)
            for seen in effects[phase]:
                seen(now)
            now += lengths[phase]
            if now - start >= clocks:
                yield self._take(start, now)
                start = now
        yield self._take(start, now + self.timing.loop)

    def _take(self, start: int, stop: int) -> Clocks:
        tracks = self._whole | self._cells
        return {name: track.take(start, stop) for name, track in tracks.items()}

    def _initial(self) -> Effects:
        """Of the phases that are alike in all schedules."""
        return {
            Phase.INIT_SHIFT: [self._initial_u, self._line],
            Phase.INIT_ACCUMULATE: [self._G],
            Phase.INIT_UPDATE: [self._theta, self._G],
            Phase.CHECK: [self._check],
            Phase.DECIDE: [self._solved],
        }

    def _draining(self) -> Effects:
        measured = [self._C, self._C0]
        return {
            Phase.UPDATE: [self._theta, self._G],
            Phase.STEP: [self._line, self._sample],
            Phase.BASELINE: measured,
            Phase.OPPOSITE: measured,
            Phase.PERTURBED: [self._C, self._change],
            Phase.ACCUMULATE: [self._G, self._step],
        }

    def _overlapped(self) -> Effects:
        """What happens between the phases of an overlapped schedule is seen at once."""
        return {
            Phase.STEP: [self._sample],
            Phase.BASELINE: [self._now, self._next_step, self._next_sample, self._C, self._C0],
            Phase.PERTURBED: [
                *(self._now, self._line_now, self._step_now, self._next_sample),
                *(self._C, self._change),
            ],
            Phase.WAIT: [self._now, self._line_now, self._no_score],
            Phase.CHECK: [self._now, self._check],
        }

    def _theta(self, now: int) -> None:
        self._cells["theta"].set(now + self._learnt, self.trainer.cells.theta[0])

    def _G(self, now: int) -> None:
        if self.timing.accumulate:
            self._cells["G"].set(now + self._learnt, self.trainer.cells.G[0])

    def _line(self, now: int) -> None:
        self._line_now(now + 1)

    def _line_now(self, now: int) -> None:
        self._cells["perturbation"].set(now, self.trainer.code.line[0])

    def _now(self, now: int) -> None:
        self._theta(now - self._learnt)
        self._G(now - self._learnt)

    def _initial_u(self, now: int) -> None:
        self._whole["u"].set(now + 1 + self._lag - self.timing.broadcast, self.trainer.cost.u[0])

    def _sample(self, now: int) -> None:
        self._next_sample(now + self._lag)

    def _next_sample(self, now: int) -> None:
        self._whole["sample"].set(now + 1, self.trainer.plant.samples.index[0])

    def _step(self, now: int) -> None:
        self._step_now(now + 1)

    def _step_now(self, now: int) -> None:
        self._whole["step"].set(now, self.trainer.n)

    def _next_step(self, now: int) -> None:
        self._whole["step"].set(now, self.trainer.n + 1)

    def _C(self, now: int) -> None:
        self._whole["C"].set(now + self.timing.evaluation, self.trainer.cost.C[0])

    def _C0(self, now: int) -> None:
        self._whole["C0"].set(now + self.timing.evaluation + 1, self.trainer.cost.C0[0])

    def _change(self, now: int) -> None:
        cost, arrives = self.trainer.cost, now + self.timing.evaluation
        # Held by the analog loop, which takes C for C0, or measured by a rail of its own.
        self._whole["C0"].set(arrives + (self.timing.rails == 1), cost.C0[0])
        self._whole["C_tilde"].set(arrives + 1, cost.C_tilde[0])
        self._whole["u"].set(now + self.timing.loop, cost.u[0])

    def _no_score(self, now: int) -> None:
        self._whole["correct"].set(now, 0)
        self._whole["cost_sum"].set(now, 0)

    def _check(self, now: int) -> None:
        """A sample is read in one clock, enters the network in the next, and counts after C."""
        score = self.trainer.score
        assert score is not None
        self._no_score(now)
        first = now + 1 + self.timing.evaluation
        hits, costs = score.hits[0].cumsum(), score.costs[0].cumsum()
        for k in range(self.timing.samples):
            seen = first + k
            for name in ("C", "C0") if self.timing.rails == 2 else ("C",):
                self._whole[name].set(seen, score.costs[0, k])
            self._whole["correct"].set(seen + 1, hits[k])
            self._whole["cost_sum"].set(seen + 1, costs[k])

    def _solved(self, now: int) -> None:
        self._whole["solved"].set(now + 1, int(self.trainer.solved[0]))
