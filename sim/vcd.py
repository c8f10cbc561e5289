"""Value change dumps, for a viewer of waveforms such as GTKWave or Surfer."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from vcd import VCDWriter

from model.number.fixed import Ints
from sim.waves import Waves
from spec.phase import Phase

CLOCK_NS = 10
"""Of a clock of a dump."""


@dataclass(frozen=True)
class Signal:
    """A signal over time.

    Parameters
    ----------
    scope, name : str
        In a scope, each name is there once.
    kind : str
        Of its values.
    clocks : array of int
        From which on it has the values, ascending.
    values : sequence of int, float or str
    """

    scope: str
    name: str
    kind: Literal["integer", "real", "string"]
    clocks: Ints
    values: Sequence[int] | Sequence[float] | Sequence[str]


def probe_signals(waves: Waves, scope: str) -> list[Signal]:
    """Return all fields of a probe as they are: raw integers, but for phases, which have names."""
    found = []
    for field in waves.fields:
        for k in range(field.count):
            name = field.name if field.count == 1 else f"{field.name}_{k}"
            clocks, values = waves.changes(field.name, k)
            if field.name == "phase":
                found.append(Signal(scope, name, "string", clocks, phase_names(values)))
            else:
                found.append(Signal(scope, name, "integer", clocks, values.tolist()))
    return found


def phase_names(values: Ints) -> list[str]:
    """Return the names of phases; the number of what is none, as faulty gateware may show."""
    known = {int(phase): phase.name for phase in Phase}
    return [known.get(value, str(value)) for value in values.tolist()]


def dump(signals: Sequence[Signal], end: int) -> str:
    """Return a dump of signals, from the first change to clock `end`."""
    text = io.StringIO()
    clocks = np.concatenate([signal.clocks for signal in signals])
    owners = np.repeat(np.arange(len(signals)), [len(signal.clocks) for signal in signals])
    values = [value for signal in signals for value in signal.values]
    begin = CLOCK_NS * int(clocks.min())
    with VCDWriter(text, timescale="1 ns", date="", init_timestamp=begin) as writer:
        variables = [
            writer.register_var(each.scope, each.name, each.kind, size=64, init=each.values[0])
            for each in signals
        ]
        for k in np.argsort(clocks, kind="stable").tolist():
            writer.change(variables[owners[k]], CLOCK_NS * int(clocks[k]), values[k])
        writer.close(CLOCK_NS * end)
    return text.getvalue()
