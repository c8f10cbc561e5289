"""A folded engine clock by clock: what the probe must show, and where parameters are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from model.number.fixed import Ints
from model.trace import Clocks
from model.track import Track
from model.trainer import Trainer
from spec import derive
from spec.config import Config
from spec.folded import START_LATENCY, FoldedSpec
from spec.phase import Phase

NOT_SEEN = (Phase.INIT_SHIFT, Phase.INIT_ACCUMULATE, Phase.BASELINE)
"""Phases that are parts of others here: a bit of θ is shown once it is made, as INIT_UPDATE comes;
and a pass has both evaluations."""


def places(spec: FoldedSpec) -> tuple[Ints, Ints]:
    """Return address and lane of every parameter, in documented order: of its first copy."""
    addresses, lanes = [], []
    for layer in spec.layers:
        neuron, cell = np.divmod(np.arange(layer.neurons * layer.fan_in), layer.fan_in)
        addresses.append(layer.word + neuron // layer.lanes * layer.fan_in + cell)
        lanes.append(neuron % layer.lanes)
    return np.concatenate(addresses), np.concatenate(lanes)


def copies(spec: FoldedSpec) -> tuple[Ints, Ints, Ints]:
    """Return address, lane and parameter of every word that holds one."""
    addresses, lanes = places(spec)
    number, found, first = np.arange(spec.parameters), [], 0
    for layer in spec.layers:
        mine = slice(first, first + layer.neurons * layer.fan_in)
        for copy in range(layer.copies):
            found.append((addresses[mine], lanes[mine] + copy * layer.lanes, number[mine]))
        first = mine.stop
    address, lane, parameter = (np.concatenate(each) for each in zip(*found, strict=True))
    return address, lane, parameter


class FoldedTrace:
    """One run of the golden model, expanded to the clocks of a folded engine.

    Parameters and attributes are those of `model.trace.Trace`.
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
        self.timing, self.spec = self.trainer.timing, derive.folded(config)
        self.addresses, self.lanes, self.parameters = copies(self.spec)
        layers = self.spec.layers
        self.has_bits = np.repeat(
            [self.spec.has_bits(layer) for layer in layers],
            [layer.neurons * layer.fan_in for layer in layers],
        )
        names = ("phase", "step", "sample", "C", "C0", "C_tilde", "u")
        self._whole = {name: Track(0) for name in (*names, "correct", "cost_sum", "solved")}
        self._visited = self._visits()
        self._written: list[tuple[Ints, Ints, Ints, Ints]] = []

    def _visits(self) -> Ints:
        """Return in which clock of a pass each word is written, from the strobe that starts it."""
        clocks, start = [], self.spec.pass_start
        for layer, takes in zip(self.spec.layers, self.spec.layer_clocks, strict=True):
            group, cell = np.divmod(np.arange(layer.words), layer.fan_in)
            clocks.append(start + group * layer.group_clocks + cell * layer.first_rails)
            start += takes
        return np.concatenate(clocks) + self.spec.written

    def chunks(self, clocks: int = 1000) -> Iterator[Clocks]:
        """Run to the end, yielding at least so many clocks at a time, in order and without gaps."""
        start = now = filled = 0
        lengths = self.timing.durations()
        for phase in self.trainer.phases():
            before = now
            now += lengths[phase]
            if phase is Phase.INIT_SHIFT:
                filled = filled or before
            if phase in NOT_SEEN:
                continue
            if phase is Phase.INIT_UPDATE:
                self._fill(filled, now - 1)
                filled = 0
            else:
                self._whole["phase"].set(before, phase)
                self._show(phase, before)
            if now - start >= clocks and phase is not Phase.PERTURBED:  # which lasts into WAIT
                yield self._take(start, now)
                start = now
        yield self._take(start, now + 1)

    def _show(self, phase: Phase, now: int) -> None:
        """Say what is seen of a phase, and when."""
        trainer, whole = self.trainer, self._whole
        if phase is Phase.STEP:
            whole["sample"].set(now + 1, trainer.plant.samples.index[0])
        elif phase is Phase.PERTURBED:
            self._pass(now)
            cost, arrives = trainer.cost, now + self.timing.evaluation
            whole["C"].set(arrives, cost.C[0])
            whole["C0"].set(arrives, cost.C0[0])
            whole["C_tilde"].set(arrives + 1, cost.C_tilde[0])
            whole["u"].set(now + self.timing.loop, cost.u[0])
        elif phase is Phase.ACCUMULATE:
            whole["step"].set(now + 1, trainer.n)
        elif phase is Phase.CHECK:
            self._check(now)
        elif phase is Phase.DECIDE:
            whole["solved"].set(now + 1, int(trainer.solved[0]))

    def _words(self) -> tuple[Ints, Ints]:
        """Return θ and bit of all words; where neurons have the bits, words have none."""
        theta, bits = self.trainer.cells.theta[0], self.trainer.code.line[0]
        words = self.parameters
        return theta[words], (bits * self.has_bits)[words]

    def _fill(self, first: int, last: int) -> None:
        """A bit of the initial θ: parameter by parameter, the last one first."""
        self._whole["phase"].set(first, Phase.INIT_SHIFT)
        self._whole["phase"].set(last, Phase.INIT_UPDATE)
        spec, before = self.spec, self.spec.parameters - 1 - self.parameters
        visits = before * (spec.fill_clocks // spec.parameters)
        clocks = first + START_LATENCY + visits + spec.written
        theta, bits = self._words()
        self._written.append((clocks, self.addresses, self.lanes, np.stack([theta, bits])))

    def _pass(self, start: int) -> None:
        """All words, in the order of their addresses."""
        theta, bits = self._words()
        clocks = start + self._visited[self.addresses]
        self._written.append((clocks, self.addresses, self.lanes, np.stack([theta, bits])))

    def _check(self, now: int) -> None:
        """A pass for each sample."""
        score, whole = self.trainer.score, self._whole
        assert score is not None
        for name in ("correct", "cost_sum"):
            whole[name].set(now, 0)
        hits, costs = score.hits[0].cumsum(), score.costs[0].cumsum()
        for k in range(self.timing.samples):
            start = now + k * (self.timing.evaluation + 1)
            self._pass(start)
            for name in ("C", "C0"):
                whole[name].set(start + self.timing.evaluation, score.costs[0, k])
            whole["correct"].set(start + self.timing.evaluation + 1, hits[k])
            whole["cost_sum"].set(start + self.timing.evaluation + 1, costs[k])

    def _take(self, start: int, stop: int) -> Clocks:
        """Return all fields of some clocks, of which all is known."""
        found = {name: track.take(start, stop) for name, track in self._whole.items()}
        shape = (stop - start, self.spec.lanes)
        theta, bits, written = np.zeros((3, *shape), dtype=np.int64)
        address = np.zeros((shape[0], 1), dtype=np.int64)
        for clocks, addresses, lanes, values in self._written:
            places_ = clocks - start
            theta[places_, lanes], bits[places_, lanes] = values
            written[places_, lanes], address[places_, 0] = 1, addresses
        self._written.clear()
        return found | {
            "written": written, "address": address, "theta": theta, "perturbation": bits
        }  # fmt: skip
