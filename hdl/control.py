"""What a link needs of a trainer, whatever that trains."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module
from amaranth.lib.wiring import In, Out

from hdl.optimizer.memory.bank import MemoryBank
from hdl.optimizer.optimizer import Optimizer

GIVEN = ("pause", "resume", "hand", "line")
SHOWN = ("C", "C0", "tag_of_C", "phase")

REQUESTED = ("request", "came", "word")

OF_WORDS = (*REQUESTED, "swept")
"""What a trainer has in place of cells, if they are words of memory."""

WRITTEN = ("stop", "pause", "resume", "hand", "write")
READ = ("step", "correct", "cost_sum", "phase", "checked", "answered", "saturated")
"""What a trainer hears of a writer, and a reader of a trainer, if the trainer has it."""


def members(optimizer: Optimizer) -> dict[str, Any]:
    """Return the members that a trainer with an optimizer of this kind has more.

    pause, resume, hand, line : In
        As those of `Optimizer`.
    C, C0, tag_of_C, phase : Out
        As those of `Optimizer`.
    cells : array of Out(struct)
        θ, G and perturbation of all parameters, in documented order; if they are words of memory,
        request, came, word and swept, as those of `Optimizer`.
    saturated : Out(1)
        Strobe: u is as large as it can be.
    """
    has = optimizer.signature.members
    return {
        **{name: In(getattr(optimizer, name).shape()) for name in GIVEN},
        **{name: Out(getattr(optimizer, name).shape()) for name in SHOWN},
        **{name: has[name] for name in ("cells", *OF_WORDS) if name in has},
        "saturated": Out(1),
    }


def connect(m: Module, trainer: Any) -> None:
    """Connect `GIVEN` and `SHOWN` to the trainer's optimizer."""
    optimizer = trainer.optimizer
    for name in GIVEN:
        m.d.comb += getattr(optimizer, name).eq(getattr(trainer, name))
    for name in SHOWN:
        m.d.comb += getattr(trainer, name).eq(getattr(optimizer, name))


def connect_cells(m: Module, trainer: Any) -> None:
    """Connect the other members to it."""
    optimizer = trainer.optimizer
    m.d.comb += trainer.saturated.eq(optimizer.saturated)
    if isinstance(optimizer.bank, MemoryBank):
        connect_words(m, trainer)
        m.d.comb += trainer.swept.eq(optimizer.swept)
    else:
        m.d.comb += [mine.eq(its) for mine, its in zip(trainer.cells, optimizer.cells, strict=True)]


def connect_words(m: Module, trainer: Any) -> None:
    """Let words of memory be asked for."""
    m.d.comb += [
        trainer.optimizer.request.eq(trainer.request),
        *(getattr(trainer, name).eq(getattr(trainer.optimizer, name)) for name in REQUESTED[1:]),
    ]


def connect_registers(m: Module, device: Any) -> None:
    """Connect a device's trainer to its registers, and to its own members: what all have."""
    trainer, (reader, writer) = device.trainer, (device.registers.reader, device.registers.writer)
    has = trainer.signature.members
    for name in (*device.names, *filter(has.__contains__, WRITTEN)):
        m.d.comb += getattr(trainer, name).eq(getattr(writer, name))
    for name in filter(has.__contains__, READ):
        m.d.comb += getattr(reader, name).eq(getattr(trainer, name))
    for name in ("busy", "done", "solved"):
        m.d.comb += getattr(device, name).eq(getattr(trainer, name))
    m.d.comb += [
        trainer.start.eq(device.start | writer.start),
        writer.busy.eq(trainer.busy),
        writer.evaluated.eq(trainer.tag_of_C.valid),
        reader.state.eq(Cat(trainer.busy, trainer.done, trainer.solved)),
        reader.C.eq(trainer.C.as_value()),
        reader.C0.eq(trainer.C0.as_value()),
    ]


def connect_windows(m: Module, device: Any) -> None:
    """Connect θ and G of a trainer with cells to the registers of its device."""
    reader, cells = device.registers.reader, device.trainer.cells
    m.d.comb += [
        mine.eq(its[name].as_value())
        for name in ("theta", "G")
        for mine, its in zip(getattr(reader, name), cells, strict=True)
    ]
