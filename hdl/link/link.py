"""The link: two pins on one side, the bus on the other."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hdl.link.bus import BUS
from hdl.link.executor import Executor
from hdl.link.patience import Patience
from hdl.link.queue import Queue
from hdl.link.uart import BitClock, Receiver, Transmitter
from spec.link import SLOW_BITS, Rate


class Link(wiring.Component):
    """Register accesses that come over a UART, as docs/link.md describes them.

    A delimiter, a byte without a stop bit, and a pause end a frame.

    Latency: at most `latency` clocks and a bit from the end of a request to its answer, and
    `Executor.write_latency` clocks more if it is a write; a clock more if `far`. Throughput: that
    of the line.

    Parameters
    ----------
    rate : Rate
        The clock of the domain `sync`, and the baud rate.
    longest : int
        Clocks that a register may take, if that is long.
    far : bool
        As that of `Queue`.

    Members
    -------
    rx : In(1)
        From the pin, in step with the clock.
    tx : Out(1)
        To the pin.
    bus : Out(BUS)
    """

    rx: Signal
    tx: Signal
    bus: Any

    latency = 16

    def __init__(self, rate: Rate, longest: int = 0, *, far: bool = False) -> None:
        self.rate, self.patience, self.far = rate, rate.patience(longest), far
        super().__init__({"rx": In(1, init=1), "tx": Out(1, init=1), "bus": Out(BUS)})  # pyright: ignore[reportCallIssue]

    def elaborate(self, platform: object) -> Module:
        """Connect the parts."""
        m = Module()
        m.submodules.clock = clock = BitClock(self.rate)
        m.submodules.receiver = receiver = Receiver(self.rate)
        m.submodules.pause = pause = Patience()
        m.submodules.queue = queue = Queue(far=self.far)
        m.submodules.executor = executor = Executor(self.patience)
        m.submodules.transmitter = transmitter = Transmitter()

        count, slow = Signal(range(SLOW_BITS), reset_less=True), Signal()
        above = Signal(len(count) + 1)
        m.d.comb += above.eq(count + 1)
        m.d.sync += slow.eq(clock.bit & above[-1])
        with m.If(clock.bit):
            m.d.sync += count.eq(above)

        m.d.comb += [
            receiver.rx.eq(self.rx),
            pause.restart.eq(receiver.receiving),
            pause.slow.eq(slow),
            queue.data.eq(receiver.data),  # 0, a delimiter, unless it is valid
            queue.push.eq(receiver.valid | receiver.error | pause.ends),
            executor.head.eq(queue.head),
            executor.available.eq(queue.available),
            queue.take.eq(executor.take),
            queue.rewind.eq(executor.rewind),
            queue.release.eq(executor.release),
            executor.slow.eq(slow),
            executor.between.eq(transmitter.between),
            executor.shift.eq(transmitter.shift),
            executor.empty.eq(transmitter.empty),
            transmitter.valid.eq(executor.full),
            transmitter.data.eq(executor.coded),
            transmitter.bit.eq(clock.bit),
            self.tx.eq(transmitter.tx),
        ]
        wiring.connect(m, wiring.flipped(self.bus), executor.bus)
        return m
