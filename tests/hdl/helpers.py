"""Gateware as Python functions, so that its tests read like those of software."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from amaranth import hdl
from amaranth.hdl import Module, Signal
from amaranth.lib import data, wiring
from amaranth.sim import Simulator

from hdl.number import fixed

Row = dict[str, Any]
"""Values of ports: integers (raw ones for fixed point), lists for arrays, dicts for structs."""


def signal(shape: fixed.Shape, **arguments: Any) -> Any:
    """Make a signal of a fixed-point shape, which is a `fixed.Value`."""
    return Signal(shape, **arguments)


def number(shape: fixed.Shape, raw: int) -> Fraction:
    """Return what a raw integer of a shape means."""
    return raw * Fraction(2) ** -shape.f_bits


def raws(shape: fixed.Shape) -> range:
    """List all raw integers of a shape."""
    return range(shape.min_raw, shape.max_raw + 1)


def combinational(
    expressions: Callable[..., Sequence[Any]], *shapes: Any, in_module: bool = False
) -> Callable[[Iterable[Sequence[int]]], list[list[Fraction]]]:
    """Make a Python function of expressions, all in one module, simulated in one go.

    Parameters
    ----------
    expressions : callable
        Takes a signal of each shape, returns expressions, fixed-point or plain.
    shapes : shape-like
    in_module : bool
        Whether `expressions` takes the module before the signals.

    Returns
    -------
    callable
        Maps rows of raw integers, one for each shape, to rows of the expressions' values.
    """
    inputs = [Signal(shape, name=f"i_{k}") for k, shape in enumerate(shapes)]
    together = _Together(map(hdl.Value.cast, inputs))
    m = Module()
    outputs: list[tuple[hdl.Value, Fraction]] = []
    for k, expression in enumerate(expressions(*([m] if in_module else []), *inputs)):
        lsb = Fraction(1)
        if isinstance(expression, fixed.Value):
            assert expression.as_value().shape() == expression.shape().storage
            lsb = number(expression.shape(), 1)
        output = Signal(hdl.Value.cast(expression).shape(), name=f"o_{k}")
        m.d.comb += output.eq(hdl.Value.cast(expression))
        outputs.append((output, lsb))

    def function(rows: Iterable[Sequence[int]]) -> list[list[Fraction]]:
        results = []

        async def testbench(ctx: Any) -> None:
            for row in rows:
                together.set(ctx, row)
                results.append([ctx.get(output) * lsb for output, lsb in outputs])

        simulator = Simulator(m)
        simulator.add_testbench(testbench)
        simulator.run()
        return results

    return function


def _parts(path: tuple[Any, ...], value: Any) -> Iterator[tuple[tuple[Any, ...], int]]:
    """List the integers in a row's value, each with the way to its part of the port."""
    if isinstance(value, (Mapping, list, tuple)):
        for key in value if isinstance(value, Mapping) else range(len(value)):
            yield from _parts((*path, key), value[key])
    else:
        yield path, int(value)


class _Together:
    """Several values as one, as the simulation settles after each that is set."""

    def __init__(self, values: Iterable[hdl.Value]) -> None:
        parts = list(values)
        self._masks = [(1 << len(part)) - 1 for part in parts]
        self._value = hdl.Cat(parts)

    def set(self, ctx: Any, raws: Iterable[int]) -> None:
        """Set each to an integer, of which its lowest bits count."""
        packed = shift = 0
        for mask, raw in zip(self._masks, raws, strict=True):
            packed |= (raw & mask) << shift
            shift += mask.bit_length()
        ctx.set(self._value, packed)


def _decoder(shape: Any) -> Callable[[int], Any]:
    """Return what makes a shape's integer, list or dict of its bits, be there others above."""
    if isinstance(shape, data.Layout):
        fields = {key: (field.offset, _decoder(field.shape)) for key, field in shape}
        if isinstance(shape, data.ArrayLayout):
            return lambda raw: [decode(raw >> offset) for offset, decode in fields.values()]
        return lambda raw: {k: decode(raw >> offset) for k, (offset, decode) in fields.items()}
    plain = hdl.Shape.cast(shape)
    mask, sign = (1 << plain.width) - 1, 1 << plain.width - 1 if plain.signed else 0
    return lambda raw: ((raw & mask) ^ sign) - sign


INTERFACES = (wiring.PureInterface, wiring.FlippedInterface)


def part(component: Any, path: Iterable[Any]) -> Any:
    """Return a port, or a part of one: a member of an interface, an element, a field."""
    name, *keys = path
    port = getattr(component, name)
    for key in keys:
        port = getattr(port, key) if isinstance(port, INTERFACES) else port[key]
    return port


def path_of(name: str) -> tuple[Any, ...]:
    """Return the way to a part of a port, as `x.0` says it."""
    return tuple(int(key) if key.isdecimal() else key for key in name.split("."))


def _reader(port: Any) -> Callable[[Any], Any]:
    """Return what reads a port, as a row has it."""
    if isinstance(port, (list, tuple)):  # an array of ports
        ports = [_reader(part) for part in port]
        return lambda ctx: [read(ctx) for read in ports]
    value, decode = hdl.Value.cast(port), _decoder(port.shape())
    return lambda ctx: decode(ctx.get(value))


class Player:
    """Drives a component with a row of inputs a clock, each time from reset; elaborated once.

    Parameters
    ----------
    component : wiring.Component
    outputs : sequence of str
        Ports to read; with dots, parts of them: `bus.done`, `x.0`.
    """

    def __init__(self, component: Any, outputs: Sequence[str]) -> None:
        self._component = component
        self._readers = {name: _reader(part(component, path_of(name))) for name in outputs}
        m = Module()
        self._domain: Any = hdl.ClockDomain("sync")  # also for components without a register
        m.domains.sync = self._domain
        m.submodules.component = component
        self._together = functools.cache(self._clock_and)
        self._rows: Iterable[Row] = ()
        self._results: list[Row] = []
        self._simulator = Simulator(m)
        self._simulator.add_testbench(self._testbench)

    def __call__(self, rows: Iterable[Row]) -> list[Row]:
        """Play rows, as `stream` does."""
        if self._results:
            self._simulator.reset()
        self._rows, self._results = rows, []
        self._simulator.run()
        return self._results

    def _port(self, path: tuple[Any, ...]) -> hdl.Value:
        return hdl.Value.cast(part(self._component, path))

    def _clock_and(self, *paths: tuple[Any, ...]) -> _Together:
        return _Together([self._domain.clk, *map(self._port, paths)])

    async def _testbench(self, ctx: Any) -> None:
        known: dict[tuple[Any, ...], int] = {}
        for row in self._rows:
            given = dict(_parts((), row))
            changed = {path: raw for path, raw in given.items() if raw != known.get(path)}
            known.update(changed)
            # nothing hears a clock that falls
            self._together(*changed).set(ctx, (0, *changed.values()))
            self._results.append({name: read(ctx) for name, read in self._readers.items()})
            ctx.set(self._domain.clk, 1)


def stream(component: Any, rows: Iterable[Row], outputs: Sequence[str]) -> list[Row]:
    """Drive a component with a row of inputs a clock, after reset.

    Parameters
    ----------
    component : wiring.Component
    rows : iterable of Row
        An input that a row does not name keeps its value.
    outputs : sequence of str
        Ports to read.

    Returns
    -------
    list of dict
        The outputs in each of these clocks: what goes in with row k comes out, `latency` clocks
        later, in element k + latency.
    """
    return Player(component, outputs)(rows)
