"""What words are multiplied by: inputs of the sample, of memory, or the 1 of a bias."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl import shapes
from hdl.folded.inputs import Inputs
from hdl.folded.sequencer import visit_layout
from hdl.number import fixed
from hdl.number.delay import copy, delay
from spec.folded import SAMPLE_LATENCY, FoldedSpec
from spec.numbers import bits_for


class Operands(wiring.Component):
    """The inputs of a visit, for each bank of lanes, and memory for them.

    Latency: `latency` clocks from `visit` to `x`, which lanes hear from registers, a clock later;
    `MEMORY_LATENCY` from `address_before` to `x_before`; `WRITE_LATENCY` until what is put can be
    asked for. Throughput: a visit a clock.

    Parameters
    ----------
    spec : FoldedSpec

    Members
    -------
    visit : In(visit)
    filling : In(1)
        Whether visits make a bit of the initial θ.
    next_input : Out(1)
        Strobe: an input of the sample is needed.
    sample : In
        It, `SAMPLE_LATENCY` clocks later.
    put, address, a : In
        Strobe: activations, unperturbed and perturbed, become an input of the next layer; which.
    x : Out(array of banks of array of 2)
        What words meet, unperturbed and perturbed.
    keep, swap, address_before, x_before
        As those of `Inputs`; with node perturbation only.
    """

    visit: Any
    filling: Signal
    next_input: Signal
    sample: Any
    put: Signal
    address: Signal
    a: data.View
    x: Any
    keep: Signal
    swap: Signal
    address_before: Signal
    x_before: fixed.Value

    latency = 1 + SAMPLE_LATENCY

    def __init__(self, spec: FoldedSpec) -> None:
        self.spec, number = spec, shapes.number(spec.x)
        place, both = max(1, bits_for(spec.stored_inputs)), data.ArrayLayout(number, 2)
        members = {"visit": In(visit_layout(spec)), "filling": In(1), "next_input": Out(1)}
        members |= {"sample": In(shapes.signal(spec.sample)), "put": In(1), "address": In(place)}
        members |= {"a": In(both), "x": Out(data.ArrayLayout(both, spec.banks))}
        if spec.node:
            members |= {"keep": In(1), "swap": In(1)}
            members |= {"address_before": In(place), "x_before": Out(number)}
        super().__init__(members)

    def elaborate(self, platform: object) -> Module:
        """Ask memories, a clock later; choose, and store what a sample brings."""
        m: Any = Module()
        spec, layout, number = self.spec, visit_layout(self.spec), shapes.number(self.spec.x)
        asked = delay(m, self.visit, layout, 1, "asked")
        soon = delay(m, asked, layout, SAMPLE_LATENCY - 1, "soon")
        found = delay(m, soon, layout, 1, "found")
        met = delay(m, found, layout, 1, "met")
        of_sample, came = Signal(), Signal()
        m.d.comb += [
            of_sample.eq((asked.layer == 0) & asked.first_group),
            self.next_input.eq(asked.load | (asked.valid & of_sample & ~asked.bias)),
        ]
        m.d.sync += came.eq(
            found.load
            | (self._comes(found) & found.valid & ~found.bias & ~found.rail & ~self.filling)
            & spec.stores_samples
        )
        one = fixed.constant(number, 1)
        for bank in range(spec.banks):
            keeps = spec.node and bank == 0  # which is all that dense layers have
            m.submodules[f"inputs_{bank}"] = inputs = Inputs(spec, keeps=keeps)
            address = Signal.like(inputs.address, name=f"address_{bank}")
            m.d.sync += address.eq(asked.input + asked.offsets[bank])
            m.d.comb += inputs.address.eq(address)
            held: list[Any] = []
            bias = copy(m, soon.bias, 1, f"bias_{bank}")
            from_sample = copy(m, soon.load | self._comes(soon), 1, f"from_sample_{bank}")
            for rail in range(2):
                other = fixed.mux(from_sample, self._number(), inputs.x[rail])
                chosen = fixed.named(m, fixed.mux(bias, one, other), f"chosen_{bank}_{rail}")
                held.append(delay(m, chosen, number, 1, f"x_{bank}_{rail}"))
                m.d.comb += self.x[bank][rail].eq(chosen)
            # Samples come while the first group is there, activations after it has left.
            writes = {
                "write": came | self.put,
                "write_address": Mux(came, met.input, self.address),
            }
            for name, value in writes.items():
                port = getattr(inputs, name)
                m.d.comb += port.eq(copy(m, value, len(port), f"{name}_{bank}"))
            for rail in range(2):
                value = fixed.mux(came, held[rail], self.a[rail])
                m.d.comb += inputs.write_x[rail].eq(
                    copy(m, value, number, f"write_x_{bank}_{rail}")
                )
            if keeps:
                m.d.comb += [
                    inputs.keep.eq(self.keep), inputs.swap.eq(self.swap),
                    inputs.address_before.eq(self.address_before),
                    self.x_before.eq(inputs.x_before),
                ]  # fmt: skip
        return m

    def _comes(self, visit: Any) -> Value:
        """Whether a visit has its input as it comes: that of the first group of a dense layer."""
        return (visit.layer == 0) & visit.first_group & (self.spec.loads == 0)

    def _number(self) -> fixed.Value:
        """Return an input of the sample as a number."""
        spec = self.spec
        if not spec.sample.binary:
            return self.sample
        shape = shapes.number(spec.x)
        return fixed.mux(
            self.sample, fixed.constant(shape, 1), fixed.constant(shape, spec.sample.low)
        )
