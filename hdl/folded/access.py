"""Access to single words of the lanes, beside what the engine does with them."""

from __future__ import annotations

from operator import or_
from typing import Any

from amaranth.hdl import Const, Module, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl.number import fixed
from hdl.number.delay import delay
from hdl.number.tree import tree
from spec.folded import ADDRESS_LATENCY, MEMORY_LATENCY, FoldedSpec
from spec.numbers import bits_for
from spec.plant import tree_latency


def request_layout(spec: FoldedSpec) -> data.StructLayout:
    """Lay out a request.

    ask
        Whether there is one; it stays, and all below with it, until `came`, and then falls.
    store
        Whether θ of the word is to become `theta`, its bit staying what it is.
    lane, address
        Of the word.
    theta
        What it becomes.
    """
    return data.StructLayout(
        {
            "ask": 1,
            "store": 1,
            "lane": max(1, bits_for(spec.lanes)),
            "address": spec.address_bits,
            "theta": spec.theta.bits,
        }
    )


class Access(wiring.Component):
    """Reads or stores θ of a word, in a clock in which the engine has no use for the memories.

    So an access costs the engine no clock. There are such clocks between layers and between passes,
    at the latest `spec.longest_visits` clocks after `ask`. Latency from then on: `latency` clocks
    to `came`. Throughput: one at a time.

    Parameters
    ----------
    spec : FoldedSpec

    Members
    -------
    request : In(request)
        `store` only while the engine does nothing.
    free : In(1)
        Whether no word is read or written in the clock when memories have this one's address.
    granted, address : Out(1), Out
        Whether the lanes' address is that of the request, a clock later; which. With one port, it
        is again where θ is stored.
    stores : Out(1)
        Strobe, two clocks before the word is there: `theta` is to be stored, in the lane of
        `chosen`.
    chosen, theta : Out(lanes), Out(theta bits)
    found : In(array of lanes)
        θ of every lane.
    word : Out(theta)
        θ, from `came` on up to the next request.
    came : Out(1)
        Strobe: the access is over.
    """

    request: Any
    free: Signal
    granted: Signal
    address: Signal
    stores: Signal
    chosen: Signal
    theta: Signal
    found: Any
    word: fixed.Value
    came: Signal

    def __init__(self, spec: FoldedSpec) -> None:
        self.spec = spec
        super().__init__(
            {
                "request": In(request_layout(spec)),
                "free": In(1),
                "granted": Out(1),
                "address": Out(spec.address_bits),
                "stores": Out(1),
                "chosen": Out(spec.lanes),
                "theta": Out(spec.theta.bits),
                "found": In(data.ArrayLayout(spec.theta.bits, spec.lanes)),
                "word": Out(fixed.of(spec.theta)),
                "came": Out(1),
            }
        )

    @property
    def latency(self) -> int:
        """Clocks from a request that is granted at once to the word."""
        return self.spec.access_latency

    def elaborate(self, platform: object) -> Module:
        """Grant each request once."""
        m: Any = Module()
        spec = self.spec
        asked = Signal()
        grant = self.granted if spec.word_ports > 1 else Signal(name="grant")
        request: Any = delay(m, self.request, self.request.shape(), 1, "request")
        soon = delay(m, grant, 1, ADDRESS_LATENCY + MEMORY_LATENCY - 3, "soon")
        found = delay(m, soon, 1, 3 + tree_latency(spec.lanes), "granted")
        m.d.sync += [
            self.stores.eq(soon & request.store),
            self.chosen.eq(Const(1, spec.lanes) << request.lane),
        ]
        m.d.comb += [
            grant.eq(request.ask & ~asked & self.free),
            self.address.eq(request.address),
            self.theta.eq(request.theta),
        ]
        if spec.word_ports == 1:
            until = spec.written - spec.lead - ADDRESS_LATENCY
            again = delay(m, grant & request.store, 1, until, "again")
            m.d.comb += self.granted.eq(grant | again)
        m.d.sync += [asked.eq(request.ask & (asked | grant)), self.came.eq(found)]
        word = self._word(m)
        with m.If(found):
            m.d.sync += self.word.as_value().eq(word)
        return m

    def _word(self, m: Any) -> Signal:
        """Return the word of the lane that is chosen, some clocks later."""
        bits = self.spec.theta.bits
        words = [word & self.chosen[k].replicate(bits) for k, word in enumerate(self.found)]
        return tree(words, or_, lambda word, name: delay(m, word, bits, 1, f"word_{name}"))
