"""The packed probe: every state the lockstep compares, as one output of the trainer."""

from __future__ import annotations

from dataclasses import dataclass

from spec import derive
from spec.config import Config
from spec.plant import Engine


@dataclass(frozen=True)
class Field:
    """A run of equal values in the probe, first value in the lowest bits.

    Parameters
    ----------
    name : str
        What it holds, in the terms of the loop.
    width : int
        Bits of one value.
    signed : bool
        Whether values are two's complement.
    count : int
        How many: 1, or the number of cells in documented order.
    """

    name: str
    width: int
    signed: bool = False
    count: int = 1


def fields(config: Config) -> tuple[Field, ...]:
    """List the probe's fields from its lowest bit up.

    Of a folded engine, the last ones are what the lanes write into their memories, and 0 where they
    don't.
    """
    change, cell, cells = derive.change(config), derive.cell(config), config.parameters
    signed = bool(change.noise)
    whole = (
        Field("phase", 4),
        Field("step", 32),
        Field("sample", derive.samples(config).address_bits),
        Field("C", change.held_width, signed),
        Field("C0", change.held_width, signed),
        Field("C_tilde", change.tilde_width, True),
        Field("u", change.bus.bits, True),
        Field("correct", 17),
        Field("cost_sum", derive.score(config).sum_width),
        Field("solved", 1),
    )
    if config.build.engine is Engine.FOLDED:
        spec = derive.folded(config)
        return (
            *whole,
            Field("written", 1, False, spec.lanes),
            Field("address", spec.address_bits),
            Field("theta", spec.theta.bits, True, spec.lanes),
            Field("perturbation", 1, False, spec.lanes),
        )
    return (
        *whole,
        Field("theta", cell.theta.bits, True, cells),
        Field("G", cell.gradient.bits, True, cells),
        Field("perturbation", cell.perturbation.bits, False, cells),
    )


def width(config: Config) -> int:
    """Bits of the whole probe."""
    return sum(field.width * field.count for field in fields(config))
