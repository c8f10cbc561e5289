"""Keys of a config: from a table, as TOML gives it, to a checked dataclass."""

from __future__ import annotations

import dataclasses
import enum
import typing
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from spec.errors import InputError


def key(default: Any, low: Any = None, high: Any = None) -> Any:
    """Declare a config key: its default and, for numbers, the allowed range (inclusive)."""
    return field(default=default, metadata={"low": low, "high": high})


Columns = tuple[str | int, ...]
"""Columns of a file, by name or by number."""

Several = int | tuple[int, ...]
"""A number for all, or one for each."""

AUTO = "auto"
"""Where a key's value may be computed instead of given."""

GONE = {
    "build.reuse": 'is gone; the folded engine replaces it: [build] engine = "folded"',
}
"""Keys that there were, and what to do without them."""


def _type_name(wanted: Any) -> str:
    if isinstance(wanted, type) and issubclass(wanted, enum.Enum):
        return "one of " + ", ".join(repr(member.value) for member in wanted)
    return {
        bool: "true or false",
        int: "a whole number",
        int | str: f"a whole number or {AUTO!r}",
        bool | str: f"true, false or {AUTO!r}",
        float: "a number",
        str: "a string",
        tuple[int, ...]: "a list of whole numbers",
        Several: "a whole number, or a list of them",
        Columns: "a column's name or number, or a list of them",
    }[wanted]


def _coerce(name: str, value: Any, wanted: Any) -> Any:
    """Turn a TOML value into the wanted type, or name what is allowed."""
    for item in value if type(value) in (list, tuple) else (value,):
        if type(item) is int and item.bit_length() > 63:  # Python may refuse to print it
            raise InputError(f"{name}: the number is beyond 64 bits; must be {_type_name(wanted)}")
    if isinstance(wanted, type) and issubclass(wanted, enum.Enum):
        if isinstance(value, wanted):
            return value
        if isinstance(value, str) and value in [member.value for member in wanted]:
            return wanted(value)
    elif wanted == tuple[int, ...]:
        if isinstance(value, (list, tuple)) and all(type(item) is int for item in value):
            return tuple(value)
    elif wanted == Several:
        if type(value) is int:
            return value
        if isinstance(value, (list, tuple)) and all(type(item) is int for item in value):
            return tuple(value)
    elif wanted == Columns:
        items = value if isinstance(value, (list, tuple)) else (value,)
        if all(type(item) in (str, int) for item in items):
            return tuple(items)
    elif wanted == int | str:
        if type(value) is int or value == AUTO:
            return value
    elif wanted == bool | str:
        if type(value) is bool or value == AUTO:
            return value
    elif type(value) is wanted or (wanted is float and type(value) is int):
        return wanted(value)
    raise InputError(f"{name} = {value!r}: must be {_type_name(wanted)}")


def _check_range(name: str, value: Any, low: Any, high: Any) -> None:
    for item in value if isinstance(value, tuple) else (value,):
        if low is not None and item != AUTO and not low <= item <= high:
            allowed = f"{low}" if low == high else f"from {low} to {high}"
            raise InputError(f"{name} = {value}: must be {allowed}")


def require_table(section: str, given: object) -> None:
    """Raise an InputError unless what is given is a table."""
    if not isinstance(given, Mapping):
        raise InputError(f"[{section}]: must be a table")


def read_table(section: str, cls: type, given: Mapping[str, Any]) -> Any:
    """Build one table's dataclass from its TOML mapping."""
    require_table(section, given)
    fields = {f.name: f for f in dataclasses.fields(cls)}
    types = typing.get_type_hints(cls)
    for name in given:
        if name not in fields:
            unknown = f"unknown key; allowed are {', '.join(fields)}"
            raise InputError(f"{section}.{name}: {GONE.get(f'{section}.{name}', unknown)}")
    values = {}
    for name, spec in fields.items():
        if not spec.metadata:  # read by its own function
            continue
        value = given.get(name, spec.default)
        if value is None:
            raise InputError(f"{section}.{name}: is missing; it must be {_type_name(types[name])}")
        full = f"{section}.{name}"
        values[name] = _coerce(full, value, types[name])
        _check_range(full, values[name], spec.metadata["low"], spec.metadata["high"])
    return cls(**values)


def without_gone(tables: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the tables of a config, which an earlier version may have kept, without `GONE`."""
    return {
        section: {name: value for name, value in given.items() if f"{section}.{name}" not in GONE}
        for section, given in tables.items()
    }
