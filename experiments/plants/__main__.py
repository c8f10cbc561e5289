"""External plants: how training of their models goes, and the optimizer for them on boards.

    python -m experiments.plants train [NAME …]
    python -m experiments.plants software
    python -m experiments.plants build [--jobs N] [--routed N] NAME:BOARD …

Each row is kept in reports/plants.json as soon as it is there; the tables of docs/plants.md are
made of it. Training takes a minute or two for each name, a build some minutes for each seed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from boards.sweep import ROUTED
from experiments.place import ROOT, Place
from experiments.plants import boards, training
from host import writing
from spec.errors import InputError

REPORT, PAGE = ROOT / "reports" / "plants.json", "docs/plants.md"
TRAINED, BUILT = Place(PAGE, "training"), Place(PAGE, "boards")


def keep(section: str, name: str, row: dict[str, Any]) -> None:
    """Write a row into the report, and both tables anew."""
    report: dict[str, Any] = {"training": {}, "software": {}, "boards": {}}
    if REPORT.is_file():
        report = json.loads(REPORT.read_text(encoding="utf-8"))
    report["command"] = "python -m experiments.plants train|software|build …"
    report.setdefault(section, {})[name] = row
    writing.write_json(REPORT, report)
    TRAINED.publish(training.render(report))
    BUILT.publish(boards.render(report))


def main(words: Sequence[str] | None = None) -> int:
    """Do what is named; return 1 if it failed, 2 if what was asked for is wrong."""
    parser = argparse.ArgumentParser(prog="plants", description=(__doc__ or "").split("\n")[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    train = verbs.add_parser("train")
    train.add_argument("names", nargs="*", metavar="NAME", help=", ".join(training.CASES))
    verbs.add_parser("software")
    build = verbs.add_parser("build")
    build.add_argument("names", nargs="+", choices=boards.BOARDS, metavar="NAME:BOARD")
    build.add_argument("--jobs", type=int, default=1, metavar="N", help="nextpnr at a time")
    build.add_argument("--routed", type=int, default=ROUTED, metavar="N", help="seeds")
    options = parser.parse_args(words)
    try:
        TRAINED.require()
        if options.verb == "build":
            for name in options.names:
                found = boards.built(name, routed=options.routed, jobs=options.jobs)
                keep("boards", name, found)
            return 0
        if options.verb == "software":
            keep("software", "crossbar", training.in_software())
            return 0
        for name in options.names or training.CASES:
            if name not in training.CASES:
                raise InputError(f"{name}: must be one of {', '.join(training.CASES)}")
            keep("training", name, training.trained(training.CASES[name]))
            print(name, flush=True)
    except (InputError, RuntimeError) as error:
        print(f"plants: {error}", file=sys.stderr)
        return 2 if isinstance(error, InputError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
