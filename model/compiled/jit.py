"""Compiles functions, and keeps what was compiled from one process to the next."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

import spec

PLAIN: dict[str, Any] = {"error_model": "numpy", "_nrt": False}
"""No check for division by zero, as there is none; no references are counted, as nothing is made in
compiled code: that takes longer than the work in it."""


INNER: dict[str, Any] = PLAIN | {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
"""Without what Python would call, which takes longer to compile than the function."""


def inner(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function that only compiled ones call; it is kept with them."""
    return numba.njit(**INNER)(function)


def outer(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function that Python calls, and keep it.

    It is kept beside its source, or else in the user's cache; where neither can be written, every
    process compiles it anew. The function must use `stamp` in a closure: by that, too, Numba finds
    what it has kept, while it does not look at the files of the functions that are called.
    """
    try:
        return numba.njit(cache=True, **PLAIN)(function)
    except RuntimeError:  # there is no place for a cache
        return numba.njit(**PLAIN)(function)


SOURCES = (Path(__file__).parent, Path(spec.__file__).parent)
"""Folders of what is compiled, and of the constants in it."""


def stamp(*folders: Path) -> int:
    """Return a number that is another one for other sources, by default `SOURCES`."""
    digest = hashlib.sha256()
    for folder in folders or SOURCES:
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.read_bytes())
    return int.from_bytes(digest.digest()[:7])
