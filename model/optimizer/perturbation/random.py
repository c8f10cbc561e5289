"""Random code (R-CM): fresh ±Δθ for all cells, from a delay line that one LFSR feeds."""

from __future__ import annotations

from model.optimizer.perturbation.base import Perturbation


class RandomCode(Perturbation):
    """Each cell takes its neighbour's bit; what makes a perturbation also fills the initial θ."""

    def perturb(self) -> None:
        """Shift; in the analog loop this is a shift of as many as `ScheduleSpec.shifts` says."""
        self.fill()


MAKES = {"rcm": RandomCode}
