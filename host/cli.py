"""The `mgd` command: its words, and its exit status.

0: it did what was asked. 1: it ran and failed. 2: the input was wrong; one line says what.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from host import commands
from host.screen import console
from host.train import ENGINES
from sim.simulators import Simulator
from spec.errors import InputError


class Parser(argparse.ArgumentParser):
    """argparse, but an error is one line."""

    def error(self, message: str) -> NoReturn:
        """Exit with status 2."""
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


def positive(text: str) -> int:
    """Read a whole number of at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number of at least 1")
    return int(text)


def natural(text: str) -> int:
    """Read a whole number of at least 0."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number of at least 0")
    return int(text)


def parser() -> argparse.ArgumentParser:
    """Build the parser of all commands."""
    top = Parser(prog="mgd", description="Neural networks that train themselves inside an FPGA.")
    verbs = top.add_subparsers(dest="verb", required=True, metavar="COMMAND", parser_class=Parser)

    def verb(name: str, text: str, *, config: bool = True) -> argparse.ArgumentParser:
        added = verbs.add_parser(name, help=text, description=text)
        added.set_defaults(run=getattr(commands, name))
        if config:
            added.add_argument("config", metavar="CONFIG", help="a TOML file, or an example's name")
        return added

    def simulator(command: argparse.ArgumentParser) -> None:
        names = [member.value for member in Simulator]
        command.add_argument("--simulator", choices=names, default=names[0])

    def json(command: argparse.ArgumentParser) -> None:
        command.add_argument("--json", type=Path, metavar="FILE", help="write the outcome as JSON")

    def steps_and_seed(command: argparse.ArgumentParser) -> None:
        command.add_argument("--steps", type=positive, help="instead of the config's")
        command.add_argument("--seed", type=natural, help="instead of the config's")

    def board(command: argparse.ArgumentParser) -> None:
        command.add_argument("--board", required=True, metavar="NAME", help="see: mgd boards")

    train = verb("train", "train, in the golden model or in the simulated gateware")
    train.add_argument("--engine", choices=ENGINES, default=ENGINES[0])
    simulator(train)
    train.add_argument("--runs", type=positive, default=1, help="of consecutive seeds")
    steps_and_seed(train)
    json(train)
    train.add_argument("--plot", type=Path, metavar="FILE", help="draw the cost over the steps")

    verify = verb("verify", "compare gateware and golden model in every clock")
    simulator(verify)
    steps_and_seed(verify)
    json(verify)

    build = verb("build", "make a bitstream for a board")
    board(build)
    build.add_argument("--pnr-seed", type=natural, default=1, help="of place and route")
    json(build)

    board(verb("flash", "program a board, building first if need be"))

    boards = verb("boards", "list the boards", config=False)
    json(boards)

    export = verb("export", "write the gateware as Verilog")
    export.add_argument("-o", dest="folder", type=Path, required=True, metavar="DIR")

    estimate = verb("estimate", "predict what a board must offer, without any tool")
    board(estimate)
    json(estimate)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    options = parser().parse_args(arguments)
    try:
        return options.run(options)
    except InputError as error:
        print(f"mgd {options.verb}: {error}", file=sys.stderr)
        return 2
    except commands.FAILURES as error:
        print(f"mgd {options.verb}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        console.print("interrupted")
        return 130


if __name__ == "__main__":
    sys.exit(main())
