"""The bus that every cell hears, and the tag of an evaluation."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Value
from amaranth.lib import data

from hdl.number import fixed
from spec.numbers import Format


class TagView(data.View):
    """The tag of an evaluation, in a signal."""

    @property
    def valid(self) -> Value:
        """Whether there is an evaluation."""
        return self.as_value().any()

    @property
    def changes(self) -> Value:
        """Whether its cost makes a C̃."""
        return self.perturb & ~self.hold


class TagLayout(data.StructLayout):
    """What an evaluation is for. The tag travels with it, and comes back beside its cost.

    perturb
        θ + θ̃ is on the weights, or θ - θ̃.
    negate
        θ - θ̃ is.
    hold
        Its cost is sampled and held as C0.
    first
        The first of a new sample, which the high-pass of the analog loop skips.
    count
        Of a check: its cost and its correctness are counted.

    None of them: no evaluation.
    """

    def __init__(self) -> None:
        super().__init__(dict.fromkeys(("perturb", "negate", "hold", "first", "count"), 1))

    def __call__(self, target: Any) -> TagView:
        """Look at bits as a tag."""
        return TagView(self, target)


Tag = TagLayout()


def layout(u: Format, broadcast: dict[str, Any]) -> data.StructLayout:
    """Lay out the bus.

    u
        The change in cost, scaled, in LSBs of θ.
    clear
        Strobe: θ and G become zero.
    perturb
        Strobe: take the next perturbation.
    accumulate
        Strobe: G ← sat(G ± u).
    update
        Strobe: θ ← sat(θ - G); G ← 0.
    fill
        Strobe: take the neighbour's random bit, and the neighbour's noise if there is any.
    initialise
        Whether that bit is the sign of u now, and updates are free of noise and leave nothing;
        with `fill`, the noise stays.

    Parameters
    ----------
    u : Format
    broadcast : dict
        What the perturbation says to all cells, if anything.
    """
    names = ("clear", "perturb", "accumulate", "update", "fill", "initialise")
    return data.StructLayout({"u": fixed.of(u), **dict.fromkeys(names, 1), **broadcast})


STROBES = data.StructLayout(
    dict.fromkeys(("clear", "accumulate", "update", "initialise", "write"), 1)
)
"""What θ and G of a cell hear of it: `write` is clear or update, and may come from a flip-flop of
its own."""
