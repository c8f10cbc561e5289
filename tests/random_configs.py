"""Random configs: any topology, format, activation and time constants that the checks allow."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from spec.activation import Activation
from spec.config import Config
from spec.errors import InputError
from spec.plant import DEFECT_FRACTION
from spec.tasks import Inputs, Order
from spec.timing import Timing
from spec.training import Estimator, Loop, Perturbation

BIASED = (Perturbation.CM, Perturbation.TM, Perturbation.TERNARY)
"""What the analog loop cannot be had with."""

OPTIMISERS = [
    (perturbation, loop, estimator)
    for perturbation in Perturbation
    for loop in Loop
    for estimator in Estimator
    if loop is Loop.DISCRETE
    or (estimator is not Estimator.ANTITHETIC and perturbation not in BIASED)
]
"""All that have a meaning; the seed of a config chooses one."""


OVERLAPS = (Perturbation.RCM, Loop.DISCRETE, Estimator.WEIGHT)
"""What an overlapped schedule can be had with."""


def random_config(seed: int, folder: Path, clocks: int = 500, *, overlap: bool = False) -> Config:
    """Draw a config and its data; it runs at least so many clocks.

    Parameters
    ----------
    seed : int
        Of the drawing.
    folder : Path
        Where the data set is written.
    clocks : int
        How many the whole run takes, at least.
    overlap : bool
        Whether its schedule overlaps, with one rail or two, with or without G.
    """
    rng = random.Random(seed)
    optimiser = OVERLAPS if overlap else OPTIMISERS[seed % len(OPTIMISERS)]
    while True:
        try:
            tables = _tables(rng, optimiser, folder, clocks)
            if overlap:
                _overlap(rng, tables, clocks)
            elif optimiser[0] is Perturbation.RCM and optimiser[2] is not Estimator.NODE:
                _share(rng, tables)
            config = Config.from_dict(tables, folder)
        except InputError:
            continue  # formats that do not fit together: draw again
        if Timing.of(config).initialisation < 3 * clocks:  # a narrow bus initialises slowly
            return config


def _times(rng: random.Random, loop: Loop, tau_theta: int | None = None) -> dict[str, int]:
    times = {name: rng.randint(1, 7) for name in ("tau_p", "tau_x", "tau_theta")}
    if loop is Loop.ANALOG:
        times["tau_x"] += 1
        times["tau_theta"] = tau_theta or 1 << rng.randint(0, 6)
    return times


def _training(
    rng: random.Random, optimiser: tuple[Perturbation, Loop, Estimator], clocks: int
) -> dict[str, Any]:
    perturbation, loop, estimator = optimiser
    times = _times(rng, loop)
    changes = sorted(rng.sample(range(1, clocks // 12), rng.choice([0, 0, 1, 3])))
    momentum = rng.choice([0, 0, rng.randint(1, 5)])
    return {
        "perturbation": perturbation.value,
        "loop": loop.value,
        "estimator": estimator.value,
        "momentum": momentum if loop is Loop.DISCRETE else 0,
        "tau_hp": 1 << rng.randint(1, 6),
        "eta": rng.randint(-8, 3),
        **times,
        "schedule": [
            {"step": step, "eta": rng.randint(-8, 3)} | _times(rng, loop, times["tau_theta"])
            for step in changes
        ],
        "init": rng.randint(-3, 1),
        "check_every": rng.randint(1, 15),
        "steps": clocks // 12 + rng.randint(1, 20),  # no step is shorter than 12 clocks
        "seed": rng.randint(0, 2**32 - 1),
    }


def _share(rng: random.Random, tables: dict[str, dict[str, Any]]) -> None:
    """Let parameters share cells."""
    tables["build"] = {"reuse": rng.randint(1, tables["network"]["layers"][0] + 1)}
    tables["hardware"]["update_noise"] = 0


def _overlap(rng: random.Random, tables: dict[str, dict[str, Any]], clocks: int) -> None:
    """Let the schedule overlap; a step then is of one clock or two."""
    training = tables["training"]
    accumulate = rng.random() < 0.7
    for stage in (training, *training["schedule"]):
        stage["tau_p"] = 1
        if not accumulate:
            stage["tau_theta"] = 1
    if not accumulate:
        training["momentum"] = tables["hardware"]["update_noise"] = 0
    training["update_delay"] = rng.choice(["auto", "auto", rng.randint(15, 40)])
    training["steps"] = clocks
    training["check_every"] = rng.randint(20, 90)
    tables["build"] = {"rails": rng.randint(1, 2), "accumulate": accumulate}


def _noise(rng: random.Random, fraction: int) -> float:
    """Draw nothing, or a quarter to 16 LSBs."""
    return rng.choice([0.0, 0.0, 2.0 ** (rng.uniform(-2, 4) - fraction)])


def _tables(
    rng: random.Random,
    optimiser: tuple[Perturbation, Loop, Estimator],
    folder: Path,
    clocks: int,
) -> dict[str, dict[str, Any]]:
    layers = [rng.randint(1, 4) for _ in range(rng.randint(2, 4))]
    fraction = rng.randint(3, 12)
    integer, theta_fraction = rng.randint(1, 4), rng.randint(2, 12)
    inputs = rng.choice(list(Inputs))
    output = rng.choice(list(Activation))
    weight_fraction = rng.randint(0, theta_fraction)
    gradient = rng.randint(4, 18)
    values = {Inputs.BIPOLAR: (-1, 1), Inputs.UNIPOLAR: (0, 1)}.get(inputs)
    binary = rng.random() < 0.5 or output.range(fraction)[1] < 1 << fraction
    header = [f"x{k}" for k in range(layers[0])] + [f"t{k}" for k in range(layers[-1])]
    lines = [",".join(header)]
    for _ in range(rng.randint(1, 9)):
        x = [rng.choice(values) if values else rng.uniform(-2, 1.8) for _ in range(layers[0])]
        t = [rng.randint(0, 1) if binary else rng.uniform(0, 1) for _ in range(layers[-1])]
        lines.append(",".join(map(str, x + t)))
    (folder / "data.csv").write_text("\n".join(lines) + "\n")
    cost = rng.randint(2, min(16, 2 * fraction))
    return {
        "task": {
            "name": "file",
            "path": "data.csv",
            "inputs": inputs.value,
            "order": rng.choice(list(Order)).value,
        },
        "network": {
            "layers": layers,
            "hidden": rng.choice(list(Activation)).value,
            "output": output.value,
        },
        "formats": {
            "theta": f"Q{integer}.{theta_fraction}",
            "weight_bits": integer + weight_fraction,
            "activation_bits": fraction,
            "cost_bits": cost,
            "bus_bits": rng.randint(2, gradient),
            "gradient_bits": gradient,
        },
        "training": _training(rng, optimiser, clocks)
        | {"amplitude": rng.randint(-weight_fraction, max(integer - 2, -weight_fraction))},
        "hardware": {
            "cost_noise": _noise(rng, cost),
            "update_noise": _noise(rng, theta_fraction),
            "defects": _noise(rng, DEFECT_FRACTION),
        },
    }
