"""Weights one after the other: what asks for them, and what has them."""

from __future__ import annotations

from typing import Any

from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl.number import fixed
from hdl.optimizer.state import state_layout
from spec.numbers import Format, bits_for
from spec.optimizer import BankSpec


class Words(wiring.Signature):
    """Numbers one way, weights back, as a pipeline that both can hold.

    Parameters
    ----------
    weight : Format
    count : int
        Numbers that are asked for.

    Members, as the one sees them who asks
    --------------------------------------
    begin : Out(1)
        Strobe: the number is 0 in the next clock.
    number : Out
        Up to `count`, at which nothing is asked for.
    moves : Out(1)
        Whether the pipeline moves, so that the next number comes; only while not `blocked`.
    blocked : In(1)
        Whether it must not move.
    weight : In(weight)
        Of the number a latency before, in clocks in which the pipeline moved.
    """

    def __init__(self, weight: Format, count: int) -> None:
        super().__init__(
            {
                "begin": Out(1),
                "number": Out(range(count + 1)),
                "moves": Out(1),
                "blocked": In(1),
                "weight": In(fixed.of(weight)),
            }
        )


def request_layout(spec: BankSpec) -> data.StructLayout:
    """Lay out a request for a word.

    ask
        Whether there is one; it stays, and all below with it, until it is answered, and then falls.
    of_G
        Whether it is for G and not for θ.
    number
        Of the parameter.
    """
    return data.StructLayout({"ask": 1, "of_G": 1, "number": number_bits(spec)})


def writes_layout(spec: BankSpec) -> data.StructLayout:
    """Lay out what the probe shows of a word that is written back; else all of it is 0."""
    state: dict[str, Any] = dict(state_layout(spec.cell).members)
    return data.StructLayout({"written": 1, "number": number_bits(spec)} | state)


def number_bits(spec: BankSpec) -> int:
    """Bits of a parameter's number."""
    return max(1, bits_for(spec.parameters))
