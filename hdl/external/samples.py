"""The order of samples that only the plant knows."""

from __future__ import annotations

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hdl.plant.order import follow
from spec.lfsr import SEED_BITS
from spec.plant import SamplesSpec


class SampleOrder(wiring.Component):
    """Says which sample the plant is to evaluate.

    Latency: 1 clock from `advance` to `index`; none from `address` to `sample`.

    Parameters
    ----------
    spec : SamplesSpec

    Members
    -------
    seed, restart, advance, sweep, address
        As those of `hdl.plant.samples.SampleMemory`.
    index : Out
        The current sample of the order.
    sample : Out
        That, or in a check the one at `address`.
    """

    seed: Signal
    restart: Signal
    advance: Signal
    sweep: Signal
    address: Signal
    index: Signal
    sample: Signal

    def __init__(self, spec: SamplesSpec) -> None:
        self.spec = spec
        bits = spec.address_bits
        strobes = dict.fromkeys(("restart", "advance", "sweep"), In(1))
        members = {"seed": In(SEED_BITS), "address": In(bits), "index": Out(bits)}
        super().__init__(strobes | members | {"sample": Out(bits)})

    def elaborate(self, platform: object) -> Module:
        """Build the order."""
        m = Module()
        if self.spec.count > 1:
            follow(m, self.spec, self, Signal(self.spec.address_bits, name="following"), None)
        m.d.comb += self.sample.eq(Mux(self.sweep, self.address, self.index))
        return m
