"""The `mgd` command: its words, and its exit status.

0: it did what was asked. 1: it ran and failed. 2: the input was wrong; one line says what.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from host import commands, infer, peek, selftest, virtual, watch, weights
from host.screen import console
from host.train import ENGINES
from sim.simulators import TOP, Simulator
from spec.errors import InputError

KEYWORDS = """
always and assign automatic begin buf bufif0 bufif1 case casex casez cell cmos config deassign
default defparam design disable edge else end endcase endconfig endfunction endgenerate
endmodule endprimitive endspecify endtable endtask event for force forever fork function
generate genvar highz0 highz1 if ifnone incdir include initial inout input instance integer join
large liblist library localparam macromodule medium module nand negedge nmos nor noshowcancelled
not notif0 notif1 or output parameter pmos posedge primitive pull0 pull1 pulldown pullup
pulsestyle_ondetect pulsestyle_onevent rcmos real realtime reg release repeat rnmos rpmos rtran
rtranif0 rtranif1 scalared showcancelled signed small specify specparam strong0 strong1 supply0
supply1 table task time tran tranif0 tranif1 tri tri0 tri1 triand trior trireg unsigned use
uwire vectored wait wand weak0 weak1 while wire wor xnor xor
"""

VERILOG_KEYWORDS = frozenset(KEYWORDS.split())
"""Those of Verilog-2005."""


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


def megahertz(text: str) -> float:
    """Read a frequency."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} must be a number of MHz above 0")
    return value


def identifier(text: str) -> str:
    """Read a name for a Verilog module."""
    if not re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", text) or text in VERILOG_KEYWORDS:
        raise argparse.ArgumentTypeError(
            f"{text!r} must be a Verilog identifier: letters, digits and _, no digit first, and no "
            "keyword"
        )
    return text


def parser() -> argparse.ArgumentParser:
    """Build the parser of all commands."""
    top = Parser(prog="mgd", description="Neural networks that train themselves inside an FPGA.")
    verbs = top.add_subparsers(dest="verb", required=True, metavar="COMMAND", parser_class=Parser)

    def verb(
        name: str,
        text: str,
        run: Callable[[argparse.Namespace], int],
        *,
        config: bool = True,
        among: Any = verbs,
    ) -> argparse.ArgumentParser:
        added = among.add_parser(name, help=text, description=text)
        added.set_defaults(run=run)
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

    def bitstream(command: argparse.ArgumentParser) -> None:
        board(command)
        command.add_argument(
            "--clock", type=megahertz, metavar="MHZ", help="from a PLL; the crystal's by default"
        )
        command.add_argument(
            "--pnr-seed",
            type=natural,
            metavar="N",
            help="of place and route; by default 1, and up to 5 while the timing is missed",
        )

    def port(command: argparse.ArgumentParser) -> None:
        command.add_argument(
            "--port",
            metavar="PATH",
            help="of the board; the only USB serial port by default; 'virtual' simulates a board",
        )

    def weights_file(command: argparse.ArgumentParser, name: str, text: str, **more: Any) -> None:
        command.add_argument(name, type=Path, metavar="FILE", help=f"{text}, .npz", **more)

    train = verb("train", "train: in a model, in simulated gateware, or on a board", commands.train)
    train.add_argument("--engine", choices=ENGINES, default="model")
    port(train)
    simulator(train)
    train.add_argument("--runs", type=positive, default=1, help="of consecutive seeds")
    steps_and_seed(train)
    json(train)
    train.add_argument("--plot", type=Path, metavar="FILE", help="draw the cost over the steps")
    weights_file(train, "--save", "write the weights of the one run")
    weights_file(train, "--from", "begin with these weights", dest="start")

    asked = verb("infer", "evaluate samples by given weights", infer.infer)
    weights_file(asked, "--weights", "what to evaluate them by", required=True)
    asked.add_argument("--data", type=Path, metavar="FILE", help="samples; the config's by default")
    asked.add_argument("--engine", choices=infer.ENGINES, default=infer.ENGINES[0])
    port(asked)
    json(asked)
    asked.add_argument("--csv", type=Path, metavar="FILE", help="write outputs and classes as CSV")

    verify = verb("verify", "compare gateware and golden model in every clock", commands.verify)
    simulator(verify)
    steps_and_seed(verify)
    json(verify)

    build = verb("build", "make a bitstream for a board", commands.build)
    bitstream(build)
    json(build)

    bitstream(verb("flash", "program a board, building first if need be", commands.flash))

    boards = verb("boards", "list the boards", commands.boards, config=False)
    json(boards)

    export = verb("export", "write the gateware as Verilog", commands.export)
    export.add_argument("-o", dest="folder", type=Path, required=True, metavar="DIR")
    export.add_argument(
        "--name", type=identifier, default=TOP, help="of the top module and of the files"
    )

    tested = verb("selftest", "compare a board with the golden model", selftest.selftest)
    port(tested)
    json(tested)

    watched = verb("watch", "watch a board train, live", watch.watch)
    port(watched)
    watched.add_argument("--once", action="store_true", help="a single look")
    json(watched)

    peeked = verb("peek", "print registers of a board", peek.peek)
    peeked.add_argument("name", metavar="NAME[:COUNT]", help="of the register map")
    port(peeked)

    poked = verb("poke", "write a register of a board", peek.poke)
    poked.add_argument("name", metavar="NAME", help="of the register map")
    poked.add_argument("value", metavar="VALUE", help="a whole number; 0x… is hexadecimal")
    port(poked)

    text = "keep a board's weights in a file, and bring them back"
    kinds = verbs.add_parser("weights", help=text, description=text).add_subparsers(
        dest="kind", required=True, metavar="save|load", parser_class=Parser
    )
    for name, help_text, run in (
        ("save", "write a board's weights to a file", weights.save),
        ("load", "bring a file's weights to a board, which waits with them", weights.load),
    ):
        kept = verb(name, help_text, run, among=kinds)
        weights_file(kept, "file", "of weights")
        port(kept)

    verb("sim-board", "simulate a board behind a serial port", virtual.sim_board)

    estimate = verb(
        "estimate", "predict what a board must offer, without any tool", commands.estimate
    )
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
