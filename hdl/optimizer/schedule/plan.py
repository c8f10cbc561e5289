"""The plan: η and the time constants change at given steps."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hdl.number.delay import delay
from spec.lfsr import SEED_BITS
from spec.optimizer import ETA_SHIFT_BITS, Stage


class Plan(wiring.Component):
    """Passes the registers on until the first change, then the values of the latest one.

    Latency: none from the registers to the outputs; a change shows in the first clock of its step.

    Parameters
    ----------
    stages : tuple of Stage
    less : int
        By how much times are less than documented, as the registers are.
    long : bool
        Whether steps take more than a clock: a register compares n.

    Members
    -------
    clear : In(1)
        Strobe: back to the registers.
    step : In(32)
        n.
    end : In(1)
        Strobe: the last clock of step n.
    tau_p_i, tau_x_i, tau_theta_i, eta_shift_i : In
        The registers.
    tau_p, tau_x, tau_theta, eta_shift : Out
        What holds now.
    restart : Out(1)
        With `end` only: a change comes, all periods start anew.
    """

    clear: Signal
    step: Signal
    end: Signal
    restart: Signal
    eta_shift: Signal

    def __init__(self, stages: tuple[Stage, ...], less: int = 0, *, long: bool = False) -> None:
        self.stages, self.long = stages, long
        self.less = dict.fromkeys(TIMES, less) | {"eta_shift": 0}
        widths = dict.fromkeys(TIMES, 16) | {"eta_shift": ETA_SHIFT_BITS}
        members = {"clear": In(1), "step": In(32), "end": In(1), "restart": Out(1)}
        members |= {f"{name}_i": In(width) for name, width in widths.items()}
        members |= {name: Out(width) for name, width in widths.items()}
        super().__init__(members)

    def elaborate(self, platform: object) -> Module:
        """Build the choice of the stage."""
        m = Module()
        changes = self.stages
        stage = Signal(range(len(changes) + 1))
        last = Signal()  # of this stage
        for name in (*TIMES, "eta_shift"):
            m.d.comb += getattr(self, name).eq(getattr(self, f"{name}_i"))
        with m.Switch(stage):
            for k in range(len(changes) + 1):
                with m.Case(k):
                    if k:
                        names = (*TIMES, "eta_shift")
                        m.d.comb += [
                            getattr(self, name).eq(getattr(changes[k - 1], name) - self.less[name])
                            for name in names
                        ]
                    if k < len(changes):
                        m.d.comb += last.eq(self.step == changes[k].step - 1)
        if self.long:
            last = delay(m, last, 1, 1, "last_of_stage")
        m.d.comb += self.restart.eq(self.end & last)
        with m.If(self.clear):
            m.d.sync += stage.eq(0)
        with m.Elif(self.restart):
            m.d.sync += stage.eq(stage + 1)
        return m


def held_registers(
    m: Module, part: Any, schedule: Any, stages: tuple[Stage, ...], *, less: int, long: bool = False
) -> dict[str, Value]:
    """Take η and the time constants between two steps, or from the plan if there is one.

    Parameters
    ----------
    m : Module
        Of `part`.
    part : Component
        Has the registers as ports.
    schedule : Component
        Has `busy`, `clear`, `step`, `next_step` and `restart`.
    stages : tuple of Stage
    less : int
        1 if registers are taken as they are, at any time, less by 1; else 0.
    long : bool
        As that of `Plan`.

    Returns
    -------
    dict of str to Value
        What holds now, by name.
    """
    names = (*TIMES, "eta_shift")
    held: dict[str, Value] = {name: getattr(part, name) for name in names}
    if not less:
        registers = {name: Signal(REGISTERS[name], name=f"{name}_held") for name in names}
        with m.If(~schedule.busy | schedule.next_step):
            m.d.sync += [registers[name].eq(getattr(part, name)) for name in names]
        held |= registers
    if stages:
        m.submodules.plan = plan = Plan(stages, less, long=long)
        for name in names:
            m.d.comb += getattr(plan, f"{name}_i").eq(held[name])
        held = {name: getattr(plan, name) for name in names}
        m.d.comb += [
            plan.clear.eq(schedule.clear),
            plan.step.eq(schedule.step),
            plan.end.eq(schedule.next_step),
            schedule.restart.eq(plan.restart),
        ]
    return held


TIMES = ("tau_p", "tau_x", "tau_theta")

REGISTERS = {
    **dict.fromkeys((*TIMES, "check_every"), 16),
    "eta_shift": ETA_SHIFT_BITS,
    "seed": SEED_BITS,
    "steps": 32,
}
"""Registers of the optimizer, and their bits."""
