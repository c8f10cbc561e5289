"""A state machine with a flip-flop for each state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_

from amaranth.hdl import Const, Module, Signal, Value, ValueLike

Move = tuple[str, ValueLike, str]
"""From a state, when something holds, to another."""


class OneHot:
    """Whether the machine is in a state is a register: nothing decodes a number.

    So what depends on the state is a level of logic shorter than with `m.FSM`.

    Parameters
    ----------
    states : sequence of str
    init : str
        The one after a reset.
    """

    def __init__(self, states: Sequence[str], init: str) -> None:
        self.states = {name: Signal(name=f"in_{name}", init=name == init) for name in states}

    def __getitem__(self, name: str) -> Signal:
        return self.states[name]

    def any(self, *names: str) -> Value:
        """Whether the machine is in one of these states."""
        return reduce(or_, (self.states[name] for name in names))

    def build(self, m: Module, moves: Iterable[Move]) -> None:
        """Move from state to state. Of a state's moves, at most one may be possible at a time."""
        enters: dict[str, Value] = dict.fromkeys(self.states, Const(0, 1))
        leaves = dict(enters)
        for source, when, target in moves:
            move = Signal(name=f"{source}_to_{target}")
            m.d.comb += move.eq(self.states[source] & when)
            leaves[source] |= move
            enters[target] |= move
        m.d.sync += [
            state.eq(enters[name] | (state & ~leaves[name])) for name, state in self.states.items()
        ]
