"""The sample memory: in order or at random."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import data, memory, wiring
from amaranth.lib.wiring import In, Out

from hdl import shapes
from hdl.plant.order import follow
from spec.lfsr import SEED_BITS
from spec.numbers import bits_for
from spec.plant import WORD, SamplesSpec


class SampleMemory(wiring.Component):
    """Holds all samples and knows which is next.

    Latency: `latency` clocks from `read` to `sample`. Throughput: one sample a clock.

    Parameters
    ----------
    spec : SamplesSpec

    Members
    -------
    seed : In(32)
    restart : In(1)
        Strobe: start over from the seed. The next two clocks must not advance.
    read : In(1)
        Strobe: `sample` changes in the next clock: to the sample at `address` if `sweep`, to the
        next one of the order if `advance`, else to the current one.
    advance, sweep : In(1)
    address : In
    index : Out
        The current sample of the order.
    sample : Out(sample)
    last : In
        Number of the last sample in use; only if that is adjustable, else it is the last there is.
    write : In(write_layout)
        A word that replaces one of a row, while `read` is not; only if the memory is writable.
    """

    seed: Signal
    restart: Signal
    read: Signal
    advance: Signal
    sweep: Signal
    address: Signal
    index: Signal
    sample: data.View
    last: Signal
    write: Any

    latency = 1

    def __init__(self, spec: SamplesSpec) -> None:
        self.spec = spec
        self.bits = spec.address_bits
        members = {
            "seed": In(SEED_BITS),
            "restart": In(1),
            "read": In(1),
            "advance": In(1),
            "sweep": In(1),
            "address": In(self.bits),
            "index": Out(self.bits),
            "sample": Out(layout(spec)),
        }
        if spec.adjustable:
            members["last"] = In(self.bits)
        if spec.writable:
            members["write"] = In(write_layout(spec))
        super().__init__(members)

    def elaborate(self, platform: object) -> Module:
        """Build the memory and the order."""
        m = Module()
        spec = self.spec
        width = WORD * spec.words if spec.writable else spec.bits
        # Never read while it is written: synthesis need not care for that case.
        writable: Any = {"ram_style": "block", "no_rw_check": 1}
        m.submodules.rows = rows = memory.Memory(
            shape=width,
            depth=max(2, spec.depth),
            init=spec.rows(),
            attrs=writable if spec.writable else {},
        )
        port = rows.read_port()
        m.d.comb += port.en.eq(self.read)
        if spec.writable:
            write = rows.write_port(granularity=WORD)
            m.d.comb += [
                port.en.eq(self.read & ~self.write.enable),
                write.addr.eq(self.write.row),
                write.data.eq(self.write.data.replicate(spec.words)),
                write.en.eq(
                    Cat(self.write.enable & (self.write.word == k) for k in range(spec.words))
                ),
            ]
        following = Signal(self.bits)
        m.d.comb += [
            port.addr.eq(Mux(self.sweep, self.address, Mux(self.advance, following, self.index))),
            Value.cast(self.sample).eq(port.data[: spec.bits]),
        ]
        last = self.last if spec.adjustable else None
        follow(m, spec, self, following, last)
        return m


def layout(spec: SamplesSpec) -> data.StructLayout:
    """Lay out a sample: inputs x, targets t, and the class they mean."""
    return data.StructLayout(
        {
            "x": data.ArrayLayout(shapes.signal(spec.input), spec.data.inputs),
            "t": data.ArrayLayout(shapes.number(spec.target), spec.data.outputs),
            "label": spec.label_bits,
        }
    )


def write_layout(spec: SamplesSpec) -> data.StructLayout:
    """Lay out a write: which word of which row, counted from the lowest bits."""
    word = max(1, bits_for(spec.words))
    row = max(1, bits_for(spec.slots))
    return data.StructLayout({"enable": 1, "row": row, "word": word, "data": WORD})
