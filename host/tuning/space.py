"""What `mgd tune` varies: configs in the neighbourhood of one."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np

from host.rules import Tables
from spec.config import Config
from spec.errors import InputError
from spec.keys import AUTO
from spec.numbers import Format
from spec.timing import Timing

MOST_DRAWS = 100
"""For each candidate wanted: some are refused by the checks, or were drawn before."""

CHANGE = 0.5
"""Probability that an axis leaves what the config has."""


def _eta(tables: Tables, move: int) -> None:
    training = tables["training"]
    training["eta"] += move
    training["schedule"] = [
        change | {"eta": change["eta"] + move} for change in training["schedule"]
    ]


def _amplitude(tables: Tables, move: int) -> None:
    tables["training"]["amplitude"] += move


def _theta(tables: Tables, move: int) -> None:
    """Change θ's fraction bits, and what counts in its LSBs with them."""
    formats = tables["formats"]
    theta = Format.parse(formats["theta"], "formats.theta")
    formats["theta"] = f"Q{theta.integer_bits}.{theta.fraction_bits + move}"
    for key in ("bus_bits", "gradient_bits"):
        formats[key] += move
    formats["weight_bits"] = min(formats["weight_bits"], theta.bits + move)


def _weight_bits(tables: Tables, move: int) -> None:
    tables["formats"]["weight_bits"] += move


def _cost_bits(tables: Tables, move: int) -> None:
    tables["formats"]["cost_bits"] += move


def _hidden(tables: Tables, name: str) -> None:
    if len(tables["network"]["layers"]) > 2:
        tables["network"]["hidden"] = name


def _layers(tables: Tables, factor: float) -> None:
    first, *hidden, last = tables["network"]["layers"]
    tables["network"]["layers"] = [first, *(max(1, int(n * factor)) for n in hidden), last]


AXES: dict[str, tuple[Callable[[Tables, Any], None], Sequence[Any]]] = {
    "eta": (_eta, (-3, -2, -1, 1, 2)),
    "amplitude": (_amplitude, (-2, -1, 1, 2)),
    "theta": (_theta, (-4, -2, 2)),
    "weight_bits": (_weight_bits, (-2, 2)),
    "cost_bits": (_cost_bits, (-4, -2, 2)),
    "hidden": (_hidden, ("hard_tanh", "tanh", "relu")),
    "layers": (_layers, (0.5, 2.0)),
}
"""What can be varied, how, and by how much; hidden layers all by the same factor."""


def draw(config: Config, count: int, fixed: Collection[str] = ()) -> list[Tables]:
    """Draw candidates, seeded by `task.split_seed`: the same on every machine.

    Parameters
    ----------
    config : Config
        With a number for η.
    count : int
        The most candidates; where little may vary, there are fewer.
    fixed : collection of str
        Names of `AXES` that do not vary.

    Returns
    -------
    list of Tables
        The keys that are others than the config's; the first is empty: the config as it is.
    """
    random = np.random.RandomState(config.task.split_seed)
    plain, found = plain_tables(config), [{}]
    for _ in range(MOST_DRAWS * count):
        if len(found) >= count:
            break
        tables = copy.deepcopy(plain)
        for name, (move, choices) in AXES.items():
            # Drawn even where it is fixed, so that the other axes do not depend on that.
            changed, choice = random.random_sample() < CHANGE, random.randint(len(choices))
            if changed and name not in fixed:
                move(tables, choices[choice])
        changes = _difference(plain, tables)
        if changes in found:
            continue
        try:
            variant(config, changes)
        except InputError:
            continue
        found.append(changes)
    return found


def plain_tables(config: Config) -> Tables:
    """Return all keys; an update delay that is as short as can be stays so in other networks."""
    tables = copy.deepcopy(config.to_dict())
    if config.update_delay and config.update_delay == Timing.of(config).least_update_delay:
        tables["training"]["update_delay"] = AUTO
    return tables


def _difference(one: Tables, other: Tables) -> Tables:
    found = {
        name: {key: value for key, value in table.items() if value != one[name][key]}
        for name, table in other.items()
    }
    return {name: table for name, table in found.items() if table}


def variant(config: Config, changes: Tables) -> Config:
    """Return a candidate, checked.

    Raises
    ------
    InputError
        Naming the key that cannot be so.
    """
    auto = plain_tables(config)["training"]["update_delay"]
    training = {"update_delay": auto} | changes.get("training", {})
    return config.with_tables(changes | {"training": training})


def shortened(config: Config, steps: int) -> Config:
    """Return a config of fewer steps, whose schedule and checks come as much earlier."""
    training = config.training
    changes, before = [], 0
    for change in training.schedule:
        before = max(before + 1, change.step * steps // training.steps)
        kept = {key: getattr(change, key) for key in ("eta", "tau_p", "tau_x", "tau_theta")}
        changes.append(kept | {"step": before})
    every = max(1, training.check_every * steps // training.steps)
    return config.with_training(steps=steps, schedule=changes, check_every=every)
