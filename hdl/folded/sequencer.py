"""The sequencer: which word is visited in a clock, and with which input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from amaranth.hdl import Module, Mux, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl.folded.by_layer import chosen, of_layer
from hdl.folded.window import Window, furthest
from spec.folded import FoldedSpec
from spec.numbers import bits_for


def visit_layout(spec: FoldedSpec) -> data.StructLayout:
    """Lay out a visit.

    valid
        Whether there is one.
    address
        Of the word.
    input
        Number of its input, among those of all layers.
    offsets
        How far the inputs of each bank of lanes are from that.
    bias
        Whether that is the 1 of a bias instead.
    first, last
        Of a neuron's visits.
    first_group, first_place, last_place
        Whether it is the layer's first group; the first or last place of an image, of which a
        dense layer has one.
    opens, closes
        Whether it is the first or last place of those that pooling makes one of.
    load
        No visit: an input of the sample comes into memory.
    rail
        Second clock of a visit that takes two; where it is not for an evaluation, but for memory of
        one port, no visit is valid in it.
    layer, group
        Which layer; which group, counted through all layers.
    lane
        Of the initial θ: whose word is made.
    """
    return data.StructLayout(
        {
            **dict.fromkeys(("valid", "load", "bias", "first", "last", "rail"), 1),
            **dict.fromkeys(("first_group", "first_place", "last_place", "opens", "closes"), 1),
            "address": spec.address_bits,
            "input": max(1, bits_for(spec.stored_inputs)),
            "offsets": data.ArrayLayout(furthest(spec), spec.banks),
            "layer": max(1, bits_for(len(spec.layers))),
            "group": max(1, bits_for(spec.groups)),
            "lane": max(1, bits_for(spec.lanes)),
        }
    )


class Sequencer(wiring.Component):
    """Goes through all words: forward in a pass, or backward, lane by lane, for the initial θ.

    Latency: the first visit comes a clock after `start` or `fill`. Throughput: a visit in each
    clock, but where an evaluation needs a clock of its own, or one group waits for another, or a
    layer for the one before it (`FoldedSpec.pauses`).

    Parameters
    ----------
    spec : FoldedSpec

    Members
    -------
    start, fill : In(1)
        Strobes: a pass; a bit of the initial θ. Only while nothing is visited, for four clocks.
    visit : Out(visit)
    filled : Out(1)
        Strobe, with the last visit of `fill`.
    """

    start: Signal
    fill: Signal
    visit: Any
    filled: Signal

    def __init__(self, spec: FoldedSpec) -> None:
        self.spec = spec
        super().__init__(
            {
                "start": In(1),
                "fill": In(1),
                "visit": Out(visit_layout(spec)),
                "filled": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the counters."""
        m = Module()
        spec = self.spec
        m.submodules.window = self._window = window = Window(spec)
        now: Any = Signal(visit_layout(spec), name="now")
        self._cell = cell = Signal(range(max(layer.fan_in for layer in spec.layers)))
        self._left = left = Signal(range(max(layer.groups for layer in spec.layers)))
        going, filling, loading = Signal(), Signal(), Signal()
        gaps = [max(layer.gap, layer.first_gap) for layer in spec.layers]
        self._rest = rest = Signal(range(max(*gaps, *spec.pauses, 0) + 2))
        self._rests = rests = Signal()  # whether that is so
        loaded = Signal(range(max(2, spec.loads)))
        self._at_end = at_end = Signal()  # of a neuron's cells, of which there are at least two
        self._first = Signal(spec.address_bits, name="first_word")  # of the group
        self._top = of_layer(m, spec, now.layer, lambda layer: layer.fan_in - 1)
        # One adder, which waits for no strobe: forward; backward; to the end of another lane.
        self._moved = Signal(spec.address_bits, name="moved")
        lane_ends = (cell == 0) & (now.lane != 0)
        backward = Mux(lane_ends, self._top, -1)
        m.d.comb += self._moved.eq(now.address + Mux(filling, backward, 1))
        m.d.comb += [
            now.valid.eq(self._visits(m, now, going & ~rests)),
            now.load.eq(loading),
            now.first.eq(cell == 0),
            now.last.eq(at_end),
            now.bias.eq(at_end),
            now.input.eq(Mux(loading, loaded, window.input)),
            now.offsets.eq(window.offsets),
            *(
                now[name].eq(getattr(window, name))
                for name in ("first_place", "last_place", "opens", "closes")
            ),
            window.layer.eq(now.layer),
            self.visit.eq(now),
        ]
        self._ends(m, now.layer)
        m.d.comb += now.first_group.eq(
            left == of_layer(m, spec, now.layer, lambda layer: layer.groups - 1)
        )
        with m.If(~(going | loading)):
            # All is ready before a pass, so that nothing but two registers waits for the strobe.
            m.d.sync += [
                loaded.eq(0), filling.eq(0), now.address.eq(0), self._first.eq(0), cell.eq(0),
                at_end.eq(0), now.rail.eq(0), now.layer.eq(0), now.group.eq(0),
                rests.eq(0), left.eq(spec.layers[0].groups - 1),
            ]  # fmt: skip
            m.d.comb += window.restart.eq(1)
            with m.If(self.start):
                m.d.sync += [going.eq(not spec.loads), loading.eq(spec.loads > 0)]
            with m.If(self.fill):
                last = spec.layers[-1]
                m.d.sync += [
                    going.eq(1), filling.eq(1), now.address.eq(spec.words - 1),
                    cell.eq(last.fan_in - 1), at_end.eq(1), now.layer.eq(len(spec.layers) - 1),
                    now.group.eq(spec.groups - 1), left.eq(0), now.lane.eq(last.last_group - 1),
                ]  # fmt: skip
        with m.Elif(loading):
            self._load(m, loaded)
            with m.If(loaded == spec.loads - 1):
                m.d.sync += [loading.eq(0), going.eq(1)]
        with m.Elif(going & filling):
            if spec.word_ports == 1:
                m.d.sync += now.rail.eq(~now.rail)
                with m.If(now.rail):
                    self._backward(m, now, going)
            else:
                self._backward(m, now, going)
        with m.Elif(going):
            with m.If(rests):
                m.d.sync += rests.eq(rest != 1)
            with m.Else():
                self._forward(m, now, going)
        return m

    def _ends(self, m: Module, layer: Value) -> None:
        """Know what follows a neuron before it ends: how many clocks without a visit, and what.

        From registers, as neurons have two cells at least. Until it ends, `rest` is what it will
        be then, so that it waits for nothing.
        """
        spec, window, pauses = self.spec, self._window, [*self.spec.pauses, 0]
        self._last_group = Signal()
        m.d.sync += self._last_group.eq(self._left == 0)

        def held(name: str, clocks: Sequence[int]) -> tuple[Signal, Signal]:
            count, any_at_all = Signal.like(self._rest, name=name), Signal(name=f"any_{name}")
            m.d.sync += [
                count.eq(chosen(m, layer, clocks)),
                any_at_all.eq(chosen(m, layer, [clock > 0 for clock in clocks])),
            ]
            return count, any_at_all

        gap, any_gap = held("gap", [one.gap for one in spec.layers])
        pause, any_pause = held("pause", pauses)
        if spec.word_ports == 1:
            first_gap, any_first_gap = held("first_gap", [one.first_gap for one in spec.layers])
            gap = Mux(self._writing, first_gap, gap)
            any_gap = Mux(self._writing, any_first_gap, any_gap)
        layer_ends = window.last_place & self._last_group
        waits, self._waits = Mux(layer_ends, pause, gap), Mux(layer_ends, any_pause, any_gap)
        m.d.sync += self._rest.eq(Mux(self._rests, self._rest - 1, waits))

    def _visits(self, m: Module, now: Any, goes: Value) -> Value:
        """Whether it is not the second clock of a visit, for memory of one port to write a word.

        So are those of the first place, and of the initial θ.
        """
        if self.spec.word_ports > 1:
            return goes
        self._writing = Signal()
        with m.If(self._window.restart | self.fill):
            m.d.sync += self._writing.eq(1)
        with m.Elif(self._window.place):
            m.d.sync += self._writing.eq(0)
        evaluations = of_layer(m, self.spec, now.layer, lambda layer: layer.rails)
        return goes & ~(now.rail & (evaluations == 1))

    def _load(self, m: Module, loaded: Signal) -> None:
        """Go on to the sample's next input: colour by colour they come, side by side they go."""
        image = self.spec.layers[0].image
        channels = image.channels if image else 1
        m.d.sync += loaded.eq(loaded + channels)
        for colour in range(channels - 1):
            with m.If(loaded == self.spec.loads - channels + colour):
                m.d.sync += loaded.eq(colour + 1)

    def _forward(self, m: Module, now: Any, going: Signal) -> None:
        """Go on to the next visit of a pass."""
        ends, wide = Signal(), of_layer(m, self.spec, now.layer, lambda layer: layer.rails - 1)
        window = self._window
        one_port = self.spec.word_ports == 1
        m.d.comb += ends.eq(now.rail == (wide | self._writing if one_port else wide))
        with m.If(~ends):
            m.d.sync += now.rail.eq(1)
        with m.Else():
            m.d.sync += [now.rail.eq(0), now.address.eq(self._moved)]
            with m.If(~self._at_end):
                before = of_layer(m, self.spec, now.layer, lambda layer: layer.fan_in - 2)
                m.d.sync += [self._cell.eq(self._cell + 1), self._at_end.eq(self._cell == before)]
                m.d.comb += window.cell.eq(1)
            with m.Else():
                m.d.sync += [self._cell.eq(0), self._at_end.eq(0), self._rests.eq(self._waits)]
                with m.If(~window.last_place):
                    m.d.sync += now.address.eq(self._first)
                    m.d.comb += window.place.eq(1)
                with m.Else():
                    m.d.sync += [
                        self._first.eq(self._moved),
                        now.group.eq(now.group + 1), self._left.eq(self._left - 1),
                    ]  # fmt: skip
                    m.d.comb += [window.restart.eq(1), window.follows.eq(self._last_group)]
                    with m.If(self._last_group):
                        self._next_layer(m, now, going)

    def _next_layer(self, m: Module, now: Any, going: Signal) -> None:
        """Go on with the next layer, if there is one."""
        spec = self.spec
        with m.Switch(now.layer):
            for k, layer in enumerate(spec.layers[1:]):
                with m.Case(k):
                    m.d.sync += [now.layer.eq(k + 1), self._left.eq(layer.groups - 1)]
            with m.Default():
                m.d.sync += going.eq(0)

    def _backward(self, m: Module, now: Any, going: Signal) -> None:
        """Go on to the parameter before, in documented order."""
        top = self._top
        m.d.sync += now.address.eq(self._moved)
        with m.If(self._cell != 0):
            m.d.sync += [self._cell.eq(self._cell - 1), self._at_end.eq(0)]
        with m.Elif(now.lane != 0):
            m.d.sync += [self._cell.eq(top), self._at_end.eq(1), now.lane.eq(now.lane - 1)]
        with m.Else():
            groups = of_layer(m, self.spec, now.layer, lambda layer: layer.groups - 1)
            m.d.sync += [
                self._cell.eq(top), self._at_end.eq(1), now.lane.eq(self.spec.lanes - 1),
                now.group.eq(now.group - 1), self._left.eq(self._left + 1),
            ]  # fmt: skip
            with m.If(self._left == groups):
                self._layer_before(m, now, going)

    def _layer_before(self, m: Module, now: Any, going: Signal) -> None:
        """Go on with the last word of the layer before, or end with the first one."""
        m.d.comb += self.filled.eq(now.layer == 0)
        with m.If(now.layer == 0):
            m.d.sync += going.eq(0)
        m.d.sync += [now.layer.eq(now.layer - 1), self._left.eq(0)]
        with m.Switch(now.layer):
            for k, layer in enumerate(self.spec.layers[:-1]):
                with m.Case(k + 1):
                    m.d.sync += [
                        self._cell.eq(layer.fan_in - 1), now.lane.eq(layer.last_group - 1)
                    ]  # fmt: skip
