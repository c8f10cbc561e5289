"""Samples: their order, if only the plant knows them; or those of a task."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl.number import fixed
from hdl.plant.order import follow
from hdl.plant.samples import SampleMemory
from hdl.shapes import number
from spec.lfsr import SEED_BITS
from spec.numbers import Format, Rounding
from spec.plant import SamplesSpec

HEARD = ("restart", "read", "advance", "sweep")


class SampleOrder(wiring.Component):
    """Says which sample the plant is to evaluate.

    Latency: 1 clock from `advance` to `index`; none from `address` to `sample`.

    Parameters
    ----------
    spec : SamplesSpec

    Members
    -------
    seed, restart, read, advance, sweep, address
        As those of `hdl.plant.samples.SampleMemory`.
    index : Out
        The current sample of the order.
    sample : Out
        That, or in a check the one at `address`.
    """

    seed: Signal
    restart: Signal
    read: Signal
    advance: Signal
    sweep: Signal
    address: Signal
    index: Signal
    sample: Signal

    def __init__(self, spec: SamplesSpec) -> None:
        self.spec = spec
        super().__init__(self._members())

    def _members(self) -> dict[str, Any]:
        bits = self.spec.address_bits
        members = {"seed": In(SEED_BITS), "address": In(bits), "index": Out(bits)}
        return dict.fromkeys(HEARD, In(1)) | members | {"sample": Out(bits)}

    def words(self) -> Value:
        """Return the inputs as words for the plant: none, as it has its own."""
        return Cat()

    def elaborate(self, platform: object) -> Module:
        """Build the order."""
        m = Module()
        if self.spec.count > 1:
            follow(m, self.spec, self, Signal(self.spec.address_bits, name="following"), None)
        m.d.comb += self.sample.eq(self._shown())
        return m

    def _shown(self) -> Value:
        """Return the sample that is to be evaluated."""
        return Mux(self.sweep, self.address, self.index)


class TaskSamples(SampleOrder):
    """The same with the samples of a task: inputs for the plant, and targets.

    Latency: 1 clock from `read` to `x` and `t`.

    Parameters
    ----------
    spec : SamplesSpec
    weight : Format
        In which inputs go to the plant, cut off behind its LSB.

    Members
    -------
    x : Out(array of weights)
    t : Out(array of targets)
    """

    x: data.View
    t: data.View

    def __init__(self, spec: SamplesSpec, weight: Format) -> None:
        self.memory, self.weight = SampleMemory(spec), fixed.of(weight)
        super().__init__(spec)

    def _members(self) -> dict[str, Any]:
        x = data.ArrayLayout(self.weight, self.spec.data.inputs)
        t = data.ArrayLayout(number(self.spec.target), self.spec.data.outputs)
        return super()._members() | {"x": Out(x), "t": Out(t)}

    def words(self) -> Value:
        """Return the inputs as words for the plant."""
        return Value.cast(self.x)

    def elaborate(self, platform: object) -> Module:
        """Connect the memory."""
        m = Module()
        m.submodules.memory = memory = self.memory
        for name in ("seed", "address", *HEARD):
            m.d.comb += getattr(memory, name).eq(getattr(self, name))
        m.d.comb += [
            self.index.eq(memory.index),
            self.sample.eq(self._shown()),
            Value.cast(self.t).eq(Value.cast(memory.sample.t)),
        ]
        for k in range(self.spec.data.inputs):
            m.d.comb += self.x[k].eq(self._word(memory.sample.x[k]))
        return m

    def _word(self, given: Any) -> fixed.Value:
        """Return an input in the format of weights."""
        spec = self.spec.input
        if spec.binary:
            low, high = (fixed.constant(self.weight, value) for value in (spec.low, spec.high))
            return fixed.mux(given, high, low)
        return given.reshape(self.weight.f_bits, Rounding.TRUNCATE)
