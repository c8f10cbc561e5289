"""The exchange: an evaluation's weights go to the plant, its cost comes back."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Const, Module, Mux, Signal, Value, unsigned
from amaranth.lib import data, wiring
from amaranth.lib.cdc import FFSynchronizer
from amaranth.lib.wiring import In, Out

from hdl.external.ways import pins_of, receiver_of, sender_of
from hdl.external.weights import ParallelWeights
from hdl.optimizer.bus import Tag
from spec.external.exchange import COUNT_BITS, ROUND_BITS, ExchangeSpec


class Exchange(wiring.Component):
    """Sends weights, waits until the plant has settled, sums up conversions, answers.

    Latency: `ExchangeSpec.clocks` from a tag to its answer, and as many as the plant lets it wait.
    One evaluation at a time.

    A plant that does not take weights, does not settle or does not answer within `timeout` clocks
    is sent all of them again, for the same evaluation: what it says in the end is as right as if it
    had said it at once. That goes on until it answers, or until `stop`.

    Parameters
    ----------
    spec : ExchangeSpec

    Members
    -------
    tag_i : In(Tag)
        The evaluation; it stays until it is answered.
    words : In(array of weights), or Out(Words)
        Its weights and inputs, from the clock after on; one after the other, if they are in memory.
    tag, means : Out(Tag), Out(array of unsigned)
        Its answer, for a clock: the mean of its conversions, or of those of each output.
    clear : In(1)
        Strobe: a run begins; the plant may be another one.
    stop : In(1)
        Whether what is not answered in time is given up.
    given_up : Out(1)
        Strobe: it is.
    timeouts, unasked : Out
        How often the plant was asked again, and conversions that nobody asked for, since `clear`.
    pins
        Those of sender and receiver, `pins` of them, and:
    evaluate : Out(1)
        Whether the plant has all weights of an evaluation that is not answered.
    round : Out
        With a stream of costs: number of the evaluation; those that are asked again have the same.
    settled : In(1)
        With `handshake`: whether the plant has settled since `evaluate` rose. It must fall after
        that does, before the next evaluation goes on.
    """

    tag_i: Any
    words: Any
    tag: Any
    means: data.View
    clear: Signal
    stop: Signal
    given_up: Signal
    timeouts: Signal
    unasked: Signal
    evaluate: Signal
    round: Signal
    settled: Signal

    def __init__(self, spec: ExchangeSpec) -> None:
        self.spec = spec
        self.sender, self.receiver = sender_of(spec), receiver_of(spec)
        self.pins = pins_of(spec)
        self.in_memory = spec.word_latency > 0
        words = type(self.sender) if self.in_memory else ParallelWeights
        members: dict[str, Any] = {"tag_i": In(Tag), "words": words.words_of(spec)}
        means = data.ArrayLayout(unsigned(spec.width), spec.signals)
        members |= {"tag": Out(Tag), "means": Out(means)}
        members |= {"clear": In(1), "stop": In(1), "given_up": Out(1)}
        members |= dict.fromkeys(("timeouts", "unasked"), Out(COUNT_BITS))
        members |= {"round": Out(ROUND_BITS)}
        super().__init__(members | self.pins)

    def elaborate(self, platform: object) -> Module:
        """Build the state machine and its counters."""
        m: Any = Module()
        spec, sender, receiver = self.spec, self.sender, self.receiver
        m.submodules.sender, m.submodules.receiver = sender, receiver
        for part in (sender, receiver):
            for name, member in part.pins.items():
                ours, its = getattr(self, name), getattr(part, name)
                m.d.comb += ours.eq(its) if member.flow is Out else its.eq(ours)
        self._computes = Signal(name="computes")
        rests, rose = self._handshake(m)
        late = self._late(m)
        clocks = Signal(range(max(3, spec.settling + 1, spec.cost_latency + 1)))
        left = Signal(range(max(2, spec.conversions)))
        output = Signal(range(max(2, spec.signals)))
        self._connect_words(m)
        m.d.comb += [
            receiver.output.eq(output),
            sender.forget.eq(self.clear | late),
            receiver.round.eq(self.round),
        ]

        def ask_again() -> None:
            """Go back, if the plant has not answered in time."""
            with m.If(late):
                m.d.sync += self.evaluate.eq(0)
                m.next = "REST"

        with m.If(receiver.unasked):
            _count(m, self.unasked)
        with m.FSM():
            with m.State("REST"):
                m.d.sync += [clocks.eq(spec.settling), left.eq(spec.conversions - 1)]
                m.d.sync += [Value.cast(self.means).eq(0), output.eq(0)]
                with m.If(self.tag_i.valid & rests & ~late):
                    m.d.comb += sender.send.eq(1)
                    m.next = "SEND"
            with m.State("SEND"):
                with m.If(sender.sent):
                    m.d.sync += self.evaluate.eq(1)
                    m.next = "SETTLE" if spec.settling or spec.handshake else "CONVERT"
                ask_again()
            with m.State("SETTLE"):
                with m.If(clocks != 0):
                    m.d.sync += clocks.eq(clocks - 1)
                with m.If((clocks <= 1) & rose):
                    m.next = "CONVERT"
                ask_again()
            with m.State("CONVERT"):
                m.d.comb += receiver.ask.eq(1)
                with m.If(receiver.came):
                    mean = self.means[output]
                    m.d.sync += [mean.eq(mean + receiver.value), left.eq(left - 1)]
                    with m.If(left == 0):
                        m.d.sync += [output.eq(output + 1), left.eq(spec.conversions - 1)]
                        with m.If(output == spec.signals - 1):
                            m.d.sync += self.evaluate.eq(0)
                            m.next = "ANSWER"
                ask_again()
            with m.State("ANSWER"):
                m.d.comb += self.tag.eq(self.tag_i)
                m.d.sync += [self.round.eq(self.round + 1), clocks.eq(spec.cost_latency)]
                m.next = "COST" if spec.cost_latency else "REST"
            if spec.cost_latency:
                with m.State("COST"):  # it is computed; the tag stays until then
                    m.d.comb += self._computes.eq(1)
                    m.d.sync += clocks.eq(clocks - 1)
                    with m.If(clocks == 1):
                        m.next = "REST"
        with m.If(self.clear):
            m.d.sync += [self.timeouts.eq(0), self.unasked.eq(0), self.round.eq(0)]
        return m

    def _connect_words(self, m: Module) -> None:
        """Bring weights to the sender: as they are, one of them, or as it asks for them."""
        words: Any = self.sender.words
        if self.in_memory:
            wiring.connect(m, wiring.flipped(self.words), words)
        elif isinstance(self.sender, ParallelWeights):
            m.d.comb += words.eq(self.words)
        else:
            width = self.spec.weight.bits
            chosen = Value.cast(self.words).word_select(words.number, width)
            m.d.comb += words.weight.as_value().eq(chosen)

    def _handshake(self, m: Module) -> tuple[Value, Value]:
        """Whether the plant's `settled` has fallen, and whether it has risen."""
        if not self.spec.handshake:
            return Const(1), Const(1)
        settled = Signal()
        m.submodules += FFSynchronizer(self.settled, settled)  # the plant has no clock of ours
        return ~settled, settled

    def _late(self, m: Module) -> Value:
        """Count how long the plant has not answered; say when it is asked again, or given up."""
        if not self.spec.timeout:
            return Const(0)
        waited, late = Signal(range(self.spec.timeout)), Signal()
        waits = self.tag_i.valid & ~self.tag.valid & ~self._computes
        m.d.comb += [
            late.eq(waits & (waited == self.spec.timeout - 1)),
            self.given_up.eq(late & self.stop),
        ]
        m.d.sync += waited.eq(Mux(waits & ~late, waited + 1, 0))
        with m.If(late):
            _count(m, self.timeouts)
        return late


def _count(m: Module, counter: Signal) -> None:
    """Count up, but stay at the largest value."""
    m.d.sync += counter.eq(counter + ~counter.all())
