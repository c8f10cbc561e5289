"""Another copy of the gateware, with a planted fault, or with several of which one is chosen."""

from __future__ import annotations

import importlib
import os
import re
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Protocol

from amaranth.back import verilog as backend
from amaranth.hdl import Value
from amaranth.lib import wiring

import hdl
from sim.simulators import TOP, to_verilog
from tests.chosen import FAULT

HDL = Path(hdl.__file__).parent


class Planted(Protocol):
    """What to write in place of what, in a file under `hdl/`."""

    @property
    def file(self) -> str:
        """Its path."""
        ...

    @property
    def right(self) -> str:
        """Text of the file, with the expression that the fault is in between « and »."""
        ...

    @property
    def wrong(self) -> str:
        """Another expression."""
        ...


def plant(folder: Path, file: str, right: str, wrong: str) -> None:
    """Copy the gateware to a folder, with one text in place of another in a file under `hdl/`."""
    _copy(folder)
    path = folder / "hdl" / file
    text = path.read_text()
    assert right in text, f"{file} no longer has {right!r}"
    _rewrite(path, text.replace(right, wrong))


def plant_choice(folder: Path, faults: Mapping[int, Planted]) -> None:
    """Copy the gateware to a folder, with faults in it that `FAULT` chooses by number."""
    _copy(folder)
    for file in {fault.file for fault in faults.values()}:
        path = folder / "hdl" / file
        text = path.read_text()
        places: dict[tuple[int, int], dict[int, str]] = {}
        for number, fault in faults.items():
            if fault.file == file:
                places.setdefault(_place(text, fault), {})[number] = fault.wrong
        for start, end in sorted(places, reverse=True):
            wrong = ", ".join(f"{n}: {other}" for n, other in places[start, end].items())
            text = f"{text[:start]}with_faults({{{wrong}}}, {text[start:end]}){text[end:]}"
        future = "from __future__ import annotations\n"
        assert future in text
        _rewrite(path, text.replace(future, f"{future}\nfrom tests.chosen import with_faults\n", 1))


def _place(text: str, fault: Planted) -> tuple[int, int]:
    """Find the start and the end of the expression that a fault is in."""
    before, expression, after = re.split("[«»]", fault.right)
    whole = before + expression + after
    assert text.count(whole) == 1, f"{fault.file} no longer has {whole!r} once"
    start = text.index(whole) + len(before)
    return start, start + len(expression)


def _copy(folder: Path) -> None:
    # with what is compiled of it, for the files left alone
    shutil.copytree(HDL, folder / "hdl", copy_function=_link)


def _rewrite(path: Path, text: str) -> None:
    path.unlink()  # the name alone: the file is still ours
    path.write_text(text)


def _link(source: str, name: str) -> None:
    """Give a file another name, in a quarter of the time of a copy; copy it to another disk."""
    try:
        os.link(source, name)
    except OSError:
        shutil.copy2(source, name)


def verilog(
    folder: Path,
    module: str,
    make: Callable[[ModuleType], wiring.Component],
    *,
    choice: bool = False,
) -> str:
    """Return the Verilog of what `make` makes of a module of the copy, imported instead of ours.

    With a `choice`, it has a port `fault`.
    """

    def ours() -> dict[str, ModuleType]:
        return {name: sys.modules[name] for name in sys.modules if name.partition(".")[0] == "hdl"}

    kept = ours()
    for name in kept:
        del sys.modules[name]
    sys.path.insert(0, str(folder))
    try:
        importlib.invalidate_caches()
        copy = importlib.import_module(module)
        assert Path(copy.__file__ or "").is_relative_to(folder)
        return (_with_choice if choice else to_verilog)(make(copy))
    finally:
        sys.path.remove(str(folder))
        for name in ours():
            del sys.modules[name]
        sys.modules.update(kept)


def _with_choice(design: wiring.Component) -> str:
    ports = [Value.cast(port) for _, _, port in design.signature.flatten(design)]
    return backend.convert(
        design, name=TOP, ports=[*ports, FAULT], strip_internal_attrs=True, emit_src=False
    )
