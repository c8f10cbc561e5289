"""The samples, of which a pass takes in one input after the other."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import data, memory, wiring
from amaranth.lib.wiring import In, Out

from hdl import shapes
from hdl.number.delay import delay
from hdl.plant.order import follow
from hdl.plant.samples import write_layout
from spec.folded import MEMORY_LATENCY
from spec.lfsr import SEED_BITS
from spec.numbers import bits_for
from spec.plant import WORD, FoldedSamplesSpec

ROW_BITS = 64
"""A sample of at most so many bits is a word."""

WORD_BITS = 36
"""Else its inputs are packed into words of at most so many bits: as wide as block RAM is."""

COUNTER_BITS = 16
"""Of the samples of a ring."""


def inputs_of_word(spec: FoldedSamplesSpec) -> int:
    """Return how many inputs a word of the memory has."""
    if spec.writable:
        return spec.fields
    bits, inputs = spec.input.bits, spec.data.inputs
    return inputs if inputs * bits <= ROW_BITS else max(1, WORD_BITS // bits)


class FoldedSamples(wiring.Component):
    """Holds all samples, and knows which is next; or those that come next, in a ring.

    If it is writable, its words are those that are written. Latency: `SAMPLE_LATENCY` clocks from
    `next` to `x`, `MEMORY_LATENCY` from a sample's number to `t` and `label`; its number must be
    there two clocks before `first`. Throughput: an input a clock.

    Parameters
    ----------
    spec : FoldedSamplesSpec

    Members
    -------
    seed, restart, advance, sweep, address, index, last
        As those of `SampleMemory`; `sweep` and `address` hold for as long as the sample is read.
    write : In(write_layout)
        As that of `SampleMemory`, at any time, into a sample that is not read.
    opens, put : In(1)
        Strobes: no sample is there; one more is, in the row after that of the one before, from the
        first on. With a ring only, as all below; `advance` must wait for `there`.
    there, full : Out(1)
        Whether there is a sample; whether there are as many as there can be: one less than the
        memory holds, because of the current one.
    supplied, used : Out(16)
        Samples since `opens`, mod 65,536: that were put, and that were taken.
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
    last: Signal
    write: Any
    opens: Signal
    put: Signal
    there: Signal
    full: Signal
    supplied: Signal
    used: Signal
    first: Signal
    next: Signal
    x: Any
    t: data.View
    label: Signal

    def __init__(self, spec: FoldedSamplesSpec) -> None:
        self.spec = spec
        number, inputs = max(1, bits_for(spec.slots)), spec.data.inputs
        self.packed = inputs_of_word(spec)
        self.words = -(-inputs // self.packed)
        self.beside = data.StructLayout(
            {
                "t": data.ArrayLayout(shapes.number(spec.target), spec.data.outputs),
                "label": spec.label_bits,
            }
        )
        members = {"last": In(number)} if spec.adjustable else {}
        if spec.writable:
            members["write"] = In(write_layout(spec))
        if spec.ring:
            members |= dict.fromkeys(("opens", "put"), In(1))
            members |= dict.fromkeys(("there", "full"), Out(1))
            members |= dict.fromkeys(("supplied", "used"), Out(COUNTER_BITS))
        super().__init__(
            members
            | {
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
        depth = max(2, spec.slots * self.words)
        following = Signal(len(self.index), name="following")
        if spec.ring:
            self._ring(m, following)
        else:
            follow(m, spec, self, following, self.last if spec.adjustable else None)
        attrs: Any = {"ram_style": "block"} | ({"no_rw_check": 1} if spec.writable else {})
        m.submodules.inputs = inputs = memory.Memory(
            shape=self.packed * bits, depth=depth, init=[] if spec.ring else self._inputs(),
            attrs=attrs,
        )  # fmt: skip
        width = spec.beside_words * WORD if spec.writable else self.beside.size
        m.submodules.beside = beside = memory.Memory(
            shape=width, depth=max(2, spec.slots), init=[] if spec.ring else self._beside()
        )
        read, other = inputs.read_port(), beside.read_port()
        if spec.writable:
            self._write(m, inputs, beside)
        sample, start = Signal(len(self.index)), Signal(range(depth))
        # A ring may move on in the clock in which a pass begins.
        current = Mux(self.advance, following, self.index) if spec.ring else self.index
        m.d.comb += sample.eq(Mux(self.sweep, self.address, current))
        held = Signal.like(sample, name="held_sample")
        m.d.sync += [held.eq(sample), start.eq(held * self.words)]
        word, place = Signal(range(depth)), Signal(range(self.packed))
        with m.If(self.first):
            m.d.sync += [word.eq(start), place.eq(0)]
        with m.Elif(self.next):
            m.d.sync += place.eq(place + 1)
            with m.If(place == self.packed - 1):
                m.d.sync += [place.eq(0), word.eq(word + 1)]
        # Block RAM leaves no time to choose in the same clock.
        held_word = delay(m, read.data, read.data.shape(), MEMORY_LATENCY - 1, "word_read")
        chosen = delay(m, place, place.shape(), MEMORY_LATENCY, "place")
        x = Signal(bits, name="x_read")
        m.d.sync += x.eq(held_word.word_select(chosen, bits) if self.packed > 1 else held_word)
        of_sample = self.beside(
            delay(
                m, other.data[: self.beside.size], self.beside.size, MEMORY_LATENCY - 1,
                "beside_read",
            )
        )  # fmt: skip
        m.d.comb += [
            read.addr.eq(word),
            other.addr.eq(held),  # which are needed at the end of a pass only
            Value.cast(self.x).eq(x),
            self.t.eq(of_sample.t),
            self.label.eq(of_sample.label),
        ]
        return m

    def _ring(self, m: Any, following: Signal) -> None:
        """Let `index` be the sample that was taken last."""
        last = self.spec.ring - 1
        ready = Signal(range(last + 1))  # samples to take
        with m.If(self.opens):
            m.d.sync += [following.eq(0), ready.eq(0), self.supplied.eq(0), self.used.eq(0)]
        with m.Else():
            m.d.sync += [
                ready.eq(ready + self.put - self.advance),
                self.supplied.eq(self.supplied + self.put),
                self.used.eq(self.used + self.advance),
            ]
            with m.If(self.advance):
                m.d.sync += following.eq(Mux(following == last, 0, following + 1))
        with m.If(self.advance):
            m.d.sync += self.index.eq(following)
        m.d.comb += [self.there.eq(ready != 0), self.full.eq(ready == last)]

    def _write(self, m: Any, inputs: memory.Memory, beside: memory.Memory) -> None:
        """Write words a clock later; the row stays what it is for some clocks before."""
        write, spec, words = self.write, self.spec, self.words
        start = Signal(range(max(2, spec.slots * words)))
        m.d.sync += start.eq(write.row * words)
        port, other = inputs.write_port(), beside.write_port(granularity=WORD)
        for k, (mine, its) in enumerate(
            (
                (port.addr, (start + write.word)[: len(port.addr)]),
                (port.data, write.data[: len(port.data)]),
                (port.en, write.enable & (write.word < words)),
            )
        ):
            m.d.comb += mine.eq(delay(m, its, len(mine), 1, f"write_{k}"))
        m.d.comb += [
            other.addr.eq(write.row),
            other.data.eq(write.data.replicate(spec.beside_words)),
            other.en.eq(
                Cat(write.enable & (write.word == words + k) for k in range(spec.beside_words))
            ),
        ]

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
