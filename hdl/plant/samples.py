"""The sample memory: in order or at random."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux, Signal, Value
from amaranth.lib import data, memory, wiring
from amaranth.lib.wiring import In, Out

from hdl import shapes
from hdl.number.lfsr import LfsrRegister
from spec.lfsr import ORDER, SEED_BITS
from spec.numbers import bits_for
from spec.plant import SamplesSpec
from spec.tasks import Order


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
    """

    seed: Signal
    restart: Signal
    read: Signal
    advance: Signal
    sweep: Signal
    address: Signal
    index: Signal
    sample: data.View

    latency = 1

    def __init__(self, spec: SamplesSpec) -> None:
        self.spec = spec
        self.count = spec.count
        self.bits = spec.address_bits
        super().__init__(
            {
                "seed": In(SEED_BITS),
                "restart": In(1),
                "read": In(1),
                "advance": In(1),
                "sweep": In(1),
                "address": In(self.bits),
                "index": Out(self.bits),
                "sample": Out(layout(spec)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the memory and the order."""
        m = Module()
        spec = self.spec
        m.submodules.rom = rom = memory.Memory(
            shape=layout(spec), depth=max(2, self.count), init=self._rows()
        )
        port = rom.read_port()
        following = Signal(self.bits)
        m.d.comb += [
            port.en.eq(self.read),
            port.addr.eq(Mux(self.sweep, self.address, Mux(self.advance, following, self.index))),
            self.sample.eq(port.data),
        ]
        if spec.order is Order.RANDOM:
            draw = self._random(m)
        else:
            draw = Mux(following == self.count - 1, 0, following + 1)
        with m.If(self.restart):
            m.d.sync += [self.index.eq(0), following.eq(0)]
        with m.Elif(self.advance):
            m.d.sync += [self.index.eq(following), following.eq(draw)]
        if spec.order is Order.RANDOM:
            with m.Elif(self._primed):
                m.d.sync += following.eq(draw)
        return m

    def _random(self, m: Module) -> Value:
        """⌊r·count / 2**bits⌋ for r of 8 bits more than needed, or a power of two exactly."""
        bits = bits_for(self.count)
        if self.count != 1 << bits:
            bits += 8
        m.submodules.lfsr = lfsr = LfsrRegister(ORDER, bits)
        self._primed = Signal()
        m.d.sync += self._primed.eq(self.restart)
        m.d.comb += [
            lfsr.seed.eq(self.seed),
            lfsr.load.eq(self.restart),
            lfsr.shift.eq(self.advance | self._primed),
        ]
        draw = Signal(self.bits)
        m.d.comb += draw.eq((lfsr.state[:bits] * self.count) >> bits)
        return draw

    def _rows(self) -> list[Any]:
        """Contents, as the layout's constants."""
        samples = self.spec.data
        scale = 2.0**-samples.fraction_bits
        binary = self.spec.input.binary
        return [
            {
                "x": [int(v > 0) if binary else v * scale for v in x],
                "t": [v * scale for v in t],
                "label": label,
            }
            for x, t, label in zip(samples.x, samples.t, samples.classes, strict=True)
        ]


def layout(spec: SamplesSpec) -> data.StructLayout:
    """Lay out a sample: inputs x, targets t, and the class they mean."""
    return data.StructLayout(
        {
            "x": data.ArrayLayout(shapes.signal(spec.input), spec.data.inputs),
            "t": data.ArrayLayout(shapes.number(spec.target), spec.data.outputs),
            "label": spec.label_bits,
        }
    )
