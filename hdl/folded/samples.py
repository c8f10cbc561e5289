"""The samples, an input in each word: a pass takes them in one after the other."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux, Signal, Value
from amaranth.lib import data, memory, wiring
from amaranth.lib.wiring import In, Out

from hdl import shapes
from hdl.number.delay import delay
from hdl.plant.order import follow
from spec.folded import MEMORY_LATENCY
from spec.lfsr import SEED_BITS
from spec.plant import SamplesSpec

ROW_BITS = 64
"""A sample of at most so many bits is a word."""

WORD_BITS = 36
"""Else its inputs are packed into words of at most so many bits: as wide as block RAM is."""


class FoldedSamples(wiring.Component):
    """Holds all samples, and knows which is next.

    Latency: `MEMORY_LATENCY` clocks from `next` to `x`, and from a sample's number to `t` and
    `label`; its number must be there a clock before `first`. Throughput: an input a clock.

    Parameters
    ----------
    spec : SamplesSpec

    Members
    -------
    seed, restart, advance, sweep, address, index
        As those of `SampleMemory`; `sweep` and `address` hold for as long as the sample is read.
    first, next : In(1)
        Strobes: the sample's inputs come from the first one on; the next one, in any later clock.
    x : Out
    t, label : Out
    """

    seed: Signal
    restart: Signal
    advance: Signal
    sweep: Signal
    address: Signal
    index: Signal
    first: Signal
    next: Signal
    x: Any
    t: data.View
    label: Signal

    def __init__(self, spec: SamplesSpec) -> None:
        self.spec = spec
        number, bits, inputs = spec.address_bits, spec.input.bits, spec.data.inputs
        self.packed = inputs if inputs * bits <= ROW_BITS else max(1, WORD_BITS // bits)
        self.words = -(-inputs // self.packed)
        self.beside = data.StructLayout(
            {
                "t": data.ArrayLayout(shapes.number(spec.target), spec.data.outputs),
                "label": spec.label_bits,
            }
        )
        super().__init__(
            {
                "seed": In(SEED_BITS),
                "restart": In(1),
                "advance": In(1),
                "sweep": In(1),
                "address": In(number),
                "index": Out(number),
                "first": In(1),
                "next": In(1),
                "x": Out(shapes.signal(spec.input)),
                "t": Out(self.beside["t"].shape),
                "label": Out(spec.label_bits),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build both memories and the order."""
        m: Any = Module()
        spec, bits = self.spec, self.spec.input.bits
        depth = max(2, spec.depth * self.words)
        follow(m, spec, self, Signal(spec.address_bits, name="following"), None)
        m.submodules.inputs = inputs = memory.Memory(
            shape=self.packed * bits, depth=depth, init=self._inputs(),
            attrs={"ram_style": "block"},
        )  # fmt: skip
        m.submodules.beside = beside = memory.Memory(
            shape=self.beside.size, depth=max(2, spec.depth), init=self._beside()
        )
        read, other = inputs.read_port(), beside.read_port()
        sample, start = Signal(spec.address_bits), Signal(range(depth))
        m.d.comb += sample.eq(Mux(self.sweep, self.address, self.index))
        m.d.sync += start.eq(sample * self.words)
        word, place = Signal(range(depth)), Signal(range(self.packed))
        with m.If(self.first):
            m.d.sync += [word.eq(start), place.eq(0)]
        with m.Elif(self.next):
            m.d.sync += place.eq(place + 1)
            with m.If(place == self.packed - 1):
                m.d.sync += [place.eq(0), word.eq(word + 1)]
        chosen = delay(m, place, place.shape(), MEMORY_LATENCY - 1, "place")
        x = Signal(bits, name="x_read")
        m.d.sync += x.eq(read.data.word_select(chosen, bits) if self.packed > 1 else read.data)
        held = self.beside(
            delay(m, other.data, self.beside.size, MEMORY_LATENCY - 1, "beside_read")
        )
        m.d.comb += [
            read.addr.eq(word),
            other.addr.eq(sample),
            Value.cast(self.x).eq(x),
            self.t.eq(held.t),
            self.label.eq(held.label),
        ]
        return m

    def _inputs(self) -> list[int]:
        """Return all inputs of all samples, packed into words."""
        spec, rows = self.spec, []
        bits, mask = spec.input.bits, (1 << spec.input.bits) - 1
        for x in spec.data.x:
            raw = [int(value > 0) if spec.input.binary else int(value) & mask for value in x]
            for start in range(0, len(raw), self.packed):
                part = raw[start : start + self.packed]
                rows.append(sum(value << k * bits for k, value in enumerate(part)))
        return rows

    def _beside(self) -> list[int]:
        """Return targets and class of all samples, packed."""
        spec = self.spec
        mask, rows = (1 << spec.target.bits) - 1, []
        for t, label in zip(spec.data.t, spec.data.classes, strict=True):
            raw = place = 0
            for value in t:
                bits = int(value > 0) if spec.target.binary else int(value) & mask
                raw, place = raw | bits << place, place + spec.target.bits
            rows.append(raw | int(label) << place)
        return rows
