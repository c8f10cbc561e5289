"""The golden model clock by clock: what the gateware's probe must show, for a plant that answers.

When a plant answers, only it knows: so the trace is told. All else follows.
"""

from __future__ import annotations

from collections.abc import Iterator

from model.external.trainer import ExternalTrainer
from model.trace import Clocks, Trace
from model.track import CellTracks, Track
from spec.external.config import ExternalConfig
from spec.external.registers import probe
from spec.phase import Phase

EVALUATIONS = (Phase.BASELINE, Phase.OPPOSITE, Phase.PERTURBED)
"""Phases that last until an answer."""


class ExternalTrace(Trace):
    """One run of the golden model, expanded to clocks, as `Trace`.

    Parameters
    ----------
    config : ExternalConfig
        Its seed and steps.
    answers : iterator of int
        The clocks in which evaluations are answered, each later than the one before.
    stop_when_solved : bool
        Whether the run ends when solved.
    """

    trainer: ExternalTrainer

    def __init__(
        self, config: ExternalConfig, answers: Iterator[int], *, stop_when_solved: bool = False
    ) -> None:
        seeds = [config.training.seed]
        self.trainer = ExternalTrainer(config, seeds, stop_when_solved=stop_when_solved)
        self.timing = self.trainer.timing
        self._answers = answers
        self._whole = {field.name: Track(0) for field in probe(config) if field.count == 1}
        names = ("theta", "G", "perturbation")
        self._cells = {name: CellTracks([config.parameters], [slice(None)], [0]) for name in names}
        self._lag, self._learnt = 0, 1
        self._effects = self._initial() | self._draining()

    def chunks(self, clocks: int = 1000) -> Iterator[Clocks]:
        """Run to the end, yielding at least so many clocks at a time, in order and without gaps."""
        start = now = 0
        lengths = self.timing.durations()
        for phase in self.trainer.phases():
            self._whole["phase"].set(now, phase)
            if phase in EVALUATIONS:
                # Effects count from the clock in which a plant that takes no time had been asked.
                answered = self._answer()
                self._see(phase, answered + 1 - self.timing.evaluation)
                now = answered + 1
            else:
                self._see(phase, now)
                now = self._checked if phase is Phase.CHECK else now + lengths[phase]
            if now - start >= clocks:
                yield self._take(start, now)
                start = now
        yield self._take(start, now + self.timing.loop)

    def _see(self, phase: Phase, now: int) -> None:
        for seen in self._effects.get(phase, ()):
            seen(now)

    def _answer(self) -> int:
        """Return when the next evaluation is answered, and show it."""
        clock = next(self._answers)
        self._whole["answered"].set(clock, 1)
        self._whole["answered"].set(clock + 1, 0)
        return clock

    def _no_score(self, now: int) -> None:
        self._whole["cost_sum"].set(now, 0)

    def _check(self, now: int) -> None:
        """Each sample's cost is seen a clock after its answer, and counted in the next one."""
        score = self.trainer.score
        assert score is not None
        self._no_score(now)
        for cost, so_far in zip(score.costs[0], score.costs[0].cumsum(), strict=True):
            answered = self._answer()
            self._whole["C"].set(answered + 1, cost)
            self._whole["cost_sum"].set(answered + 2, so_far)
            self._checked = answered + 1
