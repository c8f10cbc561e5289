"""Another copy of the gateware, with a planted fault."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from amaranth.lib import wiring

import hdl
from sim.simulators import to_verilog

HDL = Path(hdl.__file__).parent


def plant(folder: Path, file: str, right: str, wrong: str) -> None:
    """Copy the gateware to a folder, with one text in place of another in a file under `hdl/`."""
    # with what is compiled of it, for the files left alone
    shutil.copytree(HDL, folder / "hdl", copy_function=_link)
    path = folder / "hdl" / file
    text = path.read_text()
    assert right in text, f"{file} no longer has {right!r}"
    path.unlink()  # the name alone: the file is still ours
    path.write_text(text.replace(right, wrong))


def _link(source: str, name: str) -> None:
    """Give a file another name, in a quarter of the time of a copy; copy it to another disk."""
    try:
        os.link(source, name)
    except OSError:
        shutil.copy2(source, name)


def verilog(folder: Path, module: str, make: Callable[[ModuleType], wiring.Component]) -> str:
    """Return the Verilog of what `make` makes of a module of the copy, imported instead of ours."""

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
        return to_verilog(make(copy))
    finally:
        sys.path.remove(str(folder))
        for name in ours():
            del sys.modules[name]
        sys.modules.update(kept)
