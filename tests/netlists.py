"""Amaranth's netlists, made in two thirds of the time.

A tenth goes by a look at each bit that it made itself: of `Value` and `resolve_value`, no more is
left out than two assertions for each bit. The rest goes by cycles of references: functions within
functions that call themselves keep a whole netlist until the garbage collector has found it.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from amaranth.back import rtlil, verilog  # type: ignore[attr-defined]
from amaranth.hdl import _dsl, _ir, _nir


def new(kind: type, nets: Any = ()) -> Any:
    """In place of `Value.__new__`."""
    return tuple.__new__(kind, (nets,) if isinstance(nets, _nir.Net) else nets)


def resolve_value(netlist: Any, value: Iterable[int]) -> Any:
    """In place of `Netlist.resolve_value`."""
    connections, found = netlist.connections, []
    for net in value:
        while net < 0:
            net = connections[net]
        found.append(net)
    return _nir.Value(found)


MADE: tuple[Any, ...] = (_dsl.Module, _nir.Netlist, _ir.NetlistEmitter, rtlil.ModuleEmitter)
"""What a conversion makes for itself, and what keeps all else that it makes."""


@contextlib.contextmanager
def emptied() -> Iterator[None]:
    """Empty all that is made of these in between, so that what they keep goes at once."""
    made: list[Any] = []

    def remembering(init: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(init)
        def remember(self: Any, *words: Any, **keys: Any) -> None:
            made.append(self)
            init(self, *words, **keys)

        return remember

    inits = [kind.__init__ for kind in MADE]
    for kind, init in zip(MADE, inits, strict=True):
        kind.__init__ = remembering(init)
    try:
        yield
    finally:
        for kind, init in zip(MADE, inits, strict=True):
            kind.__init__ = init
        for each in made:
            vars(each).clear()


def emptying(convert: Callable[..., Any]) -> Callable[..., Any]:
    """Return a conversion of which nothing is left but the text."""

    @functools.wraps(convert)
    def converted(*words: Any, **keys: Any) -> Any:
        with emptied():
            return convert(*words, **keys)

    return converted


REPLACED = [
    (_nir.Value, "__new__", _nir.Value.__new__, new),
    (_nir.Netlist, "resolve_value", _nir.Netlist.resolve_value, resolve_value),
    (rtlil, "convert", rtlil.convert, emptying(rtlil.convert)),
    (verilog, "convert", verilog.convert, emptying(verilog.convert)),
]
"""Class or module, name of the method or function, Amaranth's, and ours."""


def replace() -> None:
    """Let all netlists of this process be made so."""
    for place, name, _, ours in REPLACED:
        setattr(place, name, ours)
