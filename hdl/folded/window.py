"""The window: which input a word meets, at which place of an image."""

from __future__ import annotations

from amaranth.hdl import Const, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hdl.folded.by_layer import of_layer
from spec.folded import FoldedLayerSpec, FoldedSpec
from spec.network import WINDOW
from spec.numbers import bits_for


class Window(wiring.Component):
    """Goes through the inputs of a place, and through the places of a layer.

    A dense layer has one place, with all of its inputs. Of a convolution, the inputs of a place are
    3 rows of 3 columns of all channels; places go by rows, or, where the layer is pooled, by the
    four that pooling makes one of.

    Latency: a clock from the strobes.

    Parameters
    ----------
    spec : FoldedSpec

    Members
    -------
    layer : In
        Which layer it is.
    restart, to : In
        Strobe: go to the first place of a layer, and which.
    cell, place : In(1)
        Strobes: go to the next input; to the next place.
    input : Out
        Number of the input among all that are stored.
    last_place : Out(1)
        Whether it is the layer's last place.
    first_place : Out(1)
        Whether it is the layer's first place.
    opens, closes : Out(1)
        Whether it is the first, the last of those that pooling makes one of.
    """

    layer: Signal
    restart: Signal
    to: Signal
    cell: Signal
    place: Signal
    input: Signal
    last_place: Signal
    first_place: Signal
    opens: Signal
    closes: Signal

    def __init__(self, spec: FoldedSpec) -> None:
        self.spec = spec
        layer = max(1, bits_for(len(spec.layers)))
        members = {"layer": In(layer), "restart": In(1), "to": In(layer)}
        members |= dict.fromkeys(("cell", "place"), In(1))
        members |= {"input": Out(max(1, bits_for(spec.stored_inputs)))}
        flags = ("last_place", "first_place", "opens", "closes")
        super().__init__(members | dict.fromkeys(flags, Out(1)))

    def elaborate(self, platform: object) -> Module:
        """Build the counters."""
        m = Module()
        images = [layer.image for layer in self.spec.layers if layer.image]
        first = of_layer(m, self.spec, self.to, lambda layer: layer.input)
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
        edge, jump = Signal(), Signal.like(self.input, name="jump")
        m.d.comb += jump.eq(1)
        with m.Switch(self.layer):
            for k, layer in enumerate(self.spec.layers):
                with m.Case(k):
                    if layer.image:
                        m.d.comb += [
                            edge.eq(across == WINDOW * layer.image.channels - 1),
                            jump.eq((layer.image.columns - WINDOW) * layer.image.channels + 1),
                        ]
                    self._places(m, layer, base, onward)
        m.d.comb += self.first_place.eq((self._sub == 0) & (self._column == 0) & (self._row == 0))
        with m.If(self.restart):
            m.d.sync += [
                self.input.eq(first), base.eq(first), across.eq(0),
                self._sub.eq(0), self._column.eq(0), self._row.eq(0),
            ]  # fmt: skip
        with m.Elif(self.place):
            m.d.sync += [self.input.eq(onward), base.eq(onward), across.eq(0)]
        with m.Elif(self.cell):
            m.d.sync += [across.eq(across + 1), self.input.eq(self.input + 1)]
            with m.If(edge):
                m.d.sync += [across.eq(0), self.input.eq(self.input + jump)]
        return m

    def _places(self, m: Module, layer: FoldedLayerSpec, base: Signal, onward: Signal) -> None:
        """Go on from place to place of one layer."""
        image = layer.image
        if not image:
            m.d.comb += [self.last_place.eq(1), self.opens.eq(1), self.closes.eq(1)]
            return
        at_edge, at_end, sub = Signal(), Signal(), self._sub
        line = image.columns * image.channels
        m.d.comb += [
            at_edge.eq(self._column == image.places_of_row - 1),
            at_end.eq(at_edge & (self._row == image.places_of_column - 1)),
        ]
        step = image.channels
        if not image.pooled:
            m.d.comb += [self.opens.eq(1), self.closes.eq(1), self.last_place.eq(at_end)]
            closes, forward, back = Const(1), step, WINDOW * step
        else:
            m.d.comb += [
                self.opens.eq(sub == 0), self.closes.eq(sub == 3),
                self.last_place.eq(at_end & (sub == 3)),
            ]  # fmt: skip
            closes = self.closes
            # From the fourth of a square to the first of the next one, or of the next row's first.
            forward = step - line
            back = line - (2 * image.places_of_row - 1) * step
            with m.If(self.place):
                m.d.sync += sub.eq(sub + 1)
        with m.If(~closes):
            m.d.comb += onward.eq(base + step)
            with m.If(sub == 1):
                m.d.comb += onward.eq(base + line - step)
        with m.Else():
            m.d.comb += onward.eq(base + forward)
            with m.If(at_edge):
                m.d.comb += onward.eq(base + back)
            with m.If(self.place):
                m.d.sync += self._column.eq(self._column + 1)
                with m.If(at_edge):
                    m.d.sync += [self._column.eq(0), self._row.eq(self._row + 1)]
