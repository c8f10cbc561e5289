"""Commands to a trainer whose parameters are in memory: store a word, evaluate a sample."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out


class ByWords(wiring.Component):
    """Carries out `evaluate` and writes of words, one at a time.

    Latency: `evaluate` as long as a pass takes; a word as long as `Access` takes; and 1 more each.

    Parameters
    ----------
    hand : data.StructLayout
        Of `FoldedTrainer`.

    Members
    -------
    write : In(1)
        Whether there is a command. What it is stays until `done`; there is a clock without one
        between two.
    of_word : In(1)
        Whether it is a word to store.
    data : In(32)
        What is written.
    answered, came : In(1)
        Strobes: the cost of an evaluation is there; the word is stored.
    hand : Out(hand)
    store : Out(1)
        Whether a word is to be stored.
    done : Out(1)
        Strobe: the command ends in this clock.
    """

    write: Signal
    of_word: Signal
    data: Signal
    answered: Signal
    came: Signal
    hand: Any
    store: Signal
    done: Signal

    early = ()
    """As of `ByHand`."""

    def __init__(self, hand: data.StructLayout) -> None:
        super().__init__(
            {
                **dict.fromkeys(("write", "of_word", "answered", "came"), In(1)),
                "data": In(32),
                "hand": Out(hand),
                "store": Out(1),
                "done": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Begin each command once."""
        m = Module()
        begun = Signal()
        m.d.sync += begun.eq(self.write & ~self.done)
        m.d.comb += [
            self.hand.evaluate.eq(self.write & ~self.of_word & ~begun),
            self.hand.sample.eq(self.data),
            self.store.eq(self.write & self.of_word),
            self.done.eq(self.write & Mux(self.of_word, self.came, self.answered)),
        ]
        return m
