"""A time constant: what is due every τ steps."""

from __future__ import annotations

from amaranth.hdl import Module, Mux, Signal, Value

from hdl.number.delay import delay


def due_every(
    m: Module,
    tau: Value,
    *,
    clear: Value,
    end: Value,
    restart: Value,
    at_start: int,
    long: bool = False,
) -> tuple[Signal, Signal]:
    """Count steps modulo τ, in the `sync` domain.

    Parameters
    ----------
    m : Module
        Where the counter goes.
    tau : Value
        τ − 1, read at the end of a step. It may change, also to what has been counted already, or
        less.
    clear, end : Value
        Strobes: back to n = 0; the last clock of a step.
    restart : Value
        In the last clock of a step: count from the next step on.
    at_start : int
        What is returned for n = 0.
    long : bool
        Whether steps take more than a clock, and τ is there a clock before their end: a register
        compares.

    Returns
    -------
    due : Signal
        Whether n is a multiple of τ: a register, what `end` changes shows in the next clock.
    elapsed : Signal
        What it will be then, in the clock of `end`.
    """
    count, due, elapsed = Signal(16), Signal(), Signal()
    # In a step that is due, nothing is counted yet, whatever `count` is: so it waits for no `tau`.
    reached = Mux(due, tau == 0, count >= tau)
    if long:
        reached = delay(m, reached, 1, 1, "reached")
    m.d.comb += elapsed.eq(reached | restart)
    with m.If(clear):
        m.d.sync += [count.eq(0), due.eq(at_start)]
    with m.Elif(end):
        m.d.sync += [count.eq(Mux(due, 1, count + 1)), due.eq(elapsed)]
    return due, elapsed
