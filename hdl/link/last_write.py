"""What makes a write happen once, however often it is asked for."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spec.link import Status


class LastWrite(wiring.Component):
    """The last write that was executed, or failed; and how it went.

    A request's number is compared with it as it comes in, a bit a clock.

    Latency: a clock.

    Members
    -------
    restart : In(1)
        Strobe: a number will come.
    compare : In(1)
        Strobe, 8 times: `bit` of it comes.
    bit : In(1)
    turn : In(1)
        Strobe, 8 times: what is there goes round.
    last_number, last_remaining : Out(1)
        Lowest bits of the number, and of the words that were not written.
    same : Out(1)
        The number is that of the last write, and there was one.
    follows : Out(1)
        It is the next one, and the last one did not fail.
    failed : Out(1)
        The last one failed, or there was no sync yet.
    accept : In(1)
        Strobe: `number` is that of the last write.
    number : In(8)
    sync : In(1)
        Strobe: it went well.
    commit : In(1)
        Strobe: it went as `status` says, at most `Status.TIMEOUT`, and `remaining` words were not
        written.
    status : In(Status)
    remaining : In(8)
    last_status : Out(2)
    """

    restart: Signal
    compare: Signal
    bit: Signal
    turn: Signal
    last_number: Signal
    last_remaining: Signal
    same: Signal
    follows: Signal
    failed: Signal
    accept: Signal
    number: Signal
    sync: Signal
    commit: Signal
    status: Signal
    remaining: Signal
    last_status: Signal

    NOT_SYNCED = 3
    """Stands for a status before the first sync."""

    def __init__(self) -> None:
        strobes = ("restart", "compare", "bit", "turn", "accept", "sync", "commit")
        flags = ("last_number", "last_remaining", "same", "follows", "failed")
        super().__init__(
            {
                **{name: In(1) for name in strobes},
                **{name: Out(1) for name in flags},
                "number": In(8),
                "status": In(Status),
                "remaining": In(8),
                "last_status": Out(2),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the registers, and the comparison."""
        m = Module()
        last = Signal(8, reset_less=True)
        remaining = Signal(8, name="last_words", reset_less=True)
        status = Signal(2, init=self.NOT_SYNCED)
        equal, one_more, carry = (
            Signal(name=name, reset_less=True) for name in ("equal", "one_more", "carry")
        )
        m.d.comb += [
            self.last_number.eq(last[0]),
            self.last_remaining.eq(remaining[0]),
            self.same.eq(equal & (status != self.NOT_SYNCED)),
            self.failed.eq(status != Status.OK),
            self.follows.eq(one_more & ~self.failed),
            self.last_status.eq(status),
        ]
        with m.If(self.restart):
            m.d.sync += [equal.eq(1), one_more.eq(1), carry.eq(1)]
        with m.Elif(self.compare):
            m.d.sync += [
                equal.eq(equal & (self.bit == last[0])),
                one_more.eq(one_more & (self.bit == last[0] ^ carry)),
                carry.eq(carry & last[0]),
            ]
        with m.If(self.accept):
            m.d.sync += last.eq(self.number)
        with m.Elif(self.compare | self.turn):
            m.d.sync += last.eq(Cat(last[1:], last[0]))
        with m.If(self.commit):
            m.d.sync += [status.eq(self.status), remaining.eq(self.remaining)]
        with m.Elif(self.turn):
            m.d.sync += remaining.eq(Cat(remaining[1:], remaining[0]))
        with m.If(self.sync):
            m.d.sync += status.eq(Status.OK)
        return m
