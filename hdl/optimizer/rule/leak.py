"""G leaks: momentum, and the leaky integrator of the analog loop."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module

from hdl.number import fixed
from hdl.optimizer.rule.integrate import Integrate
from spec.numbers import Rounding


class Leak(Integrate):
    """As `Integrate`, but G ← G - (G >> leak) with `update`, the shift rounded away from zero."""

    def kept(self, m: Module, G: fixed.Value, strobes: Any) -> fixed.Value:
        """Return what an update leaves of G: nothing of the initial θ."""
        leaked = G.scaled(-self.spec.leak).reshape(G.shape().f_bits, Rounding.AWAY)
        rest = fixed.named(m, G - leaked, "rest").saturate(G.shape())
        nothing = fixed.constant(G.shape(), 0)
        kept = fixed.mux(strobes.initialise, nothing, rest)
        return fixed.named(m, fixed.Value(G.shape(), kept.as_value()[: len(G.as_value())]), "kept")
