"""The front panel: a button that starts training, and lamps that show how it goes."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.cdc import FFSynchronizer
from amaranth.lib.wiring import In, Out


class Panel(wiring.Component):
    """Starts a trainer at power-up, and again when the button is pressed after the end.

    ========  =====================  ====================  =========================
    state     one lamp               two lamps             three lamps
    ========  =====================  ====================  =========================
    training  blinks fast            the first blinks      the first blinks
    solved    on                     the second is on      the second is on
    failed    blinks slowly          the first is on       the third is on
    ========  =====================  ====================  =========================

    A trainer ends within milliseconds; its lamp blinks at least once all the same.

    Latency: a press is seen 2 clocks and up to an eighth of a blink later.

    Parameters
    ----------
    lamps : int
        1 to 3.
    blink_clocks : int
        Clocks of a fast blink, rounded up to a power of two, at least 16. An eighth of it is
        taken to be longer than a button bounces.

    Members
    -------
    button : In(1)
        Asynchronous; 1 while pressed.
    busy, done, solved : In(1)
        Those of the trainer.
    start : Out(1)
        That of the trainer; held until it is busy.
    lamps : Out(lamps)
        The first is the lowest bit.
    """

    button: Signal
    busy: Signal
    done: Signal
    solved: Signal
    start: Signal
    lamps: Signal

    def __init__(self, lamps: int, blink_clocks: int) -> None:
        self.timer_bits = max(4, (blink_clocks - 1).bit_length())
        members = dict.fromkeys(("button", "busy", "done", "solved"), In(1))
        super().__init__(members | {"start": Out(1), "lamps": Out(lamps)})

    def elaborate(self, platform: object) -> Module:
        """Build the button and the lamps."""
        m = Module()
        timer, slow = Signal(self.timer_bits), Signal()
        m.d.sync += Cat(timer, slow).eq(Cat(timer, slow) + 1)
        fast, wrap, sample = timer[-1], timer.all(), timer[:-3].all()

        button, previous = Signal(), Signal(init=1)
        m.submodules.synchroniser = FFSynchronizer(self.button, button)
        with m.If(sample):
            m.d.sync += previous.eq(button)
        start = Signal(init=1)  # at power-up
        with m.If(self.busy):
            m.d.sync += start.eq(0)
        with m.Elif(sample & button & ~previous):
            m.d.sync += start.eq(1)
        m.d.comb += self.start.eq(start)

        training, seen = Signal(), Signal()  # seen: a whole blink begins
        with m.If(self.busy):
            m.d.sync += [training.eq(1), seen.eq(0)]
        with m.Elif(wrap):
            m.d.sync += [seen.eq(1), training.eq(training & ~seen)]
        blink = training & fast
        solved = self.done & self.solved & ~training
        failed = self.done & ~self.solved & ~training
        states = {
            1: [blink | solved | (failed & slow)],
            2: [blink | failed, solved],
            3: [blink, solved, failed],
        }
        m.d.comb += self.lamps.eq(Cat(*states[len(self.lamps)]))
        return m
