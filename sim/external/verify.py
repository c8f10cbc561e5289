"""Lockstep with an external plant: gateware with a plant at its pins beside the golden model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from hdl.external.trainer import ExternalTrainer
from model.external.memory import trace_of
from sim import simulators
from sim.external.bench import ExternalBench
from sim.external.pins import Answer
from sim.external.session import Session
from sim.external.theta import theta_of
from sim.simulators import Simulator
from sim.verify import Comparison, Verification
from spec.external.config import ExternalConfig
from spec.external.registers import probe, values

CHUNK = 2_000
"""Clocks compared at once."""

PATIENCE = 1_000_000
"""Clocks without an answer after which the gateware is taken to hang."""


class Gateware:
    """The records of all clocks, which come as they are asked for.

    Parameters
    ----------
    config : ExternalConfig
    session : Session
        That dumps the probe in every clock.
    plant : Answer
    """

    def __init__(self, config: ExternalConfig, session: Session, plant: Answer) -> None:
        self.session, self.plant = session, plant
        width = 0
        for field in probe(config):
            if field.name == "answered":
                break
            width += field.width * field.count
        self._word, self._bit = divmod(width, 32)
        start = values(config) | {"start": 1}
        self.clock, self.outputs = session.run(0, start)
        self._records = np.zeros((0, session.bench.probe_words), dtype="<u4")
        self.hangs: int | None = None  # since which clock there is no answer
        self.first = 0  # clock of the first record that is kept
        self._looked = 0  # clock from which on there may be another answer

    def _go_on(self, most: int) -> None:
        """Simulate until something happens, for some clocks at most."""
        inputs, wake = self.plant.react(self.clock, self.outputs)
        until = min(wake, self.clock + most)
        self.clock, self.outputs = self.session.run(until, inputs | {"start": 0})
        self._records = np.concatenate([self._records, self.session.probes()])

    def read(self, count: int) -> np.ndarray:
        """Return the records of the next clocks."""
        while len(self._records) < count:
            self._go_on(count - len(self._records))
        found, self._records = self._records[:count], self._records[count:]
        self.first += count
        return found

    def answers(self) -> Iterator[int]:
        """Yield the clocks in which evaluations are answered.

        Any, once the gateware has ended, or has waited for `PATIENCE` clocks, so that it `hangs`.
        """
        while True:
            words = self._records[self._looked - self.first :, self._word]
            hits = np.flatnonzero(words >> self._bit & 1)
            if len(hits):
                self._looked += int(hits[0]) + 1
                yield self._looked - 1
                continue
            self._looked += len(words)
            if len(self._records) > PATIENCE and self.hangs is None:
                self.hangs = self._looked
            if self.outputs["done"] or self.hangs is not None:  # whatever was wrong before shows
                self._looked += CHUNK
                yield self._looked - 1
                continue
            self._go_on(CHUNK)


def verify(
    config: ExternalConfig,
    folder: Path,
    *,
    source: str | None = None,
    plant: Answer | None = None,
    stop_when_solved: bool = False,
    progress: Callable[[int], None] | None = None,
    watch: Callable[[np.ndarray], bool] = lambda _: False,
) -> Verification:
    """Run both for `training.steps` steps, in Verilator, and compare them in every clock.

    Only when evaluations are answered, is taken from the gateware: what the plant at its pins
    answers, both find out for themselves.

    Parameters
    ----------
    config : ExternalConfig
    folder : Path
        Where builds are kept.
    source : str, optional
        Verilog to verify instead of that of `ExternalTrainer`, with the same ports.
    plant : Answer, optional
        What is at the pins; by default, a plant that answers as soon as it may.
    stop_when_solved : bool
        Whether to end where training would; otherwise all steps are made.
    progress : callable, optional
        Called with the step reached.
    watch : callable, optional
        As that of `sim.verify.verify`.

    Raises
    ------
    RuntimeError
        If an evaluation is not answered for `PATIENCE` clocks, and nothing differs before.
    """
    trainer = ExternalTrainer(config, probe=True)
    bench, fields = ExternalBench.of(trainer), probe(config)
    source = source or simulators.to_verilog(trainer)
    build = simulators.build(source, bench, Simulator.VERILATOR, folder)
    if not stop_when_solved:
        config = config.with_training(solved_cost=-1.0, solved_accuracy=-1.0)
    found, theta = Comparison(fields, bench.probe_words), theta_of(config)
    with Session(build, bench, every=True) as session:
        gateware = Gateware(config, session, plant or Answer(config))
        trace = trace_of(config, gateware.answers(), stop_when_solved=stop_when_solved)
        for chunk in trace.chunks(CHUNK):
            records = gateware.read(len(chunk["step"]))
            equal = found.take(records, chunk)
            theta.see(records[: equal + 1])
            enough = watch(records[:equal])
            if found.history:
                if gateware.hangs is not None and found.clocks >= gateware.hangs:
                    raise RuntimeError(
                        f"no evaluation is answered after clock {found.clocks}: the gateware waits"
                    )
                break
            if enough:
                break
            if progress:
                progress(found.step)
    return found.outcome(Simulator.VERILATOR, theta.values())
