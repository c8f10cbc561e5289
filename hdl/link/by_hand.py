"""Commands that take the schedule's place: load the line and θ, evaluate a sample."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from spec.map import LARGEST_LEARN, LINE_BITS, TAG_PLACE, address_of
from spec.numbers import bits_for
from spec.optimizer import JOINED

BY_HAND = ("line", "u", "learn", "evaluate")

COMMAND_BITS = bits_for(len(BY_HAND))
"""Of an address in the page, the lowest: no two of these have the same."""


class ByHand(wiring.Component):
    """Carries out the commands `line`, `u`, `learn` and `evaluate`, one at a time.

    Latency: `line` a clock for each place in the line; `u` 1; `learn` 1, and 2 for each time, or 1
    and as many as it takes until `swept`;
    `evaluate` as long as the plant takes, and 1 more; 2 with an empty tag, which evaluates nothing.
    `done` comes a clock after the last of them.

    Parameters
    ----------
    orders : data.StructLayout
        `hdl.optimizer.hand.orders_layout`.
    line : data.StructLayout
        Of a place in the line.

    Members
    -------
    write : In(1)
        Whether there is a command. What it is stands a clock before, and stays until `done`; there
        is a clock without one between two.
    command : In
        The lowest bits of its address, which tell the four apart.
    data : In(32)
        What is written.
    answered : In(1)
        Strobe: the cost of an evaluation is there.
    swept : In(1)
        Whether an update ends in this clock; left open, it takes none but its own.
    hand : Out(orders)
    line : Out(line)
    done : Out(1)
        Strobe: the command has ended in the clock before; a register.
    """

    write: Signal
    command: Signal
    data: Signal
    answered: Signal
    swept: Signal
    hand: Any
    line: Any
    done: Signal

    early = JOINED
    """Strobes of `hand` that are registered where they are heard, and not on the way there."""

    def __init__(self, orders: data.StructLayout, line: data.StructLayout) -> None:
        self.places = places(line)
        super().__init__(
            {
                "write": In(1),
                "command": In(COMMAND_BITS),
                "data": In(32),
                "answered": In(1),
                "swept": In(1, init=1),  # pyright: ignore[reportCallIssue]
                "hand": Out(orders),
                "line": Out(line),
                "done": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build a counter, which is loaded before a command begins, and a case for each command."""
        m = Module()
        hand: Any = self.hand
        left = Signal(range(2 * LARGEST_LEARN + 1), reset_less=True)
        active, begun, learns, none_left = Signal(), Signal(), Signal(), Signal()
        learning = Signal(attrs={"keep": 1})  # shared by what synthesis would take apart
        place = Signal(range(self.places))
        tag = self.data[TAG_PLACE : TAG_PLACE + len(Value.cast(hand.tag))]
        m.d.comb += [
            active.eq(self.write & ~self.done),
            learns.eq(self.command == _command("learn")),
            none_left.eq(left == 0),
            place.eq(~left),
            hand.init_u.as_value().eq(self.data),
            hand.address.eq(self.data),
            self.line.eq(self.data[:LINE_BITS].word_select(place, self.line.shape().size)),
        ]
        line, u, learn, evaluate = (active & (self.command == _command(name)) for name in BY_HAND)
        enters = Signal()
        m.d.sync += [
            begun.eq(active),
            enters.eq(evaluate & ~begun),
            self.done.eq(
                (line & (place == self.places - 1))
                | u
                | (learn & none_left)
                | (evaluate & (self.answered | (enters & ~tag.any())))
            ),
        ]
        m.d.comb += [
            learning.eq(learn & ~none_left),
            hand.fill.eq(line),
            hand.preparing.eq(u),
            hand.initialising.eq(line | learning),
            hand.accumulate.eq(learning & ~left[0]),
            hand.update.eq(learning & left[0]),
            hand.read.eq(evaluate & ~begun),
            hand.sweep.eq(evaluate & ~begun),
            hand.tag.eq(tag & enters.replicate(len(tag))),
        ]
        less = Signal.like(left)  # by one, if there is a command: a bit is a logic cell of an iCE40
        counts = Signal()
        m.d.comb += counts.eq(self.write & (self.swept | ~learns | ~left[0]))
        m.d.comb += less.eq(left + counts.replicate(len(left)))
        with m.If(~self.write & ~learns):
            m.d.sync += left.eq(-1)
        with m.Else():
            m.d.sync += left.eq(Mux(self.write, less, Cat(0, self.data[: len(left) - 1])))
        return m


def places(line: data.StructLayout) -> int:
    """How many places of the line the bits of a word fill."""
    return LINE_BITS // line.size


def _command(name: str) -> int:
    return address_of(name) % (1 << COMMAND_BITS)
