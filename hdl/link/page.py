"""The page of the map, in block RAM: what is read there, and what may be done."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import data, memory, wiring
from amaranth.lib.wiring import In, Out

from hdl.link.by_hand import BY_HAND
from spec.map import (
    ENTRIES,
    LIVE,
    LIVE_COMMANDS,
    MAGIC,
    MAP,
    MAP_VERSION,
    PAGE,
    Kind,
    RegistersSpec,
    address_of,
)
from spec.numbers import bits_for

NO_COLLISION: Any = {"no_rw_check": 1}
"""Of a memory of which no word is read while it is written: synthesis need not care for that."""

STATUS = (
    *(("state", "correct"), ("C", "C0"), ("cost_sum", "step"), ("u_saturated", "checks")),
    *(("supplied", "used"), ("waited",)),
    ("timeouts", "unasked"),
)
"""Status words, in pairs of about the same width as far as they go."""

COMMANDS = ("control", "lane", "row", "sample_data")
"""That take no time."""

SLOW = 2
"""Latency of a `Page` in block RAM of any kind."""


def status(spec: RegistersSpec) -> tuple[tuple[str, ...], ...]:
    """Return the status words that there are, in pairs."""
    there = (tuple(name for name in pair if spec.has(name)) for pair in STATUS)
    return tuple(pair for pair in there if pair)


def commands(spec: RegistersSpec) -> tuple[str, ...]:
    """Return the commands that take no time."""
    return tuple(name for name in COMMANDS if spec.has(name))


def meanings(spec: RegistersSpec) -> data.StructLayout:
    """Return what there is to know of an address, a bit for each.

    readable, writable
        Now, and in this page.
    odd, status_0, …
        Which pair of `STATUS` it is of, and that it is the second one.
    manual, kept
        Whether it is a command by hand; a register.
    (one for each register and command)
        Whether it is that one, and writable.
    """
    names = ["readable", "writable", "odd", *(f"status_{k}" for k in range(len(status(spec))))]
    names += ["manual", "kept", *(name for name, _, _ in spec.registers), *commands(spec)]
    return data.StructLayout(dict.fromkeys(names, 1))


class Page(wiring.Component):
    """Constants and registers as they are read, and a table of what may be done where.

    It takes no logic, and holds constants and registers as they are at power-up.

    Parameters
    ----------
    spec : RegistersSpec
    latency : int
        Clocks: 1; or 2, where block RAM is slow and flip-flops are many, as on an ECP5.

    Members
    -------
    address : In(16)
    data : In(32)
    kept : In(1)
        Strobe: `data` is written to the register at `address`. The next word means nothing.
    busy : In(1)
        Whether a run is.
    reads : In(1)
        Whether `word` is to be what is read, and not `meaning`, `latency` clocks later.
    word : Out(32)
        A constant, or a register; 0 at any other address, also outside of the page.
    meaning : Out(meanings)
    """

    address: Signal
    data: Signal
    kept: Signal
    busy: Signal
    reads: Signal
    word: Signal
    meaning: Any

    def __init__(self, spec: RegistersSpec, latency: int = SLOW) -> None:
        self.spec = spec
        self.latency = latency
        super().__init__(
            {
                "address": In(16),
                "data": In(32),
                **dict.fromkeys(("kept", "busy", "reads"), In(1)),
                "word": Out(32),
                "meaning": Out(meanings(spec)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build four pages: what is read; what is meant, idle and busy; nothing."""
        m = Module()
        bits = bits_for(PAGE)
        init = [*self._words(), *self._meanings(busy=False), *self._meanings(busy=True)]
        m.submodules.page = page = memory.Memory(  # pyright: ignore[reportCallIssue]
            shape=32, depth=4 * PAGE, init=init, attrs=NO_COLLISION
        )
        write, read = page.write_port(), page.read_port()
        beyond = Signal()
        m.d.comb += [
            beyond.eq(self.address[bits:].any()),
            write.en.eq(self.kept),
            write.addr.eq(self.address[:bits]),
            write.data.eq(self.data),
            read.addr[:bits].eq(self.address),
            read.addr[bits].eq(beyond | (~self.reads & ~self.busy)),
            read.addr[bits + 1].eq(beyond | (~self.reads & self.busy)),
            self.meaning.as_value().eq(self.word),
        ]
        m.d["comb" if self.latency == 1 else "sync"] += self.word.eq(read.data)
        return m

    def _words(self) -> list[int]:
        page = [0] * PAGE
        page[address_of("magic")], page[address_of("map_version")] = MAGIC, MAP_VERSION
        for name, value in self.spec.constants:
            for word in range(MAP[name].words):
                page[address_of(name, word)] = value >> 32 * word & 0xFFFF_FFFF
        for name, _, value in self.spec.registers:
            page[address_of(name)] = value
        return page

    def _meanings(self, *, busy: bool) -> list[int]:
        layout = meanings(self.spec)
        registers = [name for name, _, _ in self.spec.registers]
        page: list[dict[int | str, int]] = [{} for _ in range(PAGE)]
        live = (*LIVE, *LIVE_COMMANDS, *(("sample_data",) if self.spec.ring else ()))
        for entry in ENTRIES:
            if not self.spec.has(entry.name):
                continue
            if entry.kind in (Kind.CONSTANT, Kind.STATUS):
                for word in range(entry.words):
                    page[entry.address + word] = {"readable": 1}
            if entry.kind is Kind.COMMAND or entry.name in registers:
                kept, manual = entry.name in registers, entry.name in BY_HAND
                what: dict[int | str, int] = {"readable": int(kept)}
                if not busy or entry.name in live:
                    what |= {"writable": 1, "kept": int(kept), "manual": int(manual)}
                    what |= {} if manual else {entry.name: 1}
                page[entry.address] = what
        for k, pair in enumerate(status(self.spec)):
            for odd, name in enumerate(pair):
                page[address_of(name)] |= {f"status_{k}": 1, "odd": odd}
        return [layout.const(what).as_value().value for what in page]
