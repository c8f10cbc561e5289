"""The window: which input a word meets, at which place of an image."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux, Shape, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl.folded.by_layer import chosen
from spec.folded import FoldedLayerSpec, FoldedSpec
from spec.network import POOL, WINDOW
from spec.numbers import bits_for


def furthest(spec: FoldedSpec) -> Shape:
    """Shape of how far inputs of a bank of lanes are from the first one's."""
    return Shape.cast(range(max(max(layer.offsets) for layer in spec.layers) + 1))


class Window(wiring.Component):
    """Goes through the inputs of a place, and through the places of a layer.

    A dense layer has one place, with all of its inputs. Of a convolution, the inputs of a place are
    3 rows of 3 columns of all channels; places go by rows, or, where the layer is pooled, by the
    four that pooling makes one of.

    Latency: a clock from the strobes, and to `last_place` one more. What `place` leads to is known
    two clocks after the last one.

    Parameters
    ----------
    spec : FoldedSpec

    Members
    -------
    layer : In
        Which layer it is; for a clock at least before `restart`.
    restart, follows : In(1)
        Strobe: go to the layer's first place; or, where it `follows`, to that of the next layer.
    cell, place : In(1)
        Strobes: go to the next input; to the next place.
    input : Out
        Number of the input among all that are stored.
    offsets : Out(array of banks)
        How far the inputs of each bank of lanes are from the first one's.
    last_place : Out(1)
        Whether it is the layer's last place.
    first_place : Out(1)
        Whether it is the layer's first place.
    opens, closes : Out(1)
        Whether it is the first, the last of those that pooling makes one of.
    """

    layer: Signal
    restart: Signal
    follows: Signal
    cell: Signal
    place: Signal
    input: Signal
    offsets: Any
    last_place: Signal
    first_place: Signal
    opens: Signal
    closes: Signal

    def __init__(self, spec: FoldedSpec) -> None:
        self.spec = spec
        layer = max(1, bits_for(len(spec.layers)))
        members = {"layer": In(layer)}
        members |= dict.fromkeys(("restart", "follows", "cell", "place"), In(1))
        members |= {"input": Out(max(1, bits_for(spec.stored_inputs)))}
        members |= {"offsets": Out(data.ArrayLayout(furthest(spec), spec.banks))}
        flags = ("last_place", "first_place", "opens", "closes")
        super().__init__(members | dict.fromkeys(flags, Out(1)))

    def elaborate(self, platform: object) -> Module:
        """Build the counters."""
        m = Module()
        images = [layer.image for layer in self.spec.layers if layer.image]
        own, following = Signal.like(self.input, name="own"), Signal.like(self.input, name="next")
        inputs = [layer.input for layer in self.spec.layers]
        m.d.sync += [
            own.eq(chosen(m, self.layer, inputs)),
            following.eq(chosen(m, self.layer, [*inputs[1:], 0])),
        ]
        first = Mux(self.follows, following, own)
        if not images:  # of dense layers, all flags are constants
            m.d.comb += [
                flag.eq(1) for flag in (self.last_place, self.first_place, self.opens, self.closes)
            ]
            with m.If(self.restart):
                m.d.sync += self.input.eq(first)
            with m.Elif(self.cell):
                m.d.sync += self.input.eq(self.input + 1)
            return m
        most = max(max(image.places_of_row, image.places_of_column) for image in images)
        self._sub, base = Signal(2), Signal.like(self.input, name="base")
        self._column, self._row = Signal(range(most + 1)), Signal(range(most + 1))
        across = Signal(range(max(WINDOW * image.channels for image in images)))
        onward = Signal.like(self.input, name="onward")
        edge, before = Signal(), Signal.like(across, name="before_edge")
        jump = Signal.like(self.input, name="jump")
        with m.Switch(self.layer):
            for k, layer in enumerate(self.spec.layers):
                with m.Case(k):
                    if layer.image:
                        m.d.sync += [
                            before.eq(WINDOW * layer.image.channels - 2),
                            jump.eq((layer.image.columns - WINDOW) * layer.image.channels + 1),
                        ]
                    else:
                        m.d.sync += jump.eq(1)
                    self._places(m, layer, base, onward)
        m.d.comb += self.first_place.eq((self._sub == 0) & (self._column == 0) & (self._row == 0))
        with m.If(self.restart):
            m.d.sync += [
                self.input.eq(first), base.eq(first), across.eq(0), edge.eq(0),
                self._sub.eq(0), self._column.eq(0), self._row.eq(0),
            ]  # fmt: skip
        with m.Elif(self.place):
            m.d.sync += [self.input.eq(onward), base.eq(onward), across.eq(0), edge.eq(0)]
        with m.Elif(self.cell):
            m.d.sync += [
                self.input.eq(self.input + 1), across.eq(across + 1), edge.eq(across == before)
            ]  # fmt: skip
            with m.If(edge):
                m.d.sync += [self.input.eq(self.input + jump), across.eq(0), edge.eq(0)]
        return m

    def _places(self, m: Module, layer: FoldedLayerSpec, base: Signal, onward: Signal) -> None:
        """Go on from place to place of one layer."""
        image = layer.image
        if not image:
            m.d.sync += self.last_place.eq(1)
            m.d.comb += [self.opens.eq(1), self.closes.eq(1)]
            return
        at_edge, sub = Signal(), self._sub
        line, step, corners = image.columns * image.channels, image.channels, image.corners
        last = len(corners) - layer.copies
        m.d.comb += [
            at_edge.eq(self._column == image.places_of_row - 1),
            self.opens.eq(sub == 0),
            self.closes.eq(sub == last),
        ]
        m.d.sync += self.last_place.eq(
            at_edge & (self._row == image.places_of_column - 1) & self.closes
        )
        for bank in range(self.spec.banks):
            copy = bank * layer.copies // self.spec.banks
            m.d.comb += self.offsets[bank].eq(layer.offsets[copy])
        # From the last ones that pooling makes one of to the next ones, in this row or the next.
        side = POOL if image.pooled else 1
        forward = side * step - corners[last]
        back = side * (line - (image.places_of_row - 1) * step) - corners[last]
        with m.If(self.closes):
            m.d.sync += onward.eq(base + forward)
            with m.If(at_edge):
                m.d.sync += onward.eq(base + back)
            with m.If(self.place):
                m.d.sync += self._column.eq(self._column + 1)
                with m.If(at_edge):
                    m.d.sync += [self._column.eq(0), self._row.eq(self._row + 1)]
        if last:
            with m.Switch(sub):
                for place in range(0, last, layer.copies):
                    with m.Case(place):
                        m.d.sync += onward.eq(base + corners[place + layer.copies] - corners[place])
            with m.If(self.place):
                m.d.sync += sub.eq(sub + layer.copies)
