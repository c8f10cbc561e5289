"""`{commands}`: every command of `mgd`, from the parsers that read them."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterator
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from host import words

FEW = 4
"""Choices that are named with an option, and not behind it."""


def leaves(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Go through the commands that have no commands of their own, in their order."""
    inner = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    if not inner:
        yield parser
    for action in inner:
        for command in action.choices.values():
            yield from leaves(command)


def markdown(parser: argparse.ArgumentParser) -> str:
    """Describe a command: usage, what it does, a table of its arguments and options."""
    usage = " ".join(parser.format_usage().split()).removeprefix("usage: ")
    about = parser.description or ""
    rows = [row(parser, action) for action in parser._actions if action.dest != "help"]
    return "\n".join(
        [
            f"## {parser.prog}",
            "",
            f"{about[:1].upper()}{about[1:]}.",
            "",
            "```text",
            textwrap.fill(usage, 96, subsequent_indent="    ", break_on_hyphens=False),
            "```",
            "",
            "| argument | what it is | default |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def row(parser: argparse.ArgumentParser, action: argparse.Action) -> str:
    """Describe an argument or an option: its names, its help, what it is if it is left out."""
    value = action.metavar if isinstance(action.metavar, str) else ""
    text = parser._get_formatter()._expand_help(action) if action.help else ""
    choices = [str(choice) for choice in action.choices or ()]
    if 0 < len(choices) <= FEW:
        value = "|".join(choices)
    elif not value and action.nargs != 0:
        value = action.dest.upper()
    if len(choices) > FEW:
        text += f"; {value} is {', '.join(choices[:-1])} or {choices[-1]}"
    spelled = [" ".join(filter(None, (name, value))) for name in action.option_strings] or [value]
    names = ", ".join(f"`{name}`".replace("|", "\\|") for name in spelled)
    if not action.option_strings:
        default = "" if action.nargs in ("?", "*") else "required"
    elif action.required:
        default = "required"
    else:
        default = "" if action.default in (None, False) else f"`{action.default}`"
    return f"| {names} | {text.replace('|', chr(92) + '|')} | {default} |"


class Commands(SphinxDirective):
    """A section for each command."""

    def run(self) -> list[nodes.Node]:
        """Return the sections."""
        text = "\n".join(markdown(command) for command in leaves(words.parser()))
        return self.parse_text_to_nodes(text, allow_section_headings=True)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("commands", Commands)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
