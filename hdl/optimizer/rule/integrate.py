"""G is the sum of what was found since the last update; an update uses it up."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux, Value

from hdl.number import fixed, saturating
from spec.optimizer import CellSpec


class Integrate:
    """G ← sat(G + u·θ̃/Δθ) with `accumulate`; θ ← sat(θ - G); G ← 0 with `update`.

    Parameters
    ----------
    spec : CellSpec

    Attributes
    ----------
    descends : bool
        Whether the contribution comes with the sign of -u·θ̃/Δθ.
    """

    descends = False

    def __init__(self, spec: CellSpec) -> None:
        self.spec = spec

    def writes(self, strobes: Any) -> Value:
        """Whether G changes."""
        return strobes.clear | strobes.update | strobes.accumulate

    def next(
        self, m: Module, theta: fixed.Value, G: fixed.Value, contribution: tuple[Any, Value],
        strobes: Any, noise: fixed.Value | None,
    ) -> tuple[fixed.Value, fixed.Value]:  # fmt: skip
        """Return θ after an update, and G after whichever strobe there is, or both."""
        kept, before, only = self.kept(m, G, strobes), G, strobes.update
        if self.spec.coincide:  # what is kept is then added to
            before = fixed.named(m, fixed.mux(strobes.update, kept, G), "before")
            only = strobes.update & ~strobes.accumulate
        accumulated = saturating.add(m, before, *contribution)
        raw = Mux(only, kept.as_value(), accumulated.as_value())
        return self.updated(m, theta, G, noise), fixed.Value(G.shape(), raw.as_signed())

    def updated(
        self, m: Module, theta: fixed.Value, G: fixed.Value, noise: fixed.Value | None
    ) -> fixed.Value:
        """Return sat(θ - G), and noise if there is any."""
        if noise is None:
            return saturating.subtract(m, theta, G)
        return fixed.named(m, theta - G + noise, "moved").saturate(theta.shape())

    def kept(self, m: Module, G: fixed.Value, strobes: Any) -> fixed.Value:
        """Return what an update leaves of G."""
        return fixed.constant(G.shape(), 0)
