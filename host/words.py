"""The words of the `mgd` command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from host import (
    commands,
    ending,
    export,
    files,
    infer,
    new,
    peek,
    selftest,
    show,
    tune,
    watch,
    weights,
)
from host.external import export as plant_export
from host.external import verify as plant_verify
from host.external import watch as plant_watch
from host.external import wave as plant_wave
from host.outcome import ENGINES
from host.page import command as page
from host.tuning.space import AXES
from host.values import cells, identifier, megahertz, natural, positive
from host.version import version
from host.wave import command as wave
from sim.simulators import Simulator
from spec.tasks import Kind

Command = Callable[[argparse.Namespace], int]


class Parser(argparse.ArgumentParser):
    """argparse, but an error is one line, and one of standard output is heard."""

    def error(self, message: str) -> NoReturn:
        """Exit with status 2."""
        ending.say(f"{self.prog}: {message}; see {self.prog} --help")
        self.exit(2)

    def _print_message(self, message: str, file: Any = None) -> None:
        """Print help or version; argparse would pass over a full disk."""
        if sys.stdout is not None:
            with ending.named_output():
                sys.stdout.write(message)


def either(ours: Command, external: Command) -> Command:
    """Return what takes configs of our networks, and those of external plants."""
    return lambda options: (external if files.has_plant(options.config) else ours)(options)


SAMPLES = "samples, in place of task.path"
"""What --data is, where it does not name samples to evaluate."""


def parser() -> argparse.ArgumentParser:
    """Build the parser of all commands."""
    top = Parser(prog="mgd", description="Neural networks that train themselves inside an FPGA.")
    top.add_argument("--version", action="version", version=f"mgd {version()}")
    verbs = top.add_subparsers(dest="verb", required=True, metavar="COMMAND", parser_class=Parser)

    def verb(
        name: str,
        text: str,
        run: Command,
        *,
        config: bool = True,
        data: bool = True,
        among: Any = verbs,
    ) -> argparse.ArgumentParser:
        added = among.add_parser(name, help=text, description=text)
        added.set_defaults(run=run)
        if config:
            added.add_argument("config", metavar="CONFIG", help="a TOML file, or an example's name")
        if config and data:
            added.add_argument("--data", type=Path, metavar="PATH", help=SAMPLES)
        return added

    def simulator(command: argparse.ArgumentParser) -> None:
        names = [member.value for member in Simulator]
        command.add_argument("--simulator", choices=names, default=names[0], help="of the gateware")

    def json(command: argparse.ArgumentParser) -> None:
        command.add_argument("--json", type=Path, metavar="FILE", help="write the outcome as JSON")

    def steps_and_seed(command: argparse.ArgumentParser) -> None:
        command.add_argument("--steps", type=positive, help="instead of the config's")
        command.add_argument("--seed", type=natural, help="instead of the config's")

    def board(command: argparse.ArgumentParser) -> None:
        command.add_argument("--board", required=True, metavar="NAME", help="see: mgd boards")

    def clocked(command: argparse.ArgumentParser) -> None:
        board(command)
        command.add_argument(
            "--clock", type=megahertz, metavar="MHZ", help="from a PLL; the crystal's by default"
        )

    def bitstream(command: argparse.ArgumentParser) -> None:
        clocked(command)
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

    made = verb("new", "look at a file of samples, and write a config", new.new, config=False)
    made.add_argument("data", type=Path, metavar="DATA", help="a table: .csv, .npz, .parquet, …")
    made.add_argument(
        "-o",
        dest="output",
        type=Path,
        metavar="FILE",
        help="the config; by default beside the data",
    )
    made.add_argument(
        "--target", action="append", metavar="COLUMN", help="to learn; may be given several times"
    )
    kinds_of_targets = [Kind.CLASSES.value, Kind.NUMBERS.value]
    made.add_argument("--kind", choices=kinds_of_targets, default=Kind.AUTO.value, help="of target")
    made.add_argument("--force", action="store_true", help="replace a config that is there")

    text = "train: in a model, in simulated gateware, or on a board"
    train = verb("train", text, commands.train)
    text = "golden model, simulated gateware, a board, or a board that only evaluates"
    train.add_argument("--engine", choices=ENGINES, default="model", help=text)
    port(train)
    simulator(train)
    train.add_argument("--runs", type=positive, default=1, help="of consecutive seeds")
    steps_and_seed(train)
    json(train)
    train.add_argument("--live", action="store_true", help="show the cost while it trains")
    train.add_argument("--plot", type=Path, metavar="FILE", help="draw the cost over the steps")
    weights_file(train, "--save", "write the weights of the one run")
    weights_file(train, "--from", "begin with these weights", dest="start")

    text = "search for better η, Δθ, formats and layers of a config"
    tuned = verb("tune", text, tune.tune, data=False)
    tuned.add_argument(
        "-o", dest="output", type=Path, metavar="FILE", help="the config; CONFIG-tuned.toml else"
    )
    tuned.add_argument(
        "--study", type=Path, metavar="FILE", help="what is found, as JSON; beside the config else"
    )
    tuned.add_argument("--trials", type=positive, default=27, help="candidates; 27 by default")
    tuned.add_argument("--runs", type=positive, default=4, help="of each, from seeds in a row")
    tuned.add_argument(
        "--fix", action="append", choices=AXES, help="what stays; may be given several times"
    )
    tuned.add_argument("--jobs", type=positive, help="processes; one each processor else")
    tuned.add_argument("--force", action="store_true", help="replace a config that is there")

    asked = verb("infer", "evaluate samples by given weights", infer.infer, data=False)
    weights_file(asked, "--weights", "what to evaluate them by", required=True)
    asked.add_argument("--data", type=Path, metavar="FILE", help="samples; the config's by default")
    text = "golden model or a board"
    asked.add_argument("--engine", choices=infer.ENGINES, default=infer.ENGINES[0], help=text)
    port(asked)
    json(asked)
    asked.add_argument("--csv", type=Path, metavar="FILE", help="write outputs and classes as CSV")

    viewed = verb("show", "show a file of weights", show.show, config=False)
    viewed.add_argument("file", type=Path, metavar="FILE", help="of weights, .npz")
    json(viewed)
    viewed.add_argument("--plot", type=Path, metavar="FILE", help="draw the weights of each layer")

    run = either(page.write_page, page.write_plants_page)
    reported = verb("report", "write all that is known of a config as one page of HTML", run)
    reported.add_argument(
        "-o", dest="output", type=Path, metavar="FILE", help="the page; CONFIG.html else"
    )
    reported.add_argument("--board", metavar="NAME", help="of which to tell more; see: mgd boards")
    reported.add_argument("--runs", type=positive, default=1, help="to train, of seeds in a row")
    weights_file(reported, "--weights", "of these, without training")

    run = either(commands.verify, plant_verify.verify)
    verify = verb("verify", "compare gateware and golden model in every clock", run)
    simulator(verify)
    steps_and_seed(verify)
    json(verify)

    run = either(wave.wave, plant_wave.wave)
    waved = verb("wave", "draw what the gateware does in its first steps, clock by clock", run)
    simulator(waved)
    waved.add_argument("--steps", type=positive, default=wave.STEPS, help=f"{wave.STEPS} else")
    waved.add_argument("--seed", type=natural, help="instead of the config's")
    waved.add_argument(
        "--cells", type=cells, metavar="N,…", help="to draw; the first few by default"
    )
    waved.add_argument(
        "-o", dest="output", type=Path, metavar="FILE",
        help="the picture, .svg, .png or .pdf; build/wave-CONFIG.svg else",
    )  # fmt: skip
    waved.add_argument(
        "--vcd", type=Path, metavar="FILE", help="all signals, for GTKWave and the like"
    )
    json(waved)

    build = verb("build", "make a bitstream for a board", commands.build)
    bitstream(build)
    json(build)

    bitstream(verb("flash", "program a board, building first if need be", commands.flash))

    boards = verb("boards", "list the boards", commands.boards, config=False)
    json(boards)

    run = either(export.export, plant_export.run)
    exported = verb("export", "write the gateware as Verilog", run)
    exported.add_argument(
        "-o", dest="folder", type=Path, required=True, metavar="DIR", help="a folder"
    )
    exported.add_argument("--name", type=identifier, help="of the top module and of the files")
    weights_file(exported, "--weights", "trained weights: write the network alone")

    tested = verb("selftest", "compare a board with the golden model", selftest.selftest)
    port(tested)
    json(tested)

    run = either(watch.watch, plant_watch.run)
    watched = verb("watch", "watch a board train, live", run)
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

    verb("sim-board", "simulate a board behind a serial port", commands.sim_board)

    estimate = verb(
        "estimate", "predict what a board must offer, without any tool", commands.estimate
    )
    clocked(estimate)
    json(estimate)
    return top
