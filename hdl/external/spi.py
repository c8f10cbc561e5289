"""Weights out through DACs, and costs in through an ADC."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Const, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hdl.external.adc import AdcReader
from hdl.external.costs import Receiver
from hdl.external.dac import DacWriter
from hdl.external.weights import Sender, StreamWeights
from spec.external.exchange import ExchangeSpec


class SpiWeights(Sender):
    """A frame to a DAC for each weight that it does not have; then all outputs change together.

    Before all weights go, at the start of a run too, chips that need it are set up.

    A weight of 0 is the middle of a DAC's range, and one more of its LSBs, of which there are twice
    as many as θ has, a larger code.

    Latency: for all weights, `ExchangeSpec.send_clocks` from `send` to `sent`, and what is left of
    the set-up.

    Members
    -------
    words : Out(Words)
        As that of `StreamWeights`.
    dac_sclk, dac_mosi, dac_cs_n, dac_ldac_n : Out
        As those of `DacWriter`; of several chips, the first one is on the lowest bit of `cs_n`.
    """

    words: Any
    dac_sclk: Signal
    dac_mosi: Signal
    dac_cs_n: Signal
    dac_ldac_n: Signal

    @staticmethod
    def pins_of(spec: ExchangeSpec) -> dict[str, Any]:
        """Return the members that lead to the plant."""
        ones = dict.fromkeys(("dac_sclk", "dac_mosi", "dac_ldac_n"), Out(1))
        return ones | {"dac_cs_n": Out(spec.chips)}

    def elaborate(self, platform: object) -> Module:
        """Connect what finds the weights with what sends them."""
        m: Any = Module()
        spec = self.spec
        assert spec.dac is not None
        m.submodules.changed = changed = StreamWeights(spec)
        wiring.connect(m, wiring.flipped(self.words), changed.words)
        m.submodules.writer = writer = DacWriter(spec.dac, spec.chips, spec.clock_hz)
        weight = changed.weight.as_value()
        code = Cat(weight[:-1], ~weight[-1])
        spare = spec.dac.value_bits - len(code)
        wrote, ends, forgot = Signal(), Signal(), Signal()
        m.d.comb += [
            changed.send.eq(self.send),
            changed.forget.eq(self.forget),
            changed.weight_ready.eq(writer.ready),
            writer.valid.eq(changed.weight_valid),
            writer.channel.eq(changed.weight_address),
            writer.value.eq(Cat(Const(0, spare), code)),
            writer.setup.eq(forgot & ~self.forget),  # while nothing runs, it stays
            writer.load.eq(changed.sent & wrote),
            self.sent.eq(ends & writer.ready),
        ]
        m.d.sync += forgot.eq(self.forget)
        m.d.sync += ends.eq((changed.sent | (ends & ~self.sent)) & ~self.forget)
        with m.If(self.sent | self.forget):
            m.d.sync += wrote.eq(0)
        with m.Elif(writer.valid & writer.ready):
            m.d.sync += wrote.eq(1)
        for name in ("sclk", "mosi", "cs_n", "ldac_n"):
            m.d.comb += getattr(self, f"dac_{name}").eq(getattr(writer, name))
        return m


class SpiCost(Receiver):
    """A reading of an ADC for each conversion.

    One that has begun ends, but if it is asked no longer, its value is dropped.

    Latency: `ExchangeSpec.convert_clocks` from `ask` to the last one.

    Members
    -------
    adc_sclk, adc_mosi, adc_cs_n : Out(1)
    adc_miso : In(1)
        As those of `AdcReader`.
    """

    adc_sclk: Signal
    adc_mosi: Signal
    adc_cs_n: Signal
    adc_miso: Signal

    @staticmethod
    def pins_of(spec: ExchangeSpec) -> dict[str, Any]:
        """Return the members that lead to the plant."""
        out = dict.fromkeys(("adc_sclk", "adc_mosi", "adc_cs_n"), Out(1))
        return out | {"adc_miso": In(1)}

    def elaborate(self, platform: object) -> Module:
        """Read while it is asked."""
        m = Module()
        spec = self.spec
        assert spec.adc is not None
        channels = range(spec.adc_channel, spec.adc_channel + spec.signals)
        m.submodules.reader = reader = AdcReader(spec.adc, spec.clock_hz, channels)
        asked = Signal()  # since the reading began
        m.d.sync += asked.eq(self.ask & (asked | reader.start))
        m.d.comb += [
            reader.start.eq(self.ask & ~reader.busy & ~reader.done),
            reader.miso.eq(self.adc_miso),
            reader.channel.eq(self.output),
            self.came.eq(reader.done & self.ask & asked),
            self.value.eq(reader.value),
        ]
        for name in ("sclk", "mosi", "cs_n"):
            m.d.comb += getattr(self, f"adc_{name}").eq(getattr(reader, name))
        return m
