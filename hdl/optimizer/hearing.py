"""What the cells of a block hear: the bus, and in whose turn which strobe counts."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Signal, Value
from amaranth.lib import data

from hdl.number.delay import copy
from hdl.optimizer.bus import STROBES, Tag
from hdl.optimizer.turns import Turns
from spec.optimizer import BankSpec


class Hearing:
    """Bus, tags and strobes as they reach some cells, in signals of a bank.

    Parameters
    ----------
    m : Module
        Of the bank.
    spec : BankSpec
        With `spec.copies`, bus and tag pass registers of their own, for cells that are far away.
    bus, tag
        As they reach the group; with reuse, as `turns` lets them last.
    turns : Turns or None
        With reuse.
    name : str
        Suffix of the signals' names.

    Attributes
    ----------
    bus : data.View
    tags : array of Tag
        The evaluation on each rail: of two, the first is not perturbed.
    strobes : struct
        As `STROBES`; a clock later than the bus with overlap, as ±u is.
    noise_moves : Signal
        Whether the line of noise moves on: as it is filled, and for each update.
    """

    def __init__(
        self, m: Any, spec: BankSpec, bus: Any, tag: Any, turns: Turns | None, name: str
    ) -> None:
        self._m, self._turns, self._name = m, turns, name
        perturb = tag.perturb
        if spec.copies:
            bus = copy(m, bus, bus.shape(), f"bus_of_{name}")
            perturb = copy(m, perturb, 1, f"perturb_{name}")
        self.bus = bus
        rails = spec.cell.rails
        self.tags: Any = Signal(data.ArrayLayout(Tag, rails), name=f"tags_{name}")
        m.d.comb += [
            self.tags[rails - 1].perturb.eq(perturb),
            self.tags[rails - 1].negate.eq(tag.negate),
        ]
        self.strobes = self._strobes(overlap=spec.update_delay > 0)
        self._in_turn: dict[int, Any] = {}
        if spec.cell.noise:
            self.noise_moves = Signal(name=f"noise_moves_{name}")
            updates = self.strobes.update & ~self.strobes.initialise
            m.d.comb += self.noise_moves.eq(bus.fill & ~bus.initialise | updates)

    def _strobes(self, *, overlap: bool) -> Any:
        m, bus = self._m, self.bus
        strobes: Any = Signal(STROBES, name=f"strobes_{self._name}")
        m.d.comb += [
            strobes.clear.eq(bus.clear),
            strobes.accumulate.eq(bus.accumulate),
            strobes.update.eq(bus.update),
            strobes.initialise.eq(bus.initialise),
            strobes.write.eq(bus.clear | bus.update),
            strobes.turn.eq(self._turns.turn if self._turns else 1),
        ]
        if not overlap:
            return strobes
        # `write` has a flip-flop of its own: it goes to all bits of θ of all cells.
        registered: Any = Signal(STROBES, name=f"strobes_{self._name}_registered")
        for member in STROBES.members:
            if member != "turn":
                m.d.sync += registered[member].eq(strobes[member])
        m.d.comb += registered.turn.eq(1)
        return registered

    def in_turn(self, parameters: int) -> Any:
        """Return the strobes in the turns of a cell of so many parameters."""
        if parameters not in self._in_turn:
            m, strobes = self._m, self.strobes
            mine: Any = Signal(STROBES, name=f"strobes_in_{parameters}")
            turn = self.place(parameters)[0]
            self._in_turn[parameters] = mine
            m.d.comb += [
                mine.eq(strobes),
                mine.turn.eq(turn),
                mine.accumulate.eq(strobes.accumulate & turn),
                mine.update.eq(strobes.update & turn),
                mine.write.eq(strobes.write & (turn | strobes.clear)),
            ]
        return self._in_turn[parameters]

    def place(self, parameters: int) -> tuple[Value, Value]:
        """Return whether it is a turn of such a cell, and by how much its ring has moved on."""
        if self._turns is None:
            return self.strobes.turn, Signal()
        return self._turns.among(self._m, parameters)
