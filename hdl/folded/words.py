"""What becomes of the words: read, corrected, given a bit, written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amaranth.hdl import Const, Mux, Signal, Value

from hdl.folded.access import Access
from hdl.folded.by_layer import either, of_layer
from hdl.folded.fresh import bits_used, fresh_bit
from hdl.folded.lane import ORDERS, amount_shape
from hdl.folded.near import near
from hdl.folded.orders import Orders
from hdl.folded.signs import Signs
from hdl.folded.visits import Visits
from hdl.folded.writes import show_writes
from hdl.number import fixed
from hdl.number.delay import delay
from spec.folded import ADDRESS_LATENCY, FoldedSpec

if TYPE_CHECKING:
    from hdl.folded.engine import Engine


def correct(
    m: Any, engine: Engine, visits: Visits, filling: Signal, orders: Orders, signs: Signs
) -> None:
    """Read words, let them move by what was found, and give them bits.

    Parameters
    ----------
    m : Module
    engine : Engine
        Whose lanes they are in, and whose bits and accesses.
    visits : Visits
    filling : Signal
        Whether θ is initialised.
    orders : Orders
        What becomes of the words that lanes have in the next clock.
    signs : Signs
    """
    spec = engine.spec
    here = visits.ago(spec.found)
    access, addresses = _connect_access(m, engine, visits, filling, orders)
    soon, takes = visits.ago(spec.found - 1), here.valid & ~here.rail
    heard = {
        name: near(m, getattr(orders, name), shape, spec.lanes, f"{name}_near")
        for name, shape in (
            ("orders", ORDERS), ("given", fixed.of(spec.theta)), ("amount", amount_shape(spec))
        )
    }  # fmt: skip
    fills = near(m, filling, 1, spec.lanes, "filling_near")
    randoms = near(m, engine.random, 1, spec.lanes, "random_near")
    write = delay(m, orders.write, spec.lanes, 1, "write")
    exists = delay(m, orders.exists, spec.lanes, 1, "exists")
    anew = delay(m, orders.anew, 1, 1, "anew")
    node, fresh = _by_node(m, spec, visits), spec.fresh and spec.stored_bits
    earlier = visits.ago(spec.found - 2)
    shift = delay(m, earlier.valid & ~earlier.rail & filling, 1, 1, "shift")
    # Whether a bias cell's bit is the neuron's, which does not draw one by itself.
    bias_draws = engine.draw if spec.stored_bits else Const(0)
    m.d.comb += [
        engine.shift.eq(shift),  # `random` is heard a clock later
        signs.group.eq(here.group),
    ]
    for k, lane in enumerate(engine.lanes):
        m.submodules[f"lane_{k}"] = lane
        before = Signal(name=f"stored_before_{k}")
        bit = Signal(name=f"bit_{k}")
        with m.If(takes):
            m.d.sync += before.eq(lane.stored)
        drawn = (
            fresh_bit(m, spec, engine.drawn, here.layer, k)
            if fresh
            else Mux(here.first, signs.above[k], before)
        )
        m.d.comb += [
            bit.eq(Mux(fills[k], randoms[k], drawn)),
            lane.address.eq(addresses[k]),
            *(getattr(lane, name).eq(its[k]) for name, its in heard.items()),
            lane.write.eq(write[k]),
            access.found[k].eq(lane.found.as_value()),
            lane.bit.eq(either(node, Const(0), bit) if fresh else bit),
            lane.plus.eq(Mux(fills[k], randoms[k], either(node, signs.before[k], lane.stored))),
            signs.bits[k].eq(bit),
        ]  # fmt: skip
        # Where only neurons have bits, those of the line are never used.
        if spec.stored_bits or spec.word_ports > 1:
            m.d.comb += signs.take[k].eq(
                takes & here.bias & exists[k] & (filling | (bias_draws & anew))
            )
    if fresh:
        new = soon.valid & ~soon.rail & engine.draw & orders.anew & ~filling
        m.d.comb += engine.draws.eq(bits_used(m, spec, soon, new))
    show_writes(m, engine.writes, engine.lanes, visits, filling, exists)


def _by_node(m: Any, spec: FoldedSpec, visits: Visits) -> Value:
    """Whether words are of a layer by node; a constant if all are alike."""
    soon = visits.ago(spec.found - 1)
    node = of_layer(m, spec, soon.layer, lambda layer: layer.node)
    return node if isinstance(node, Const) else delay(m, node, 1, 1, "by_node")


def _connect_access(
    m: Any, engine: Engine, visits: Visits, filling: Signal, orders: Orders
) -> tuple[Access, list[Signal]]:
    """Let others have the memories in clocks in which no word is read or written.

    Returns
    -------
    Access
    list of Signal
        Each lane's address.
    """
    spec = engine.spec
    m.submodules.access = access = Access(spec)
    read, late = visits.ago(spec.lead), visits.ago(spec.written - ADDRESS_LATENCY)
    written = late.valid & ~late.rail & (filling | late.first_place)
    address = Mux(access.granted, access.address, read.address)
    if spec.word_ports == 1:
        address = Mux(written, late.address, address)
    addresses = near(m, address, spec.address_bits, spec.lanes, "address_near")
    m.d.comb += [
        access.request.eq(engine.request),
        access.free.eq(~(read.valid | written)),
        *(getattr(orders, n).eq(getattr(access, n)) for n in ("stores", "chosen", "theta")),
        engine.came.eq(access.came),
        engine.word.eq(access.word),
    ]
    return access, addresses
