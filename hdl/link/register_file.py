"""The register file: what is read and written, behind one bus."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In

from hdl.link.bus import BUS
from hdl.link.by_hand import ByHand
from hdl.link.by_words import ByWords
from hdl.link.page import SLOW, Page
from hdl.link.reader import Reader
from hdl.link.writer import Writer
from spec.map import RegistersSpec


class RegisterFile(wiring.Component):
    """A `Reader` and a `Writer`, whose other members are connected from outside, and their `Page`.

    Latency, throughput: theirs.

    Parameters
    ----------
    spec : RegistersSpec
    by_hand, write
        As those of the `Writer`.
    page_latency : int

    Attributes
    ----------
    reader : Reader
    writer : Writer

    Members
    -------
    bus : In(BUS)
    """

    bus: Any

    def __init__(
        self,
        spec: RegistersSpec,
        by_hand: ByHand | ByWords,
        write: data.StructLayout,
        page_latency: int = SLOW,
    ) -> None:
        self.page = Page(spec, page_latency)
        self.reader = Reader(spec, page_latency)
        self.writer = Writer(spec, by_hand, write, page_latency)
        super().__init__({"bus": In(BUS)})

    def elaborate(self, platform: object) -> Module:
        """Connect them to the bus, and to each other."""
        m = Module()
        m.submodules.page = page = self.page
        m.submodules.reader, m.submodules.writer = reader, writer = self.reader, self.writer
        bus = self.bus
        for part in (reader, writer):
            m.d.comb += [
                getattr(part.bus, name).eq(getattr(bus, name))
                for name in ("address", "write_data", "read", "write")
            ]
        m.d.comb += [
            bus.read_data.eq(reader.bus.read_data),
            page.address.eq(bus.address),
            page.data.eq(bus.write_data),
            page.kept.eq(writer.kept),
            page.busy.eq(writer.busy),
            page.reads.eq(reader.reads),
            reader.word.eq(page.word),
            reader.meaning.eq(page.meaning),
            writer.meaning.eq(page.meaning),
        ]
        m.d.sync += [  # one register for both
            bus.done.eq(reader.bus.done | writer.bus.done),
            bus.refused.eq(Mux(bus.write, writer.bus.refused, reader.bus.refused)),
        ]
        return m
