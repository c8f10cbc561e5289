"""Run-time registers of an optimizer for an external plant, and its probe."""

from __future__ import annotations

from spec.external import derive
from spec.external.config import ExternalConfig
from spec.map import Entry
from spec.numbers import bits_for
from spec.probe import Field
from spec.registers import Register, cost_limit, entries_with, of_the_optimizer


def registers(config: ExternalConfig) -> tuple[Register, ...]:
    """List the registers with the values the config asks for."""
    width = derive.sum_width(config)
    below = 1 + cost_limit(config, config.samples, width)
    doc = "solved: a sum of costs below this; 0: never"
    return (*of_the_optimizer(config), Register("solved_below", width + 1, below, doc))


def entries(config: ExternalConfig) -> tuple[Entry, ...]:
    """Return what of the map the device of a config has."""
    return entries_with(registers(config), external=True)


def values(config: ExternalConfig) -> dict[str, int]:
    """Return the values that the config asks for, by name."""
    return {register.name: register.value for register in registers(config)}


def probe(config: ExternalConfig) -> tuple[Field, ...]:
    """List the probe's fields from its lowest bit up.

    `answered` is no state: it is when the plant's answer came, which nobody else knows. Of cells
    that are words of memory, it shows the one that is written back, and its number.
    """
    spec, samples = derive.optimizer(config), derive.samples(config)
    change, cell, cells = spec.change, spec.bank.cell, config.parameters
    signed = bool(change.noise)
    words = (
        (Field("written", 1), Field("number", max(1, bits_for(cells)))) if spec.bank.memory else ()
    )
    shown = 1 if words else cells
    return (
        Field("phase", 4),
        Field("step", 32),
        Field("sample", samples.address_bits),
        Field("C", change.held_width, signed),
        Field("C0", change.held_width, signed),
        Field("C_tilde", change.tilde_width, True),
        Field("u", change.bus.bits, True),
        Field("cost_sum", derive.sum_width(config)),
        Field("solved", 1),
        Field("answered", 1),
        *words,
        Field("theta", cell.theta.bits, True, shown),
        Field("G", cell.gradient.bits, True, shown),
        Field("perturbation", cell.perturbation.bits, False, shown),
    )
