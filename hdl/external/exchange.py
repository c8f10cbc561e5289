"""The exchange: an evaluation's weights go to the plant, its cost comes back."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Const, Module, Mux, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.cdc import FFSynchronizer
from amaranth.lib.wiring import In, Out

from hdl.external.ways import pins_of, receiver_of, sender_of
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
    weights : In(array of weights)
        Its weights, from the clock after on.
    tag, mean : Out(Tag), Out(unsigned)
        Its answer, for a clock: the mean of its conversions.
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
    weights: data.View
    tag: Any
    mean: Signal
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
        members: dict[str, Any] = {"tag_i": In(Tag), "weights": In(self.sender.weights.shape())}
        members |= {"tag": Out(Tag), "mean": Out(spec.width)}
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
        rests, rose = self._handshake(m)
        late = self._late(m)
        clocks = Signal(range(max(2, spec.settling + 1)))
        left = Signal(range(max(2, spec.conversions)))
        m.d.comb += [
            sender.weights.eq(self.weights),
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
                m.d.sync += self.mean.eq(0)
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
                    m.d.sync += [self.mean.eq(self.mean + receiver.value), left.eq(left - 1)]
                    with m.If(left == 0):
                        m.d.sync += self.evaluate.eq(0)
                        m.next = "ANSWER"
                ask_again()
            with m.State("ANSWER"):
                m.d.comb += self.tag.eq(self.tag_i)
                m.d.sync += self.round.eq(self.round + 1)
                m.next = "REST"
        with m.If(self.clear):
            m.d.sync += [self.timeouts.eq(0), self.unasked.eq(0), self.round.eq(0)]
        return m

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
        waits = self.tag_i.valid & ~self.tag.valid
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
