"""Random code (R-CM): fresh ±Δθ for all cells, from a delay line that one LFSR feeds."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal, Value

from hdl.optimizer.perturbation.base import Perturbation


class RandomCode(Perturbation):
    """Each cell takes its neighbour's bit; what makes a perturbation also fills the initial θ."""

    def shifts(self, fill: Value, perturb: Value) -> Value:
        """When the line shifts: always."""
        return fill | perturb

    def strobe(self, fill: Value, perturb: Value) -> Value:
        """When cells hear `perturb`: for the initial θ too."""
        return fill | perturb

    def follow(self, m: Module, state: Signal, bus: Any, line: Any, number: Any) -> None:
        """Take the neighbour's bit."""
        with m.If(bus.perturb):
            m.d.sync += state.eq(line.bit)


MAKES = {"rcm": RandomCode}
