"""Learning rules: a kind in each file. (θ, G, contribution, strobes) → (θ', G'), pure.

A contribution is ±u·θ̃/Δθ, as a value and a carry in its LSB (`saturating.add`).
"""

from __future__ import annotations

from hdl.optimizer.rule.direct import Direct
from hdl.optimizer.rule.integrate import Integrate
from hdl.optimizer.rule.leak import Leak
from spec.optimizer import CellSpec


def of(spec: CellSpec) -> Direct | Integrate:
    """Return the rule by which a cell learns."""
    return (Leak if spec.leak else Integrate if spec.accumulate else Direct)(spec)


__all__ = ["Direct", "Integrate", "Leak", "of"]
