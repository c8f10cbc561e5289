"""External plants: how training of their models goes, and the optimizer for them on boards.

    python -m experiments.plants train [NAME …]
    python -m experiments.plants software
    python -m experiments.plants build [--jobs N] [--routed N] NAME:BOARD …

Each row is kept in reports/plants.json as soon as it is there; the tables of docs/plants.md are
made of it. Training takes a minute or two for each name, a build some minutes for each seed.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from boards.catalogue import find
from boards.plant_top import at_clock
from boards.sweep import ROUTED, sweep
from examples.plants.crossbar import Crossbar
from experiments import backpropagation
from experiments.backpropagation import accuracies
from experiments.place import ROOT, Place, table
from host import writing
from host.external.accuracy import accuracy_of
from model.external.trainer import ExternalTrainer
from model.reference import Array
from model.reference.external import ExternalReference
from spec.config import read_toml
from spec.errors import InputError
from spec.external.config import ExternalConfig
from spec.external.timing import ExternalTiming

REPORT, PAGE = ROOT / "reports" / "plants.json", "docs/plants.md"
TRAINED, BUILT = Place(PAGE, "training"), Place(PAGE, "boards")
PLANTS = ROOT / "examples" / "plants"

USED = (("TRELLIS_COMB", "DP16KD"), ("ICESTORM_LC", "ICESTORM_RAM"))
"""What nextpnr calls logic and block RAM, by family."""

CELLS = {"spatial": "flip-flops", "folded": "words"}
"""What cells are, by the engine; a report of before there was a second one names none."""

SEEDS = 20

CHECK_EVERY = 20
"""Steps, so that steps to the goal are known as well as that."""

NOISE = 0.01
"""Of the cost at the start."""

LEFT = 0.1
"""Of the cost at the start, which the meshes are to reach."""

SPI = {"weights": "spi", "cost": "spi", "adc": "ads8681"}
"""How plants on boards are connected."""


IDEAL = {"variation": 0.0, "read_noise": 0.0, "levels": 0, "stuck": 0.0}
"""Options of a crossbar that is the same network as in software."""


@dataclass(frozen=True)
class Case:
    """What is trained.

    Attributes
    ----------
    example : str
    noise : float
        Of each perturbed cost, of the cost at the start.
    relative : bool
        Whether the goal is `LEFT` of the cost at the start, and not the config's.
    other : dict
        Options of the model in place of the example's.
    eta : int or None
        log2 η in place of the example's.
    """

    example: str
    noise: float = 0.0
    relative: bool = False
    other: dict[str, Any] = field(default_factory=dict)
    eta: int | None = None


CASES = {
    "mesh-9": Case("mesh-9", relative=True),
    "mesh": Case("mesh", relative=True),
    "mesh, noise": Case("mesh", relative=True, other={"noise": NOISE}),
    "mesh, constant noise": Case("mesh", noise=NOISE, relative=True),
    "mesh-256": Case("mesh-256", relative=True),
    "crossbar": Case("crossbar"),
    "crossbar, ideal": Case("crossbar", other=IDEAL),
    "recurrent": Case("recurrent"),
    "spiking": Case("spiking"),
    "spiking, half of η": Case("spiking", eta=-6),
}


@dataclass(frozen=True)
class Built:
    """What is built.

    Attributes
    ----------
    example, board : str
    folded : bool
        Whether cells are words of memory, also where the example's are not.
    dac : str or dict
        `plant.dac`.
    """

    example: str
    board: str
    folded: bool = False
    dac: str | dict[str, Any] = "dac8568-external"


LARGE: dict[str, Any] = {
    **{"frame_bits": 24, "value_bits": 14, "channel_bits": 5, "channel_at": 16, "channels": 32},
    **{"command": 0x00C000, "falling": True, "load": True},
    **{"sclk_ns": 50, "high_ns": 50, "load_ns": 50},
}  # fmt: skip
"""A DAC of 32 channels, with frames as an AD5382 has them; a DAC8568 has 8."""

BOARDS = {
    "mesh:ulx3s-25f": Built("mesh", "ulx3s-25f"),
    "mesh-256:ulx3s-25f": Built("mesh-256", "ulx3s-25f"),
    "mesh:ice40_hx8k_b_evn": Built("mesh", "ice40_hx8k_b_evn"),
    "mesh-folded:ulx3s-25f": Built("mesh", "ulx3s-25f", folded=True),
    "mesh-256-folded:ulx3s-25f": Built("mesh-256", "ulx3s-25f", folded=True),
    "mesh-1024:ulx3s-25f": Built("mesh-1024", "ulx3s-25f", folded=True, dac=LARGE),
    "mesh-256-folded:ice40_hx8k_b_evn": Built("mesh-256", "ice40_hx8k_b_evn", folded=True),
}


def configured(case: Case) -> ExternalConfig:
    """Return the config of a case, with noise in units of a cost."""
    given = read_toml(PLANTS / f"{case.example}.toml")
    given["plant"].setdefault("options", {}).update(case.other)
    if case.eta is not None:
        given["training"]["eta"] = case.eta
    config = ExternalConfig.from_dict(given, PLANTS)
    if not case.noise:
        return config
    start = statistics.median(starts(config, range(1, SEEDS + 1)))
    hardware = dataclasses.replace(config.hardware, cost_noise=case.noise * start)
    return dataclasses.replace(config, hardware=hardware)


def initialised(config: ExternalConfig, seeds: Sequence[int]) -> ExternalTrainer:
    """Return the golden trainer once the initial θ of each seed is made."""
    trainer = ExternalTrainer(config, seeds)
    for _ in trainer.initialise():
        pass
    return trainer


def floats(trainer: ExternalTrainer) -> Array:
    """Return θ of each run as numbers, shape (runs, P)."""
    lsb = math.ldexp(1.0, -trainer.cells.cell.theta.fraction_bits)
    return trainer.cells.theta.astype(np.float64) * lsb


def in_software() -> dict[str, Any]:
    """Train the network of the ideal crossbar by backpropagation, from the θ of all seeds."""
    config = configured(CASES["crossbar, ideal"])
    network = Crossbar(**config.plant.options)
    found = accuracies(network, floats(initialised(config, range(1, SEEDS + 1))))
    return {
        "seeds": SEEDS,
        "steps": backpropagation.STEPS,
        "eta": backpropagation.ETA,
        "accuracy": statistics.mean(found),
        "least_accuracy": min(found),
    }


def starts(config: ExternalConfig, seeds: Sequence[int]) -> list[float]:
    """Return the mean cost of each seed's initial θ."""
    trainer = initialised(config, seeds)
    scale = config.samples * 2**config.formats.cost_bits
    return (trainer.plant.check(trainer.cells.weights()).cost_sum / scale).tolist()


class Driven(ExternalReference):
    """The loop in float64 with the initial θ, perturbations and samples of the golden model.

    What is left of a difference is made by converters and LSBs; noise is drawn anew.
    """

    def __init__(self, config: ExternalConfig, seed: int) -> None:
        super().__init__(config, np.random.default_rng(seed))
        self._golden = initialised(config, [seed])
        self.theta = floats(self._golden)[0]

    def perturbation(self) -> Array:
        """Take the golden model's."""
        self._golden.code.perturb()
        return self.amplitude * self._golden.code.theta_tilde[0]

    def next_sample(self) -> int:
        """Take the golden model's."""
        self._golden.plant.samples.advance()
        return int(self._golden.plant.samples.index[0])


def trained(case: Case) -> dict[str, Any]:
    """Train all seeds of a case in the golden model, and as many in float64."""
    config, seeds = configured(case), range(1, SEEDS + 1)
    training, goal = config.training, config.training.solved_cost
    found, others, ends, correct, ratios = [], [], [], [], []
    for seed, start in zip(seeds, starts(config, seeds), strict=True):
        wanted = LEFT * start if case.relative else goal
        one = config.with_training(
            seed=seed, solved_cost=wanted, solved_accuracy=-1.0, check_every=CHECK_EVERY
        )
        (run,) = ExternalTrainer(one, [seed]).run()
        cost = run.cost_sum / (config.samples * 2**config.formats.cost_bits)
        found.append(run.steps if run.solved else None)
        ends.append(cost)
        ratios.append(cost / start)
        correct.append(accuracy_of(one, run.theta))
        others.append(Driven(one, seed).steps_to(wanted, CHECK_EVERY, training.steps))
    return {
        "example": case.example,
        "parameters": config.parameters,
        "cost_noise": config.hardware.cost_noise,
        "goal": f"{LEFT:g} of the start" if case.relative else goal,
        "seeds": SEEDS,
        "steps": training.steps,
        "solved": sum(steps is not None for steps in found),
        "median_steps": _median(found),
        "most_steps": None if None in found else max(found),
        "reference_solved": sum(steps is not None for steps in others),
        "reference_median_steps": _median(others),
        "reference_most_steps": None if None in others else max(others),
        "cost": statistics.median(ends),
        "cost_ratio": statistics.median(ratios),
        "accuracy": None if None in correct else statistics.mean(correct),
    }


def _median(steps: Sequence[int | None]) -> float | None:
    found = statistics.median(math.inf if one is None else one for one in steps)
    return found if math.isfinite(found) else None


def on_board(what: Built) -> ExternalConfig:
    """Return the config of an example whose plant is connected through converters."""
    given = read_toml(PLANTS / f"{what.example}.toml")
    given["plant"].pop("cost_width", None)
    given["plant"] |= SPI | {"dac": what.dac}
    if what.folded:
        given["build"] = given.get("build", {}) | {"engine": "folded"}
    return ExternalConfig.from_dict(given, PLANTS)


def built(name: str, *, routed: int, jobs: int) -> dict[str, Any]:
    """Build an example for a board, with several seeds."""
    what = BOARDS[name]
    config = on_board(what)
    made = sweep(
        config, what.board, routed=routed, jobs=jobs,
        progress=lambda stage: print(f"{name}: {stage}", flush=True),
    )  # fmt: skip
    timing = ExternalTiming.of_external(at_clock(config, find(what.board)))
    return {
        "example": what.example,
        "engine": config.build.engine.value,
        "parameters": config.parameters,
        "board": made.board,
        "device": made.device,
        "clocks_per_step": timing.step(),
        "utilization": made.utilization,
        "fmax_mhz": made.fmax(),
        "speed_grade": made.speed_grade,
        "tools": made.tools,
    }


def render_training(report: dict[str, Any]) -> str:
    """Make the Markdown of the table of trainings."""

    def steps(value: float | None) -> str:
        return "–" if value is None else f"{value:,.0f}"

    def percent(value: float | None) -> str:
        return "" if value is None else f"{value:.1%}"

    header = (
        "", "P", "goal: mean cost", "solved", "steps, median", "most", "in float64: solved",
        "steps, median", "most", "accuracy", "by backpropagation",
    )  # fmt: skip
    rows = [
        (
            f"`{name}`",
            f"{row['parameters']}",
            f"{row['goal']}",
            f"{row['solved']} of {row['seeds']}",
            steps(row["median_steps"]),
            steps(row["most_steps"]),
            f"{row['reference_solved']} of {row['seeds']}",
            steps(row["reference_median_steps"]),
            steps(row["reference_most_steps"]),
            percent(row["accuracy"]),
            percent(report.get("software", {}).get(row["example"], {}).get("accuracy")),
        )
        for name in CASES
        if (row := report["training"].get(name))
    ]
    return table(header, ("---", *["---:"] * 10), rows)


def render_boards(report: dict[str, Any]) -> str:
    """Make the Markdown of the table of builds."""
    header = (
        "plant", "P", "cells", "board", "logic", "block RAMs", "Fmax, min / median (MHz)",
        "seeds", "clocks a step",
    )  # fmt: skip
    rows = []
    for name in BOARDS:
        row = report["boards"].get(name)
        if not row:
            continue
        used, fmax = row["utilization"], row["fmax_mhz"]
        logic, blocks = next(pair for pair in USED if pair[0] in used)
        logic, blocks = used[logic], used[blocks]
        rows.append(
            (
                row["example"],
                f"{row['parameters']:,}",
                CELLS[row.get("engine", "spatial")],
                row["board"],
                f"{logic['used']:,} of {logic['available']:,}",
                f"{blocks['used']} of {blocks['available']}",
                f"{fmax['min']:.1f} / {fmax['median']:.1f}",
                f"{sum(mhz is not None for mhz in fmax['by_seed'].values())}",
                f"{row['clocks_per_step']:,}",
            )
        )
    return table(header, ("---", "---:", "---", "---", *["---:"] * 5), rows)


def keep(section: str, name: str, row: dict[str, Any]) -> None:
    """Write a row into the report, and both tables anew."""
    report: dict[str, Any] = {"training": {}, "software": {}, "boards": {}}
    if REPORT.is_file():
        report = json.loads(REPORT.read_text(encoding="utf-8"))
    report["command"] = "python -m experiments.plants train|software|build …"
    report.setdefault(section, {})[name] = row
    writing.write_json(REPORT, report)
    TRAINED.publish(render_training(report))
    BUILT.publish(render_boards(report))


def main(words: Sequence[str] | None = None) -> int:
    """Do what is named; return 1 if it failed, 2 if what was asked for is wrong."""
    parser = argparse.ArgumentParser(prog="plants", description=(__doc__ or "").split("\n")[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    train = verbs.add_parser("train")
    train.add_argument("names", nargs="*", metavar="NAME", help=", ".join(CASES))
    verbs.add_parser("software")
    build = verbs.add_parser("build")
    build.add_argument("names", nargs="+", choices=BOARDS, metavar="NAME:BOARD")
    build.add_argument("--jobs", type=int, default=1, metavar="N", help="nextpnr at a time")
    build.add_argument("--routed", type=int, default=ROUTED, metavar="N", help="seeds")
    options = parser.parse_args(words)
    try:
        TRAINED.require()
        if options.verb == "build":
            for name in options.names:
                found = built(name, routed=options.routed, jobs=options.jobs)
                keep("boards", name, found)
            return 0
        if options.verb == "software":
            keep("software", "crossbar", in_software())
            return 0
        for name in options.names or CASES:
            if name not in CASES:
                raise InputError(f"{name}: must be one of {', '.join(CASES)}")
            keep("training", name, trained(CASES[name]))
            print(name, flush=True)
    except (InputError, RuntimeError) as error:
        print(f"plants: {error}", file=sys.stderr)
        return 2 if isinstance(error, InputError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
