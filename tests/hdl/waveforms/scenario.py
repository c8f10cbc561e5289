"""What a waveform shows: a component, what it is given, and what it must do."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from amaranth.hdl import Shape
from amaranth.lib import data
from amaranth.lib.wiring import Flow

from hdl.number import fixed
from spec.phase import Phase
from tests.hdl.helpers import Row, path_of, stream

MOST_CLOCKS, MOST_SIGNALS = 24, 14
"""That can be read in one figure."""


@dataclass(frozen=True)
class Claim:
    """How many clocks there are from an event to another one: the first of them that follows.

    An event is a clock in which a port has another value than in the clock before.

    Parameters
    ----------
    since, until : str
        Names of ports that are shown.
    promise : str, callable or int
        Where the component says how many, as `latency` or `spec.wait`; what finds it, given the
        component; or what its docstring says, if it has no attribute.
    nth : int
        Which event of `since`, counted from 0.
    more : int
        By how many clocks it is more, as the docstring says.
    """

    since: str
    until: str
    promise: str | Callable[[Any], int] | int = "latency"
    nth: int = 0
    more: int = 0

    def promised(self, component: Any) -> int:
        """Return how many clocks the component promises."""
        if isinstance(self.promise, int):
            found = self.promise
        elif callable(self.promise):
            found = self.promise(component)
        else:
            found = operator.attrgetter(self.promise)(component)
        return found + self.more


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A component with stimuli of a few clocks.

    Parameters
    ----------
    make : callable
        Returns the component, as small as can be.
    caption : str
        What is to be seen. `{0}` stands for what the first claim promises, `2 clocks`, and so on.
    inputs : mapping
        Of ports, or parts of them, as `Player` names them: values of successive clocks, of which
        the last stays. A string has a digit for each clock, and `.` for the one before again.
        Of fixed-point ports, real numbers.
    shows : str
        Names of ports, or parts of them. Behind a colon, how its numbers are written, as Python
        says it: `:#x`; or `:phase`, if they are those of a `Phase`.
    clocks, first : int
        How many are shown, and how many before them are not.
    settle : int
        Clocks before all of these, in which every input has its first value.
    every : int
        Only every so many clocks is shown: a bit on a wire. Then there are no claims.
    claims : sequence of Claim
    """

    make: Callable[[], Any]
    caption: str
    inputs: Mapping[str, str | Sequence[Any]]
    shows: str
    clocks: int
    first: int = 0
    settle: int = 0
    every: int = 1
    claims: Sequence[Claim] = ()


def at(*clocks: int) -> str:
    """Return a strobe in some clocks."""
    return "".join(str(int(clock in clocks)) for clock in range(clocks[-1] + 2))


@dataclass(frozen=True)
class Wave:
    """A port, clock by clock.

    Parameters
    ----------
    name : str
    driven : bool
        Whether it is an input.
    values : list
    labels : list of str
        What stands in the figure for each of them; empty for a bit.
    """

    name: str
    driven: bool
    values: list[Any]
    labels: list[str]

    @property
    def title(self) -> str:
        """The name as Python writes it."""
        name, *keys = path_of(self.name)
        return name + "".join(f"[{k}]" if isinstance(k, int) else f".{k}" for k in keys)

    @property
    def events(self) -> list[int]:
        """Clocks in which the value is another one than in the clock before."""
        pairs = zip(self.values, self.values[1:], strict=False)
        return [clock for clock, (before, now) in enumerate(pairs, 1) if before != now]


class Played:
    """A scenario, simulated.

    Parameters
    ----------
    scenario : Scenario

    Attributes
    ----------
    component : wiring.Component
    waves : list of Wave
        Inputs, then outputs.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.scenario, self.component = scenario, scenario.make()
        shown = [name.partition(":")[::2] for name in scenario.shows.split()]
        rows = self._rows()
        rows = rows[:1] * scenario.settle + rows
        found = stream(self.component, rows, [name for name, _ in shown])
        found = found[scenario.settle + scenario.first :: scenario.every]
        waves = [self._wave(name, style, [row[name] for row in found]) for name, style in shown]
        self.waves = sorted(waves, key=lambda wave: not wave.driven)

    @property
    def promises(self) -> list[int]:
        """Clocks that the component promises for each claim."""
        return [claim.promised(self.component) for claim in self.scenario.claims]

    @property
    def caption(self) -> str:
        """The caption, with what is promised."""
        return self.scenario.caption.format(*map(in_words, self.promises))

    def events(self, claim: Claim) -> tuple[int, int]:
        """Return the clocks of a claim's two events.

        Raises
        ------
        LookupError
            If one of them did not happen, or is not shown.
        """
        by_name = {wave.name: wave.events for wave in self.waves}
        since = by_name[claim.since][claim.nth]
        same = claim.until == claim.since
        after = [clock for clock in by_name[claim.until] if clock >= since + same]
        return since, after[0]

    def _rows(self) -> list[Row]:
        """Return what the component is given in each clock."""
        scenario = self.scenario
        rows: list[Row] = [{} for _ in range(scenario.first + scenario.clocks * scenario.every)]
        for name, values in scenario.inputs.items():
            *outer, last = path_of(name)
            shape, _ = shape_of(self.component.signature, (*outer, last))
            for row, value in zip(rows, _values(values, shape), strict=False):
                for key in outer:
                    row = row.setdefault(key, {})
                row[last] = value
        return rows

    def _wave(self, name: str, style: str, values: list[Any]) -> Wave:
        shape, driven = shape_of(self.component.signature, path_of(name))
        number = isinstance(shape, (fixed.Shape, data.Layout)) or Shape.cast(shape).width > 1
        return Wave(name, driven, values, [label(shape, v, style) for v in values if number])


def in_words(clocks: int) -> str:
    """Return a number of clocks as a caption has it."""
    return f"{clocks} clock" if clocks == 1 else f"{clocks} clocks"


def shape_of(signature: Any, path: Sequence[Any]) -> tuple[Any, bool]:
    """Return the shape of a port, or of a part of one, and whether it is an input."""
    name, *keys = path
    member = signature.members[name]
    if member.is_signature:
        return shape_of(member.signature, keys)
    shape = member.shape
    for key in keys[len(member.dimensions) :]:
        shape = shape[key].shape
    return shape, member.flow == Flow.In


def _values(values: str | Sequence[Any], shape: Any) -> Iterator[Any]:
    """Yield raw values of successive clocks."""
    raw: Any = 0
    for value in values:
        if value != ".":
            raw = _raw(int(value) if isinstance(value, str) else value, shape)
        yield raw


def _raw(value: Any, shape: Any) -> Any:
    """Return the raw integers of numbers, exactly."""
    if isinstance(value, (list, tuple)):
        return [_raw(one, shape.elem_shape) for one in value]
    return shape.const(value).value if isinstance(shape, fixed.Shape) else value


def label(shape: Any, value: Any, style: str = "") -> str:
    """Return what stands in a figure for a value; of a struct, its fields that are not zero."""
    if isinstance(shape, data.ArrayLayout):
        return ", ".join(label(shape.elem_shape, one, style) for one in value)
    if isinstance(shape, data.StructLayout):
        fields = [(str(name), field.shape, value[name]) for name, field in shape if value[name]]
        bits = [name for name, its, _ in fields if its == 1]
        others = [f"{name}={label(its, one)}" for name, its, one in fields if its != 1]
        return " ".join(bits + others) or "–"
    if isinstance(shape, fixed.Shape):
        return f"{value / 2**shape.f_bits:{style or '.3g'}}".replace("-", "−")
    if style == "phase":
        return Phase(value).name.lower()
    return f"{value:{style}}".replace("-", "−")
