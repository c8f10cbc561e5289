"""The driver of a device with an external plant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from host.driver import Driver, State
from model.external.trainer import ExternalTrainer
from model.run import Run
from sim.external.train import Counted
from spec.external.config import ExternalConfig
from spec.external.identity import constants
from spec.external.registers import registers
from spec.registers import Register


class ExternalDevice(Driver[ExternalConfig, State]):
    """An optimizer with a link; parameters and errors are those of `Driver`."""

    def _constants(self) -> Mapping[str, int]:
        return constants(self.config, 0)

    def _registers(self, config: ExternalConfig) -> Sequence[Register]:
        return registers(config)

    def _look(self) -> State:
        return State.of(self.words("state", "state") | self.words("cost_sum", "checks"))

    def _initial_places(self, seed: int) -> list[int]:
        trainer = ExternalTrainer(self.config, [seed])
        for _ in trainer.initialise():
            pass
        return trainer.code.places()

    def result(self, seed: int, state: State) -> Run:
        """Return the run that has ended; nobody knows which samples were right."""
        return Run(seed, state.solved, state.step, 0, 0, state.cost_sum, self.theta())

    def counted(self) -> Counted:
        """Return what it has counted of the plant since start."""
        found = self.words("timeouts", "unasked")
        return Counted(found["timeouts"], found["unasked"])
