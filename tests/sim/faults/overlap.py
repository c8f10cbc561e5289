"""Faults of steps that overlap."""

from __future__ import annotations

from spec.phase import Phase
from tests.sim.faults.fault import (
    HIDDEN,
    NO_G,
    NODE_FIXED,
    NODE_MORE,
    NODE_NO_G,
    NODE_OVERLAP,
    NODE_RAILS,
    NODE_REGISTERED,
    OVERLAP,
    OVERLAP_MORE,
    OVERLAP_PLAN,
    RAILS,
    Fault,
)

INPUTS = "«delay(m, long_delay(m, inputs, shape, age - 1, name), shape, 1, name)»"
MASKED = "Value.cast(inputs) & tag.perturb.replicate(len(Value.cast(inputs)))"
SIGNS = "«[*signs, *spare][self.spec.line_lag :]»"
OF_A_STEP = {
    # Nothing before the first step, as the sample memory has not been read.
    "an input of the step before": (
        INPUTS,
        f"delay(m, long_delay(m, {MASKED}, shape, age - 1 + spec.interval, name + '_before'), "
        "shape, 1, name)",
    ),
    "an input of the step after": (
        INPUTS,
        "delay(m, long_delay(m, inputs, shape, age - 1 - spec.interval, name + '_after'), "
        "shape, 1, name)",
    ),
    "a sign of the step before": (SIGNS, "[*signs, *spare, 0][self.spec.line_lag + 1 :]"),
    "a sign of the step after": (SIGNS, "[*signs, *spare][self.spec.line_lag - 1 :]"),
}
"""By node perturbation, what a u is for is that of its step. With two rails, the last ones are used
while a check waits."""

FAULTS = [
    *(
        Fault(
            f"{name}, {where}",
            "optimizer/bank.py",
            *texts,
            signal,
            last if "after" in name else Phase.PERTURBED,
            config,
        )
        for where, config, signal, last in (
            ("one rail", NODE_OVERLAP, "G", Phase.PERTURBED),
            ("two rails", NODE_RAILS, "G", Phase.WAIT),
            ("two rails without G", NODE_NO_G, "theta", Phase.WAIT),
            ("copies of the bus", NODE_MORE, "G", Phase.PERTURBED),
        )
        for name, texts in OF_A_STEP.items()
        if config is not NODE_MORE or "before" not in name
    ),
    Fault(
        "the bit of the step after",
        "optimizer/bank.py",
        SIGNS,
        "[*signs, *spare][self.spec.line_lag - 1 :]",
        "G",
        Phase.PERTURBED,
        OVERLAP,
    ),
    Fault(
        "no spare flip-flops",
        "optimizer/bank.py",
        "spare.eq(«Cat(end, spare)»)",
        "0",
        "G",
        Phase.PERTURBED,
        OVERLAP,
    ),
    Fault(
        "the line stands still in a check",
        "optimizer/schedule/overlapped.py",
        "self.perturb.eq(«~slot»)",
        "0",
        "perturbation",
        Phase.WAIT,
        OVERLAP,
    ),
    Fault(
        "update a step late",
        "optimizer/schedule/overlapped.py",
        '«delay(m, issued & due, 1, self.spec.flight - 1, "ended")»',
        'delay(m, issued & due, 1, self.spec.flight - 1 + self.spec.interval, "ended")',
        "G",
        Phase.BASELINE,
        OVERLAP,
    ),
    Fault(
        "accumulates a step early",
        "optimizer/schedule/overlapped.py",
        '«delay(m, issued, 1, self.spec.flight - 2, "found")»',
        'delay(m, issued, 1, self.spec.flight - 2 - self.spec.interval, "found")',
        "G",
        Phase.PERTURBED,
        OVERLAP,
    ),
    Fault(
        "a check does not wait",
        "optimizer/schedule/overlapped.py",
        "wait(«self.spec.flight»,",
        "2",
        "phase",
        Phase.WAIT,
        OVERLAP,
    ),
    Fault(
        "u is not delayed",
        "optimizer/optimizer.py",
        "u = register\n        return «u»",
        "change.u",
        "G",
        Phase.PERTURBED,
        OVERLAP_MORE,
    ),
    Fault(
        "a neuron has no copy of the bus",
        "optimizer/hearing.py",
        'bus = «copy(m, bus, bus.shape(), f"bus_of_{name}")»',
        "bus",
        "perturbation",
        Phase.INIT_SHIFT,
        OVERLAP_MORE,
    ),
    Fault(
        "an update at twice the right clock",
        "optimizer/hearing.py",
        "m.d.sync += registered[member].eq(«strobes[member]»)",
        'strobes[member] | (registered[member] if member == "write" else 0)',
        "theta",
        Phase.INIT_SHIFT,
        HIDDEN | NO_G,
    ),
    Fault(
        "eta of another step",
        "optimizer/optimizer.py",
        '«delay(m, held["eta_shift"], ETA_SHIFT_BITS, waits, "eta_shift")»',
        'held["eta_shift"]',
        "u",
        Phase.BASELINE,
        OVERLAP_PLAN,
    ),
    Fault(
        "rails exchanged",
        "optimizer/change.py",
        "C0.eq(«self.costs[0]»)",
        "self.costs[1]",
        "C0",
        Phase.PERTURBED,
        RAILS,
    ),
    Fault(
        "weights of the rails exchanged",
        "trainer.py",
        "«optimizer.weights[name][rail]» for",
        "optimizer.weights[name][1 - rail]",
        "C",
        Phase.PERTURBED,
        RAILS,
    ),
    Fault(
        "what is kept is not added to",
        "optimizer/rule/integrate.py",
        "«fixed.mux(strobes.update, kept, G)»",
        "G",
        "G",
        Phase.WAIT,
        HIDDEN | RAILS,
    ),
    Fault(
        "learns without G by the wrong sign",
        "optimizer/rule/direct.py",
        "descends = True",
        "descends = False",
        "theta",
        Phase.INIT_SHIFT,
        HIDDEN | NO_G,
    ),
    Fault(
        "the strobe of another u",
        "optimizer/hearing.py",
        "m.d.sync += registered[member].eq(«strobes[member]»)",
        "registered[member]",
        "G",
        Phase.INIT_SHIFT,
        OVERLAP,
    ),
    Fault(
        "negated but for the carry",
        "optimizer/correlator.py",
        "amount, negative), «negative»",
        "0",
        "G",
        Phase.INIT_SHIFT,
        RAILS,
    ),
    Fault(
        "u times an input is not registered",
        "optimizer/correlator.py",
        'rounded = «later(m, rounded, 0 if early is None else 1, f"rounded_{k}")»',
        "rounded",
        "G",
        Phase.WAIT,
        NODE_RAILS,
    ),
    Fault(
        "a bias's u comes too early",
        "optimizer/correlator.py",
        'late = «later(m, amount, spec.lead, "u_late")»',
        'later(m, amount, spec.lead - 1, "u_late")',
        "G",
        Phase.WAIT,
        NODE_FIXED,
    ),
    *(
        Fault(
            f"u of a product is that of the step {name}",
            "optimizer/bank.py",
            'early = «correlator.later(m, self.bus.u, spec.product_start(group), f"u_{index}")»',
            f'correlator.later(m, self.bus.u, spec.product_start(group) {more}, f"u_{{index}}")',
            "G",
            Phase.WAIT,
            config,
        )
        for name, more, config in (
            ("before", "+ 1", NODE_RAILS),
            ("after", "- 1", NODE_RAILS),
            ("before, registered", "+ 1", NODE_REGISTERED),
        )
    ),
    Fault(
        "no copies of u times an input",
        "optimizer/bank.py",
        "if spec.copies:\n                heard",
        "if False:\n                heard",
        "G",
        Phase.PERTURBED,
        NODE_MORE,
    ),
]
