"""The page of commands has every command, option and default of the parsers."""

from __future__ import annotations

import argparse

from docs.extensions import commands
from host import words


def test_every_option_of_every_command() -> None:
    leaves = list(commands.leaves(words.parser()))
    names = [parser.prog for parser in leaves]
    assert {"mgd train", "mgd weights save", "mgd weights load", "mgd boards"} <= set(names)
    assert len(names) == len(set(names)) > 15
    for parser in leaves:
        page = commands.markdown(parser)
        assert page.startswith(f"## {parser.prog}\n")
        for action in parser._actions:
            assert action.dest == "help" or action.help, f"{parser.prog} {action.dest}"
            for name in action.option_strings:
                assert action.dest == "help" or f"`{name}" in page


def test_a_row() -> None:
    parser = argparse.ArgumentParser(prog="mgd try", description="try it")
    parser.add_argument("config", metavar="CONFIG", help="a file")
    parser.add_argument("--engine", choices=["model", "sim"], default="model", help="a|b")
    parser.add_argument("--runs", "-n", type=int, help="how many")
    parser.add_argument("--weights", required=True, metavar="FILE", help="100%% of them")
    lines = commands.markdown(parser).splitlines()
    assert lines[-4:] == [
        "| `CONFIG` | a file | required |",
        r"| `--engine model\|sim` | a\|b | `model` |",
        "| `--runs RUNS`, `-n RUNS` | how many |  |",
        "| `--weights FILE` | 100% of them | required |",
    ]
