"""What all layers take in: of this pass, and, where u is multiplied by it, of the step before."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module, Signal, Value
from amaranth.lib import data, memory, wiring
from amaranth.lib.wiring import In, Out

from hdl import shapes
from hdl.number import fixed
from spec.folded import FoldedSpec
from spec.numbers import bits_for

FEW = 16
"""Inputs that need no block RAM."""


class Inputs(wiring.Component):
    """Memory for the inputs of all layers, unperturbed and perturbed, biases left out.

    On a board, memory is as wide as blocks of the platform's `block_bits` are for so many words.

    Latency: `MEMORY_LATENCY` clocks from `address` to `x`, and from `address_before` to `x_before`.
    Throughput: a read of each and a write a clock. What is written can be read in the next clock.

    Parameters
    ----------
    spec : FoldedSpec
    keeps : bool
        Whether what was an input of a layer by node in the step before is asked for, too.

    Members
    -------
    address, x : In, Out(array of 2)
    write, write_address, write_x : In
        What becomes an input.
    keep : In(1)
        Whether what is written in this pass is asked for as `x_before` in the next one.
    swap : In(1)
        Strobe, before a pass whose inputs are kept.
    address_before, x_before : In, Out
        The perturbed input of the last pass that was kept before this one.
    """

    address: Signal
    x: data.View
    write: Signal
    write_address: Signal
    write_x: data.View
    keep: Signal
    swap: Signal
    address_before: Signal
    x_before: fixed.Value

    def __init__(self, spec: FoldedSpec, *, keeps: bool = False) -> None:
        self.spec, self.keeps = spec, keeps
        number = shapes.number(spec.x)
        self.both = data.ArrayLayout(number, 2)
        place = max(1, bits_for(spec.stored_inputs))
        members = {"address": In(place), "x": Out(self.both)}
        members |= {"write": In(1), "write_address": In(place), "write_x": In(self.both)}
        if keeps:
            members |= {"keep": In(1), "swap": In(1)}
            members |= {"address_before": In(place), "x_before": Out(number)}
        super().__init__(members)

    def elaborate(self, platform: object) -> Module:
        """Build the memories."""
        m: Any = Module()
        depth = max(2, self.spec.stored_inputs)
        block: Any = {"ram_style": "block" if depth > FEW else "auto", "no_rw_check": 1}
        found, write = [], Value.cast(self.write_x)
        for k, bits in enumerate(self._parts(depth, getattr(platform, "block_bits", None))):
            part = memory.Memory(shape=len(bits), depth=depth, init=[], attrs=block)
            m.submodules["now" if len(bits) == len(write) else f"part_{k}_now"] = part
            read, port = part.read_port(), part.write_port()
            m.d.comb += [
                read.addr.eq(self.address),
                port.addr.eq(self.write_address),
                port.data.eq(write[bits.start : bits.stop]),
                port.en.eq(self.write),
            ]
            found.append(read.data)
        m.d.sync += Value.cast(self.x).eq(Cat(found))
        if self.keeps:
            self._before(m, block)
        return m

    def _parts(self, depth: int, block: int | None) -> list[range]:
        """Return which bits are together in a block of so many: fewer, if it is of more words.

        Else yosys takes a block for every so many words, with a choice of one behind them: that is
        slower, but takes fewer blocks.
        """
        bits = self.both.size
        most = bits if block is None else max(1, block >> bits_for(depth))
        most += most // 8  # bits of parity
        return [range(start, min(start + most, bits)) for start in range(0, bits, most)]

    def _before(self, m: Any, block: Any) -> None:
        """Two halves: one is read, the other is filled.

        Inputs that are kept lie in a row, so that the low bits of an address tell them apart. What
        comes before them is overwritten in time.
        """
        kept, number = self.spec.kept, shapes.number(self.spec.x)
        place, keep = max(1, bits_for(len(kept))), self.write & self.keep
        if kept.stop < self.spec.stored_inputs:
            keep &= self.write_address < kept.stop
        m.submodules.before = before = memory.Memory(
            shape=number, depth=2 << place, init=[], attrs=block
        )
        half = Signal()
        with m.If(self.swap):
            m.d.sync += half.eq(~half)
        read, write = before.read_port(), before.write_port()
        # A pass that is not kept reads the half that was filled last.
        m.d.comb += [
            read.addr.eq(Cat(self.address_before[:place], half ^ self.keep)),
            write.addr.eq(Cat(self.write_address[:place], half)),
            write.data.eq(self.write_x[1]),
            write.en.eq(keep),
        ]
        m.d.sync += self.x_before.eq(read.data)
