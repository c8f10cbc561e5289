"""What the lanes write into their memories in a clock, for the probe."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from amaranth.hdl import Mux, Signal
from amaranth.lib import data

from hdl.folded.lane import Lane
from hdl.folded.visits import Visits
from hdl.number.delay import delay
from spec.folded import FoldedSpec


def writes_layout(spec: FoldedSpec) -> data.StructLayout:
    """Lay out what is written in a clock: by which lanes, where, and θ and bits of each."""
    return data.StructLayout(
        {
            "written": spec.lanes,
            "address": spec.address_bits,
            "theta": data.ArrayLayout(spec.theta.bits, spec.lanes),
            "bits": spec.lanes,
        }
    )


def show_writes(
    m: Any, writes: Any, lanes: Sequence[Lane], visits: Visits, filling: Signal, exists: Signal
) -> None:
    """Show what is written, and nothing where nothing is.

    Parameters
    ----------
    m : Module
    writes : struct
        Of `writes_layout`; set here.
    lanes : sequence of Lane
    visits : Visits
    filling : Signal
        Whether θ is initialised, so that words are written at every visit.
    exists : Signal
        Which lanes have a word of the visit `found` clocks ago.
    """
    spec = lanes[0].spec
    late = visits.ago(spec.written)
    mine = delay(m, exists, spec.lanes, spec.written - spec.found, "existed")
    written, shows = Signal(spec.lanes), filling | late.first_place
    m.d.comb += [
        written.eq(mine & (late.valid & ~late.rail & shows).replicate(spec.lanes)),
        writes.written.eq(written),
        writes.address.eq(Mux(written.any(), late.address, 0)),
    ]
    for k, lane in enumerate(lanes):
        m.d.comb += [
            writes.theta[k].eq(Mux(written[k], lane.kept.theta.as_value(), 0)),
        ]
        if spec.stored_bits:
            m.d.comb += writes.bits[k].eq(written[k] & lane.kept.bit)
