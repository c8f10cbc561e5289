"""What `mgd new` proposes for data: layers, formats and training, each with its reason.

The rules are in docs/new.md, with what was measured.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from host.survey import Survey
from model.eta import chosen
from spec.activation import Activation
from spec.config import Config
from spec.tasks import Kind

FEWEST_HIDDEN, MOST_HIDDEN = 8, 64
"""Neurons of the hidden layer: powers of two."""

FEWEST_STEPS, MOST_STEPS, STEPS_EACH = 300_000, 1_000_000, 1_000
"""Of a run: so many for each parameter that is perturbed."""

CHECKS = 100
"""In a run."""

INTEGER_BITS, FRACTION_BITS, MOST_BITS = 3, 13, 24
"""Of θ; more fraction bits where η is small, up to so many in all."""

LEAST_UPDATE = 3
"""log2 of the last η in LSBs of θ: a smaller one would round most u to 0."""

STAGES = 5
"""Equal parts of the steps, in each of which η is half of what it was before."""

MOST_WEIGHTS = 436
"""Cells up to which weights are perturbed, which needs few gates: more were never built."""


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


def formats(fraction_bits: int = FRACTION_BITS) -> dict[str, Any]:
    """Return keys of [formats] in which nothing that matters is rounded away."""
    return {
        "theta": f"Q{INTEGER_BITS}.{fraction_bits}",
        "weight_bits": INTEGER_BITS + 9,
        "activation_bits": 10,
        "cost_bits": 16,
        "bus_bits": fraction_bits + 1,
        "gradient_bits": fraction_bits + 5,
    }


_FORMATS = {
    "theta": f"no η is below {1 << LEAST_UPDATE} LSBs",
    "weight_bits": "the multiplier's; fewer need less logic",
    "cost_bits": "C̃ is a small difference of costs",
    "bus_bits": "u, which must not saturate",
}
"""Reasons for them."""

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
    fraction_bits, eta = FRACTION_BITS, None
    while True:
        proposal = _propose(survey, path, fraction_bits, eta)
        config = chosen(Config.from_dict(tables(proposal), folder))
        wanted = min(LEAST_UPDATE + STAGES - 1 - config.eta, MOST_BITS - INTEGER_BITS)
        if wanted > fraction_bits:
            fraction_bits = wanted
        elif eta is None:
            eta = config.eta
        else:
            return proposal, config


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
    layers = [survey.inputs, hidden_neurons(survey), survey.outputs]
    parameters = (layers[0] + 1) * layers[1] + (layers[1] + 1) * layers[2]
    output = _output(survey)
    node = parameters > MOST_WEIGHTS
    steps = steps_for(sum(layers[1:]) if node else parameters)
    return {
        "task": _task(survey, path),
        "network": [
            Key("layers", layers, f"inputs, hidden neurons, outputs: {parameters:,} cells"),
            Key("hidden", "hard_tanh", "needs the least logic; tanh takes a table"),
            Key("output", output.value, _OUTPUTS[output]),
        ],
        "formats": [
            Key(name, value, _FORMATS.get(name, ""))
            for name, value in formats(fraction_bits).items()
        ],
        "training": [
            Key("estimator", "node", "learns in fewer steps; weight needs less logic")
            if node
            else Key("estimator", "weight", "needs less logic; node learns in fewer steps"),
            Key("amplitude", -6, "Δθ = 2^-6"),
            Key("eta", "auto" if eta is None else eta, 'η = 2^this: what "auto" chooses'),
            Key("steps", steps, "more may do better"),
            Key("check_every", min(steps // CHECKS, 65_535)),
            Key("init", initial(layers[0]), "initial θ within ±2^this"),
            Key("schedule", [] if eta is None else cooling(steps, eta)),
        ],
    }


def hidden_neurons(survey: Survey) -> int:
    """Return how many hidden neurons: the power of two below √(inputs · outputs), 8 to 64."""
    mean = math.isqrt(survey.inputs * survey.outputs)
    return min(max(1 << mean.bit_length() - 1, FEWEST_HIDDEN), MOST_HIDDEN)


def steps_for(perturbed: int) -> int:
    """Return how many steps, by how many parameters are perturbed."""
    return min(max(STEPS_EACH * perturbed, FEWEST_STEPS), MOST_STEPS)


def cooling(steps: int, eta: int) -> list[dict[str, int]]:
    """Return the changes of a schedule by which η falls, so that θ comes to rest."""
    return [{"step": steps * k // STAGES, "eta": eta - k} for k in range(1, STAGES)]


def initial(fan_in: int) -> int:
    """Return log2 of the range of the initial θ: about 1/√fan-in, from 2^-3 to 2^-1."""
    return min(max(-math.isqrt(fan_in).bit_length() + 1, -3), -1)


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
