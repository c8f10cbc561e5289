"""No G: θ moves by each u at once, for τ_θ = 1."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Const, Module, Value

from hdl.number import fixed, saturating
from spec.optimizer import CellSpec


class Direct:
    """θ ← sat(θ - u·θ̃/Δθ).

    Parameters
    ----------
    spec : CellSpec

    Attributes
    ----------
    descends : bool
        Whether the contribution comes with the sign of -u·θ̃/Δθ, so that it is added to θ.
    """

    descends = True

    def __init__(self, spec: CellSpec) -> None:
        self.spec = spec

    def writes(self, strobes: Any) -> Value:
        """Whether G changes: there is none."""
        return Const(0)

    def next(
        self, m: Module, theta: fixed.Value, G: fixed.Value, contribution: tuple[Any, Value],
        strobes: Any, noise: fixed.Value | None,
    ) -> tuple[fixed.Value, fixed.Value]:  # fmt: skip
        """Return θ after an update, and G as it is."""
        return saturating.add(m, theta, *contribution), G
