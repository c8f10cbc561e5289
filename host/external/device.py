"""The driver of a device with an external plant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from host.driver import Driver
from host.state import State
from model.external.trainer import ExternalTrainer
from model.run import Counted, Run
from spec.external.config import ExternalConfig
from spec.external.identity import constants
from spec.external.registers import registers
from spec.registers import Register


class ExternalDevice(Driver[ExternalConfig, State]):
    """An optimizer with a link; parameters and errors are those of `Driver`."""

    golden = ExternalTrainer
    unsolvable = "solved_below", 0

    def _constants(self) -> Mapping[str, int]:
        return constants(self.config, 0)

    def _registers(self, config: ExternalConfig) -> Sequence[Register]:
        return registers(config)

    def _look(self) -> State:
        return State.of(self.words("state", "state") | self.words("cost_sum", "checks"))

    def result(self, seed: int, state: State) -> Run:
        """Return the run that has ended; nobody knows which samples were right."""
        theta, counted = self.theta(), self.counted()
        return Run(seed, state.solved, state.step, 0, 0, state.cost_sum, theta, counted=counted)

    def remark(self) -> str:
        """Say how often the plant was asked again."""
        timeouts = self.counted().timeouts
        return f", asked again {timeouts:,} times" if timeouts else ""

    def counted(self) -> Counted:
        """Return what it has counted of the plant since start."""
        found = self.words("timeouts", "unasked")
        return Counted(found["timeouts"], found["unasked"])
