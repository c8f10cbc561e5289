"""Gateware as Python functions, so that its tests read like those of software."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from amaranth import hdl
from amaranth.hdl import Module, Signal
from amaranth.lib import data
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
                for signal, raw in zip(inputs, row, strict=True):
                    ctx.set(hdl.Value.cast(signal), raw)
                results.append([ctx.get(output) * lsb for output, lsb in outputs])

        simulator = Simulator(m)
        simulator.add_testbench(testbench)
        simulator.run()
        return results

    return function


def _set(ctx: Any, port: Any, value: Any) -> None:
    if isinstance(value, (Mapping, list, tuple)):
        keys = value if isinstance(value, Mapping) else range(len(value))
        for key in keys:
            _set(ctx, port[key], value[key])
    else:
        ctx.set(hdl.Value.cast(port), value)


def _reader(port: Any) -> Callable[[Any], Any]:
    """Return what reads a port as the inverse of `_set`."""
    if isinstance(port, (list, tuple)):  # an array of ports
        ports = [_reader(part) for part in port]
        return lambda ctx: [read(ctx) for read in ports]
    if isinstance(port, data.View):
        fields = {key: _reader(port[key]) for key, _ in port.shape()}
        if isinstance(port.shape(), data.ArrayLayout):
            return lambda ctx: [read(ctx) for read in fields.values()]
        return lambda ctx: {key: read(ctx) for key, read in fields.items()}
    value = hdl.Value.cast(port)
    if isinstance(port, fixed.Value) and port.shape().signed:
        value = value.as_signed()
    return lambda ctx: int(ctx.get(value))


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
    results = []
    readers = {name: _reader(getattr(component, name)) for name in outputs}

    async def testbench(ctx: Any) -> None:
        for row in rows:
            for name, value in row.items():
                _set(ctx, getattr(component, name), value)
            results.append({name: read(ctx) for name, read in readers.items()})
            await ctx.tick()

    m = Module()
    m.domains.sync = hdl.ClockDomain()  # also for components without a register
    m.submodules.component = component
    simulator = Simulator(m)
    simulator.add_clock(1e-6)
    simulator.add_testbench(testbench)
    simulator.run()
    return results
