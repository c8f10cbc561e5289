"""The order in which samples come: one after the other, or at random."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux, Signal, Value

from hdl.number.lfsr import LfsrRegister
from spec.lfsr import ORDER
from spec.numbers import bits_for
from spec.plant import SamplesSpec
from spec.tasks import Order


def follow(m: Module, spec: SamplesSpec, part: Any, following: Signal, last: Value | None) -> None:
    """Let `part.index` be the current sample, and `following` the next one.

    Parameters
    ----------
    m : Module
    spec : SamplesSpec
    part : Component
        Has `seed`, `restart`, `advance` and `index`, as `SampleMemory`.
    following : Signal
    last : Value or None
        Number of the last sample in use, if that is adjustable.
    """
    if spec.order is Order.RANDOM:
        primed, draw = _random(m, spec, part, last)
    else:
        primed, end = None, spec.count - 1 if last is None else last
        draw = Mux(following == end, 0, following + 1)
    with m.If(part.restart):
        m.d.sync += [part.index.eq(0), following.eq(0)]
    with m.Elif(part.advance):
        m.d.sync += [part.index.eq(following), following.eq(draw)]
    if primed is not None:
        with m.Elif(primed):
            m.d.sync += following.eq(draw)


def _random(m: Module, spec: SamplesSpec, part: Any, last: Value | None) -> tuple[Signal, Value]:
    """⌊r·count / 2**bits⌋ for r of 8 bits more than needed, or a power of two exactly."""
    bits = bits_for(spec.depth)
    if last is not None or spec.depth != 1 << bits:
        bits += 8
    count = spec.count if last is None else last + 1
    m.submodules.lfsr = lfsr = LfsrRegister(ORDER, bits)
    primed = Signal(name="_primed")
    m.d.sync += primed.eq(part.restart)
    m.d.comb += [
        lfsr.seed.eq(part.seed),
        lfsr.load.eq(part.restart),
        lfsr.shift.eq(part.advance | primed),
    ]
    draw = Signal(spec.address_bits)
    m.d.comb += draw.eq((lfsr.state[:bits] * count) >> bits)
    return primed, draw
