"""Memory of one port for a lane's words: what the platform has, or block RAM."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out


class SinglePort(wiring.Component):
    """Words that are read, or written, in a clock; nothing is known of them before that.

    On a board, the platform's `get_single_port` makes it of what it has, or returns None. Then it
    is of block RAM; and so it is where there is no platform, as in a simulation.

    Latency: a clock from `address` to `found`. Throughput: a read or a write a clock.

    Parameters
    ----------
    bits, depth : int
        Of a word; words.

    Members
    -------
    address : In
    write : In(1)
        Whether the word is written, and not read.
    data : In(bits)
    found : Out(bits)
        The word of the clock before; anything at all if that was for a write.
    """

    address: Signal
    write: Signal
    data: Signal
    found: Signal

    def __init__(self, bits: int, depth: int) -> None:
        self.bits, self.depth = bits, depth
        super().__init__(
            {"address": In(range(depth)), "write": In(1), "data": In(bits), "found": Out(bits)}
        )

    def elaborate(self, platform: Any) -> Module:
        """Build what the platform has, or block RAM."""
        offer = getattr(platform, "get_single_port", None)
        made = None if offer is None else offer(self)
        return self._of_block_ram() if made is None else made

    def _of_block_ram(self) -> Module:
        """Both ports have one address, so that in the clock of a write they meet."""
        m: Any = Module()
        block: Any = {"ram_style": "block", "no_rw_check": 1}
        m.submodules.words = words = memory.Memory(
            shape=self.bits, depth=self.depth, init=[], attrs=block
        )
        read, write = words.read_port(), words.write_port()
        m.d.comb += [
            read.addr.eq(self.address),
            self.found.eq(read.data),
            write.addr.eq(self.address),
            write.data.eq(self.data),
            write.en.eq(self.write),
        ]
        return m
