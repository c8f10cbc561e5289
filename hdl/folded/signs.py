"""The bits of perturbations that lie outside of the words: those of the neurons."""

from __future__ import annotations

from collections.abc import Iterator

from amaranth.hdl import Array, Cat, Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spec.folded import FoldedSpec
from spec.numbers import bits_for


class Signs(wiring.Component):
    """The bit of each neuron's bias cell, and what it was when u was made.

    It is the sign of a neuron's perturbation; and where the line of random bits goes on from a
    neuron to the next one. Latency: a clock from `take` to `now`.

    Parameters
    ----------
    spec : FoldedSpec

    Members
    -------
    hold : In(1)
        Strobe, before a pass: `before` and `above` are what is there now.
    group : In
        Whose neurons `before` and `above` are, a lane each.
    before, above : Out(lanes)
        The bits of the lanes' neurons; and of the neurons in front of them, which of the first
        one is `entering`.
    entering : In(1)
    take : In(lanes)
        Strobes: the neuron's bit becomes that of `bits`.
    bits : In(lanes)
    group_now, now : In, Out(lanes)
        Of another group, the bits that there are now.
    clear, renew : In(1)
        Strobes: draw bits for all neurons, one a clock; with `hold`: take what was drawn, and draw
        again. Only if no word has a bit: no pass is over before they are.
    drawn, draws : In(1), Out(1)
        The next bit; whether it is used.
    """

    hold: Signal
    group: Signal
    before: Signal
    above: Signal
    entering: Signal
    take: Signal
    bits: Signal
    group_now: Signal
    now: Signal
    clear: Signal
    renew: Signal
    drawn: Signal
    draws: Signal

    def __init__(self, spec: FoldedSpec) -> None:
        self.spec = spec
        lanes, number = spec.lanes, max(1, bits_for(spec.groups))
        drawn = dict.fromkeys(("clear", "renew", "drawn"), In(1)) | {"draws": Out(1)}
        super().__init__(
            {
                **({} if spec.stored_bits else drawn),
                "hold": In(1),
                "group": In(number),
                "before": Out(lanes),
                "above": Out(lanes),
                "entering": In(1),
                "take": In(lanes),
                "bits": In(lanes),
                "group_now": In(number),
                "now": Out(lanes),
            }
        )

    def _places(self) -> Iterator[tuple[int, int, int, bool]]:
        """Yield group, lane and number of every neuron, and whether it is a further copy.

        Those whose words have fresh bits are left out, where others have them here.
        """
        spec, group = self.spec, 0
        for layer in spec.layers:
            elsewhere = spec.node and spec.fresh and not layer.node
            for k in range(0 if elsewhere else layer.neurons):
                place, lane = divmod(k, layer.lanes)
                for copy in range(layer.copies):
                    yield group + place, copy * layer.lanes + lane, layer.neuron + k, copy > 0
            group += layer.groups

    def elaborate(self, platform: object) -> Module:
        """Build both registers, and what reads and writes them."""
        m = Module()
        spec = self.spec
        bits, held = Signal(spec.neurons, name="signs"), Signal(spec.neurons, name="signs_held")
        with m.If(self.hold):
            m.d.sync += held.eq(bits)
        if not spec.stored_bits:
            self._draw(m, bits)
        columns: dict[str, list[list[Value]]] = {
            name: [[bits[0]] * spec.groups for _ in range(spec.lanes)]
            for name in ("before", "above", "now")
        }
        for group, lane, number, again in self._places():
            columns["before"][lane][group] = held[number]
            columns["above"][lane][group] = held[number - 1] if number else self.entering
            columns["now"][lane][group] = bits[number]
            if not again:
                with m.If(self.take[lane] & (self.group == group)):
                    m.d.sync += bits[number].eq(self.bits[lane])
        for name, column in columns.items():
            place = self.group_now if name == "now" else self.group
            m.d.comb += getattr(self, name).eq(Cat(Array(lane)[place] for lane in column))
        return m

    def _draw(self, m: Module, bits: Signal) -> None:
        """Draw the bits of the next perturbation while there is time."""
        count = self.spec.neurons
        coming, left = Signal(count, name="signs_to_come"), Signal(range(count + 1))
        m.d.comb += self.draws.eq(left != 0)
        with m.If(self.draws):
            m.d.sync += [coming.eq(Cat(coming[1:], self.drawn)), left.eq(left - 1)]
        with m.If(self.renew):
            m.d.sync += bits.eq(coming)
        with m.If(self.clear | self.renew):
            m.d.sync += left.eq(count)
