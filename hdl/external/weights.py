"""Weights out: all at once, or one after the other, only those that changed."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module, Signal, Value
from amaranth.lib import data, memory, wiring
from amaranth.lib.wiring import In, Out

from hdl.number import fixed
from hdl.optimizer.memory.words import Words
from spec.external.exchange import ExchangeSpec
from spec.numbers import bits_for


class Sender(wiring.Component):
    """What all ways have in common.

    Parameters
    ----------
    spec : ExchangeSpec

    Attributes
    ----------
    pins : dict
        Members that lead to the plant.

    Members
    -------
    send : In(1)
        Strobe: new weights come in the next clock.
    forget : In(1)
        Whether the plant may have lost what it was sent, so that all of it goes again.
    sent : Out(1)
        Strobe, after `send`: the plant has all weights.
    """

    words: Any
    send: Signal
    forget: Signal
    sent: Signal

    pins: dict[str, Any]

    def __init__(self, spec: ExchangeSpec) -> None:
        self.spec = spec
        self.pins = self.pins_of(spec)
        members = {"send": In(1), "forget": In(1), "sent": Out(1), "words": self.words_of(spec)}
        super().__init__(members | self.pins)

    @staticmethod
    def words_of(spec: ExchangeSpec) -> Any:
        """Return the member by which weights come, `words`."""
        return Out(Words(spec.weight, spec.words))

    @staticmethod
    def pins_of(spec: ExchangeSpec) -> dict[str, Any]:
        """Return the members that lead to the plant."""
        raise NotImplementedError


class ParallelWeights(Sender):
    """A port for all weights.

    Latency: `sent` comes in the clock after `send`, in which the weights are there.

    Members
    -------
    words : In(array of weights)
        θ, or θ ± θ̃, then the inputs of the sample; they stay from the clock after `send` until
        `sent`.
    theta : Out(array of weights)
        Parameter 0 in the lowest bits.
    x : Out(array of weights)
        Inputs, if they are ours.
    """

    words: Any
    theta: data.View
    x: data.View

    @staticmethod
    def words_of(spec: ExchangeSpec) -> Any:
        """Return the member by which weights come."""
        return In(data.ArrayLayout(fixed.of(spec.weight), spec.words))

    @staticmethod
    def pins_of(spec: ExchangeSpec) -> dict[str, Any]:
        """Return the members that lead to the plant."""
        weight = fixed.of(spec.weight)
        pins = {"theta": Out(data.ArrayLayout(weight, spec.parameters))}
        if spec.inputs:
            pins["x"] = Out(data.ArrayLayout(weight, spec.inputs))
        return pins

    def elaborate(self, platform: object) -> Module:
        """Pass them on."""
        m = Module()
        split = self.spec.parameters * self.spec.weight.bits
        raw = Value.cast(self.words)
        m.d.comb += Value.cast(self.theta).eq(raw[:split])
        if self.spec.inputs:
            m.d.comb += Value.cast(self.x).eq(raw[split:])
        m.d.sync += self.sent.eq(self.send)
        return m


class StreamWeights(Sender):
    """Address and weight, one after the other, of those that the plant does not have.

    It remembers what it sent: with perturbations that move one cell at a time, that one goes, and
    the one before; after an update, those that moved.

    Throughput: a weight a clock, also of those that stay. Latency: 2 clocks more than words from
    `send` to `sent`, those in which words come, and as many as `weight_ready` was missing.

    Members
    -------
    words : Out(Words)
        The same, asked for one after the other.
    weight_valid, weight_ready : Out(1), In(1)
        A weight goes in each clock in which both are 1; once valid, it stays until it goes.
    weight_address : Out
        Number of the parameter; those of inputs follow.
    weight : Out(weight)
    """

    words: Any
    weight_valid: Signal
    weight_ready: Signal
    weight_address: Signal
    weight: fixed.Value

    @staticmethod
    def pins_of(spec: ExchangeSpec) -> dict[str, Any]:
        """Return the members that lead to the plant."""
        return {
            "weight_valid": Out(1),
            "weight_ready": In(1),
            "weight_address": Out(max(1, bits_for(spec.words))),
            "weight": Out(fixed.of(spec.weight)),
        }

    def elaborate(self, platform: object) -> Module:
        """Build the comparison with the memory of what was sent."""
        m = Module()
        count, width = self.spec.words, self.spec.weight.bits
        # Never read where it is written: synthesis need not care for that case.
        attrs: Any = {"no_rw_check": 1}
        m.submodules.had = had = memory.Memory(
            shape=width, depth=max(2, count), init=[], attrs=attrs
        )
        read, write = had.read_port(), had.write_port()
        number, at = Signal(range(count + 1)), Signal(range(max(2, count)))
        scans, there, takes, all_of_them = Signal(), Signal(), Signal(), Signal(init=1)
        value, words, moves = Signal(width), self.words, self.words.moves
        coming, arrives = self._coming(m, scans, number)
        m.d.comb += [
            words.begin.eq(self.send),
            words.number.eq(number),
            moves.eq(takes & ~words.blocked),
            self.weight_valid.eq(there & (all_of_them | (value != read.data))),
            self.weight_address.eq(at),
            self.weight.as_value().eq(value),
            takes.eq(~self.weight_valid | self.weight_ready),
            read.addr.eq(coming),
            read.en.eq(moves),
            write.addr.eq(at),
            write.data.eq(value),
            write.en.eq(self.weight_valid & self.weight_ready),
        ]
        with m.If(self.send):
            m.d.sync += [scans.eq(1), number.eq(0)]
        with m.If(takes):
            m.d.sync += there.eq(arrives & moves)
        with m.If(moves):
            m.d.sync += [at.eq(coming), value.eq(words.weight.as_value())]
            with m.If(scans):
                m.d.sync += number.eq(number + 1)
                with m.If(number == count - 1):
                    m.d.sync += scans.eq(0)
        sends, sent_before = Signal(), Signal(init=1)
        m.d.comb += [
            sends.eq(Cat(scans, *self._on_their_way, there).any()),
            self.sent.eq(~sends & ~sent_before),
        ]
        m.d.sync += sent_before.eq(~sends)
        with m.If(self.sent):
            m.d.sync += all_of_them.eq(0)
        with m.If(self.forget):
            m.d.sync += [all_of_them.eq(1), scans.eq(0), there.eq(0), sent_before.eq(1)]
            m.d.sync += [on_its_way.eq(0) for on_its_way in self._on_their_way]
        return m

    def _coming(self, m: Module, scans: Signal, number: Signal) -> tuple[Value, Value]:
        """Return the number of the word that arrives, and whether one does."""
        self._on_their_way: list[Signal] = []
        arrives = scans
        for k in range(self.spec.word_latency):
            later, there = Signal.like(number, name=f"number_{k}"), Signal(name=f"there_{k}")
            with m.If(self.words.moves):
                m.d.sync += [later.eq(number), there.eq(arrives)]
            number, arrives = later, there
            self._on_their_way.append(there)
        return number, arrives
