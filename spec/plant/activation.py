"""Activations."""

from __future__ import annotations

from dataclasses import dataclass

from spec import activation
from spec.activation import TABLED, Activation


@dataclass(frozen=True)
class ActivationSpec:
    """An activation: a = f(z), saturating.

    Parameters
    ----------
    kind : Activation
    fraction_bits : int
        Of z and a.
    amplitude : int
        Δθ = 2**amplitude, for the tables.
    deep : bool
        Whether PLAN chooses a segment in a clock of its own.
    """

    kind: Activation
    fraction_bits: int
    amplitude: int
    deep: bool = False

    @property
    def range(self) -> tuple[int, int]:
        """Lowest and highest output, in LSBs."""
        return self.kind.range(self.fraction_bits)

    @property
    def table(self) -> activation.Table:
        """Table of a tabled activation."""
        return activation.table(self.kind, self.fraction_bits, self.amplitude)

    @property
    def latency(self) -> int:
        """Clocks from z to a: a clamp is one, PLAN two or three, a table three."""
        if self.kind in TABLED:
            return 3
        return 2 + self.deep if self.kind is Activation.PLAN else 1
