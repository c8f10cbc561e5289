"""What has come of training an external plant."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from host.external.accuracy import accuracy_of
from host.outcome import Outcome
from model.run import Counted, Run
from spec import derive
from spec.external.config import ExternalConfig


@dataclass(frozen=True)
class PlantTraining(Outcome[ExternalConfig]):
    """The outcome of training an external plant; its model, if it was that, knows how good."""

    places: ClassVar[int] = 5

    @property
    def title(self) -> str:
        """What was trained."""
        return self.config.plant.model or "plant"

    def accuracy(self, run: Run) -> float | None:
        """Return what the plant's model says of a run's θ, if it was trained."""
        return accuracy_of(self.config, run.theta) if self.modelled else None

    def clocks(self, run: Run) -> int | None:
        """Clocks of a run in simulated gateware; nobody else knows the plant's time."""
        return run.clocks if self.engine == "sim" else None

    def counted(self) -> Counted:
        """Return what was counted of the plant in all runs."""
        found = [run.counted for run in self.runs if run.counted]
        return Counted(sum(one.timeouts for one in found), sum(one.unasked for one in found))

    def run_to_json(self, k: int) -> dict[str, Any]:
        """Return what the documented JSON has of a run besides what all have."""
        run = self.runs[k]
        counted = asdict(run.counted) if run.counted else {"timeouts": None, "unasked": None}
        return counted | {"theta": run.theta.tolist()}

    def more_to_json(self) -> dict[str, Any]:
        """Return what `theta` of the runs is in."""
        return {"theta_fraction_bits": derive.theta(self.config).fraction_bits}
