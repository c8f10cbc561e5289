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
from spec.numbers import bits_for
from spec.plant import SamplesSpec


class FoldedSamples(wiring.Component):
    """Holds all samples, and knows which is next.

    Latency: `MEMORY_LATENCY` clocks from `input` to `x`, and from a sample's number to `t` and
    `label`; its number must be there a clock before the first `input` of it.

    Parameters
    ----------
    spec : SamplesSpec

    Members
    -------
    seed, restart, advance, sweep, address, index
        As those of `SampleMemory`; `sweep` and `address` hold for as long as the sample is read.
    input, x : In, Out
    t, label : Out
    """

    seed: Signal
    restart: Signal
    advance: Signal
    sweep: Signal
    address: Signal
    index: Signal
    input: Signal
    x: Any
    t: data.View
    label: Signal

    def __init__(self, spec: SamplesSpec) -> None:
        self.spec = spec
        number = spec.address_bits
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
                "input": In(max(1, bits_for(spec.data.inputs))),
                "x": Out(shapes.signal(spec.input)),
                "t": Out(self.beside["t"].shape),
                "label": Out(spec.label_bits),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build both memories and the order."""
        m: Any = Module()
        spec = self.spec
        follow(m, spec, self, Signal(spec.address_bits, name="following"), None)
        sample, first = Signal(spec.address_bits), Signal(range(max(2, len(self._inputs()))))
        m.d.comb += sample.eq(Mux(self.sweep, self.address, self.index))
        m.d.sync += first.eq(sample * spec.data.inputs)
        m.submodules.inputs = inputs = memory.Memory(
            shape=spec.input.bits, depth=max(2, len(self._inputs())), init=self._inputs(),
            attrs={"ram_style": "block"},
        )  # fmt: skip
        m.submodules.beside = beside = memory.Memory(
            shape=self.beside.size, depth=max(2, spec.depth), init=self._beside()
        )
        read, other = inputs.read_port(), beside.read_port()
        x = delay(m, read.data, spec.input.bits, MEMORY_LATENCY - 1, "x_read")
        held = delay(m, other.data, self.beside.size, MEMORY_LATENCY - 1, "beside_read")
        held = self.beside(held)
        m.d.comb += [
            read.addr.eq(first + self.input),
            other.addr.eq(sample),
            Value.cast(self.x).eq(x),
            self.t.eq(held.t),
            self.label.eq(held.label),
        ]
        return m

    def _inputs(self) -> list[int]:
        """Return all inputs of all samples, packed."""
        spec = self.spec
        mask = (1 << spec.input.bits) - 1
        return [
            int(value > 0) if spec.input.binary else int(value) & mask
            for x in spec.data.x
            for value in x
        ]

    def _beside(self) -> list[int]:
        """Return targets and class of all samples."""
        spec = self.spec
        mask, rows = (1 << spec.target.bits) - 1, []
        for t, label in zip(spec.data.t, spec.data.classes, strict=True):
            raw = place = 0
            for value in t:
                bits = int(value > 0) if spec.target.binary else int(value) & mask
                raw, place = raw | bits << place, place + spec.target.bits
            rows.append(raw | int(label) << place)
        return rows
