"""What the cells of a block hear."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Signal
from amaranth.lib import data

from hdl.number.delay import copy
from hdl.optimizer.bus import STROBES, Tag
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
        As they reach the group.
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

    def __init__(self, m: Any, spec: BankSpec, bus: Any, tag: Any, name: str) -> None:
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
        self.strobes = _strobes(m, bus, name, overlap=spec.update_delay > 0)
        if spec.cell.noise:
            self.noise_moves = Signal(name=f"noise_moves_{name}")
            updates = self.strobes.update & ~self.strobes.initialise
            m.d.comb += self.noise_moves.eq(bus.fill & ~bus.initialise | updates)


def _strobes(m: Any, bus: Any, name: str, *, overlap: bool) -> Any:
    """Return the strobes of a bus; with overlap a clock later, for ±u."""
    strobes: Any = Signal(STROBES, name=f"strobes_{name}")
    m.d.comb += [
        strobes.clear.eq(bus.clear),
        strobes.accumulate.eq(bus.accumulate),
        strobes.update.eq(bus.update),
        strobes.initialise.eq(bus.initialise),
        strobes.write.eq(bus.clear | bus.update),
    ]
    if not overlap:
        return strobes
    # `write` has a flip-flop of its own: it goes to all bits of θ of all cells.
    registered: Any = Signal(STROBES, name=f"strobes_{name}_registered")
    for member in STROBES.members:
        m.d.sync += registered[member].eq(strobes[member])
    return registered
