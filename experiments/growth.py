"""How the hardware grows with P: LUTs, Fmax and clocks a step; docs/performance.md has the result.

All networks have formats and loop of `BASE`, but inferred multipliers; only the task and the layers
are others.
"""

from __future__ import annotations

import io
import json
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boards.sweep import Sweep, sweep
from experiments.place import Place, table
from experiments.rows import GROWTH
from host import writing
from spec.config import Config
from spec.timing import Timing

BASE = "nist7x7-fast"
SEEDS = 3
"""Of place and route that lead to a route."""

REPORT = "growth.json"
PLACE, PICTURE = Place("docs/performance.md", "growth"), "docs/images/growth.png"


@dataclass(frozen=True)
class Network:
    """A network to build.

    Parameters
    ----------
    task : dict
        Keys of [task].
    layers : tuple of int
    board : str
        A board it fits on.
    """

    task: dict[str, Any]
    layers: tuple[int, ...]
    board: str

    def config(self, root: Path) -> Config:
        """Make `BASE`'s config for it, with a clock to spare for the bus and inferred products."""
        base = tomllib.loads((root / "examples" / f"{BASE}.toml").read_text(encoding="utf-8"))
        network = base["network"] | {"layers": list(self.layers)}
        training = base["training"] | {"update_delay": "auto"}
        build = base["build"] | {"link": False, "multipliers": "inferred"}
        tables_of = base | {"task": self.task, "network": network, "training": training}
        tables_of |= {"build": build}
        config = Config.from_dict(tables_of)
        return config.with_training(update_delay=config.update_delay + 1)


NETWORKS = (
    Network({"name": "xor"}, (2, 2, 1), "ulx3s-25f"),
    Network({"name": "parity", "bits": 4}, (4, 8, 1), "ulx3s-25f"),
    Network({"name": "parity", "bits": 8}, (8, 10, 1), "ulx3s-25f"),
    Network({"name": "nist7x7", "inputs": "unipolar"}, (49, 4, 4), "ulx3s-25f"),
    Network({"name": "nist7x7", "inputs": "unipolar"}, (49, 8, 4), "ulx3s-85f"),
)


def point(config: Config, built: Sweep) -> dict[str, Any]:
    """Say what a network takes; see docs/json.md for the keys."""
    return {
        "layers": list(config.network.layers),
        "parameters": config.parameters,
        "board": built.board,
        "device": built.device,
        "update_delay": config.update_delay,
        "clocks_per_step": Timing.of(config).step(),
        "logic": built.utilization["TRELLIS_COMB"]["used"],
        "flip_flops": built.flip_flops,
        "multipliers": built.multipliers,
        "fmax_mhz": built.fmax(),
        "tools": built.tools,
    }


def update(root: Path, jobs: int, say: Callable[[str, str], None]) -> None:
    """Build all networks; write reports/growth.json, the table and the picture after each.

    Parameters
    ----------
    root : Path
        With docs/, examples/ and reports/.
    jobs : int
        How many nextpnr run at a time.
    say : callable
        Called with what is made and the stage that begins.

    Raises
    ------
    InputError, ToolError
        As `boards.sweep.sweep`; or if the document has no markers.
    """
    PLACE.require(root)
    points = stored(root)
    for network in NETWORKS:
        config, shape = network.config(root), "-".join(map(str, network.layers))
        built = sweep(
            config, network.board, routed=SEEDS, jobs=jobs,
            progress=lambda stage, shape=shape: say(f"{GROWTH} {shape}", stage),
        )  # fmt: skip
        points = [each for each in points if each["layers"] != list(network.layers)]
        points.append(point(config, built))
        writing.write_json(root / "reports" / REPORT, points)  # the largest ones take an hour
        write(root)


def stored(root: Path) -> list[dict[str, Any]]:
    """Read the points of `NETWORKS` that were built, by P."""
    path = root / "reports" / REPORT
    points = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    return sorted(points, key=lambda each: each["parameters"])


def write(root: Path) -> None:
    """Write the table and the picture of what is in reports/."""
    points = stored(root)
    PLACE.publish(render(points), root)
    draw(points, root / PICTURE)


def render(points: Sequence[dict[str, Any]]) -> str:
    """Make the Markdown of the points' table."""
    header = (
        "layers", "P", "board", "LUTs", "LUTs a parameter", "flip-flops", "multipliers",
        "Fmax, min / median (MHz)", "D", "clocks a step",
    )  # fmt: skip
    rows = [
        (
            "-".join(map(str, each["layers"])),
            f"{each['parameters']}",
            each["board"],
            f"{each['logic']:,}",
            f"{each['logic'] / each['parameters']:.0f}",
            f"{each['flip_flops']:,}",
            f"{each['multipliers']}",
            f"{each['fmax_mhz']['min']:.1f} / {each['fmax_mhz']['median']:.1f}",
            f"{each['update_delay']}",
            f"{each['clocks_per_step']}",
        )
        for each in points
    ]
    return table(header, ("---", "---:", "---", *["---:"] * 7), rows)


def draw(points: Sequence[dict[str, Any]], path: Path) -> None:
    """Draw LUTs, Fmax and clocks a step over P."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 3, figsize=(11, 3.4), layout="constrained")
    P = [each["parameters"] for each in points]
    axes[0].loglog(P, [each["logic"] for each in points], "o-")
    axes[0].set(title="LUTs")
    fmax = [each["fmax_mhz"] for each in points]
    axes[1].semilogx(P, [each["median"] for each in fmax], "o-", label="median")
    axes[1].semilogx(P, [each["min"] for each in fmax], "v:", label="min")
    axes[1].set(title="Fmax (MHz)", ylim=(0, None))
    axes[1].legend()
    axes[2].semilogx(P, [each["clocks_per_step"] for each in points], "o-")
    axes[2].set(title="clocks a step", ylim=(0, None))
    for each in axes:
        each.set(xlabel="P, parameters")
        each.grid(alpha=0.3)
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=110, metadata={"Software": None})
    writing.write({path: drawn.getvalue()})
    pyplot.close(figure)
