"""Faults of the change in cost."""

from __future__ import annotations

from spec.phase import Phase
from tests.sim.faults.fault import ANALOG, ANTITHETIC, COST_NOISE, Fault

FAULTS = [
    Fault(
        "C0 of perturbed costs too",
        "optimizer/change.py",
        "with m.If(«hold»):",
        "hold | changes",
        "C0",
        Phase.WAIT,
    ),
    Fault(
        "opposite cost not held",
        "optimizer/change.py",
        "«tag.hold», C, C0",
        "tag.hold & ~tag.negate",
        "C0",
        Phase.WAIT,
        ANTITHETIC,
    ),
    Fault(
        "high-pass passes the step of a new sample",
        "optimizer/change.py",
        "fixed.mux(«first»,",
        "0",
        "C_tilde",
        Phase.WAIT,
        ANALOG,
    ),
    Fault(
        "high-pass decays too little",
        "optimizer/change.py",
        "leaked = «total.scaled(-self.spec.guard).reshape(C_tilde.shape().f_bits, Rounding.AWAY)»",
        "total.scaled(-self.spec.guard).reshape(C_tilde.shape().f_bits, Rounding.TRUNCATE)",
        "C_tilde",
        Phase.WAIT,
        ANALOG,
    ),
    Fault(
        "high-pass forgets",
        "optimizer/change.py",
        "«C_tilde + step»",
        "C_tilde.scaled(0) - C_tilde + step",
        "C_tilde",
        Phase.WAIT,
        ANALOG,
    ),
    Fault(
        "cost before not held",
        "optimizer/change.py",
        "[C0.eq(«C»), C_tilde",
        "C0",
        "C0",
        Phase.WAIT,
        ANALOG,
    ),
    Fault(
        "noise on the baseline",
        "optimizer/change.py",
        "self.draw.eq(«self.tag_i.perturb»)",
        "self.tag_i.perturb | self.tag_i.hold",
        "C",
        Phase.WAIT,
        COST_NOISE,
    ),
    Fault(
        "accumulates a clock early",
        "optimizer/change.py",
        '«delay(m, changes, 1, 2, "changed")»',
        'delay(m, changes, 1, 1, "changed")',
        "phase",
        Phase.WAIT,
    ),
]
