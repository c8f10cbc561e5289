"""What `mgd new` proposes for data: layers, formats and training, each with its reason.

The rules are those of `host.rules`; here are the reasons that the user reads.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from host import rules
from host.survey import Survey
from spec.activation import Activation
from spec.config import Config
from spec.tasks import Kind

FEWEST_HIDDEN, MOST_HIDDEN = 8, 64
"""Neurons of the hidden layer: powers of two."""


@dataclass(frozen=True)
class Key:
    """A key of the config.

    Attributes
    ----------
    name : str
    value : str, int, float or list
    reason : str
        Why it is so; "" if it speaks for itself.
    """

    name: str
    value: Any
    reason: str = ""


Proposal = dict[str, list[Key]]
"""Keys of each table."""


def propose(survey: Survey, folder: Path, path: str) -> tuple[Proposal, Config]:
    """Propose a config for data.

    Parameters
    ----------
    survey : Survey
    folder : Path
        Of the config.
    path : str
        Of the data, from there.

    Returns
    -------
    proposal : Proposal
    config : Config
        The same, with a number for η.

    Raises
    ------
    InputError
        If nothing can be learnt from the data by a network of these formats.
    """
    bits, eta = rules.settle(
        lambda bits: Config.from_dict(tables(_propose(survey, path, bits, None)), folder)
    )
    proposal = _propose(survey, path, bits, eta)
    return proposal, Config.from_dict(tables(proposal), folder)


def tables(proposal: Proposal) -> dict[str, dict[str, Any]]:
    """Return the values alone, as TOML gives them."""
    return {name: {key.name: key.value for key in keys} for name, keys in proposal.items()}


def render(proposal: Proposal, head: str) -> str:
    """Write it as TOML, below a comment."""
    parts = [f"# {line}" for line in head.splitlines()]
    for name, keys in proposal.items():
        changes = [change for key in keys if key.name == "schedule" for change in key.value]
        keys = [key for key in keys if key.name != "schedule"]
        lines = [f"{key.name} = {_toml(key.value)}" for key in keys]
        width = max((len(line) for line in lines if len(line) <= 30), default=0)
        parts += ["", f"[{name}]"]
        parts += [
            f"{line.ljust(width)}  # {key.reason}" if key.reason else line
            for line, key in zip(lines, keys, strict=True)
        ]
        for change in changes:
            parts += ["", f"[[{name}.schedule]]"]
            parts += [f"{key} = {value}" for key, value in change.items()]
    return "\n".join(parts) + "\n"


def _toml(value: Any) -> str:
    """Write a value: JSON is TOML here, but for the letter DEL."""
    if type(value) is int:
        return f"{value:_}"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _propose(survey: Survey, path: str, fraction_bits: int, eta: int | None) -> Proposal:
    """Propose all but η, which is chosen by what comes of the rest."""
    layers, output = [survey.inputs, hidden_neurons(survey), survey.outputs], _output(survey)
    steps = rules.steps_for(layers, survey.samples)
    found = rules.rule(layers, output, steps, fraction_bits, eta)
    reasons = _REASONS | {
        "layers": f"inputs, hidden neurons, outputs: {rules.cells(layers):,} cells",
        "output": _OUTPUTS[output],
        "estimator": _ESTIMATORS[found["training"]["estimator"]],
    }
    return {"task": _task(survey, path)} | {
        name: [Key(key, value, reasons.get(key, "")) for key, value in table.items()]
        for name, table in found.items()
    }


def hidden_neurons(survey: Survey) -> int:
    """Return how many hidden neurons: the power of two below √(inputs · outputs), 8 to 64."""
    mean = math.isqrt(survey.inputs * survey.outputs)
    return min(max(1 << mean.bit_length() - 1, FEWEST_HIDDEN), MOST_HIDDEN)


_REASONS = {
    "hidden": "needs the least logic; tanh takes a table",
    "theta": f"no η is below {1 << rules.LEAST_UPDATE} LSBs",
    "weight_bits": "the multiplier's; fewer need less logic",
    "cost_bits": "C̃ is a small difference of costs",
    "bus_bits": "u, which must not saturate",
    "amplitude": f"Δθ = 2^{rules.AMPLITUDE}",
    "eta": 'η = 2^this: what "auto" chooses',
    "steps": "more may do better",
    "init": "initial θ within ±2^this",
}

_ESTIMATORS = {
    "node": "learns in fewer steps; weight needs less logic",
    "weight": "needs less logic; node learns in fewer steps",
}

_OUTPUTS = {
    Activation.PLAN: "a sigmoid of straight lines, 0 to 1",
    Activation.TANH: "-1 to 1",
    Activation.IDENTITY: "-8 to 8",
}


def _output(survey: Survey) -> Activation:
    targets = survey.data.preparation.targets
    if survey.classes:
        return Activation.PLAN
    if not targets.coded:
        return Activation.TANH
    low, high = survey.target_range
    if low >= 0 and high <= 1:
        return Activation.PLAN
    return Activation.TANH if low >= -1 and high <= 1 else Activation.IDENTITY


def _task(survey: Survey, path: str) -> list[Key]:
    task, names = survey.task, survey.data.preparation.targets.names
    keys = [Key("name", "file"), Key("path", path)]
    if task.target:
        keys.append(Key("target", _one_or_list(task.target)))
    elif not survey.data.preparation.targets.coded:
        keys.append(Key("target", _one_or_list(names), "what is to be learnt"))
    if task.columns:
        keys.append(Key("columns", list(task.columns), "the inputs; the others are left out"))
    if task.kind is not Kind.AUTO:
        keys.append(Key("kind", task.kind.value))
    keys.append(Key("inputs", "fixed", "numbers in [-2, 2) …"))
    keys.append(Key("scale", task.scale.value, "… to which they are scaled"))
    if task.missing.value != "refuse":
        keys.append(Key("missing", task.missing.value, "samples with a missing value"))
    if task.test:
        what = "of each class" if survey.classes else "of the samples"
        keys.append(Key("test", task.test, f"part {what} that training never sees"))
    return keys


def _one_or_list(names: tuple[str | int, ...]) -> Any:
    return names[0] if len(names) == 1 else list(names)
