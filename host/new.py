"""`mgd new`: look at a file of samples, and write a config that trains on it."""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path

from rich.table import Table

from host import files, report, screen, writing
from host.proposal import propose, render
from host.screen import console
from host.survey import Survey, survey
from model.training import seconds
from spec.data.source import SUFFIXES
from spec.errors import InputError
from spec.tasks import Kind

MOST_ROWS = 24
"""Columns of a file that are listed."""


def new(options: Namespace) -> int:
    """Write a config beside the data, or where `-o` says; an existing one only with `--force`."""
    data: Path = options.data
    files.check_suffix(data, SUFFIXES)
    path: Path = options.output or data.with_suffix(".toml")
    files.check_suffix(path, (".toml",))
    files.check_outputs([path], [data])
    if files.look(path) is not None and not options.force:
        raise InputError(f"{path}: is there already; --force replaces it, -o FILE writes another")
    found = survey(data, tuple(map(_column, options.target or ())), Kind(options.kind))
    _show(found)
    named = os.path.relpath(data.absolute(), path.absolute().parent)
    proposal, config = propose(found, path.parent, named)
    report.show_data(config)
    console.print(
        f"a network of {config.network.title}, {config.parameters:,} cells; "
        f"{config.training.steps:,} steps, η = 2^{config.eta}"
    )
    head = f"Made by mgd new of {data.name}. Every key is in docs/config.md."
    writing.write_text(path, render(proposal, report.shown(head, 400)))
    takes = screen.duration(seconds(config, 1))
    console.print(f"{path} is written; mgd train {path} takes about {takes}")
    return 0


def _column(text: str) -> str | int:
    """Read a column's name, or its number."""
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 9 else text


def _show(found: Survey) -> None:
    """Print what is in the columns."""
    table = Table("column", "values", "missing", "what for")
    fields = sorted(found.fields, key=lambda one: not (one.target or one.unfit))
    for one in fields[:MOST_ROWS]:
        use = "target" if one.target else f"left out: {one.unfit}" if one.unfit else "input"
        missing = f"{one.missing:,}" if one.missing else ""
        table.add_row(report.shown(one.column.name), one.values, missing, use)
    console.print(table)
    if len(fields) > MOST_ROWS:
        console.print(f"and {len(fields) - MOST_ROWS:,} more inputs")
