"""η: a number, or still to be chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spec.errors import InputError
from spec.training import Loop, Perturbation

if TYPE_CHECKING:
    from spec.trained import Trained

PERTURBATIONS = (Perturbation.RCM, Perturbation.CM, Perturbation.TERNARY)
"""For which the rule of `model.eta` holds: all cells perturb themselves at once, by ±Δθ."""


def eta_number(eta: int | str) -> int:
    """Return log2 η.

    Raises
    ------
    InputError
        If it is still to be chosen.
    """
    if isinstance(eta, str):
        raise InputError(f"training.eta = {eta!r}: must be chosen first, by `model.eta.chosen`")
    return eta


def check_auto(config: Trained) -> None:
    """Refuse to choose η where the rule of `model.eta` was not measured."""
    training = config.training
    kinds = [kind.value for kind in PERTURBATIONS]
    facts = [
        ("training.loop", training.loop.value, [Loop.DISCRETE.value]),
        ("training.perturbation", training.perturbation.value, kinds),
        ("training.momentum", training.momentum, [0]),
        *(("training.tau_theta", stage.tau_theta, [1]) for stage in training.stages),
    ]
    for name, given, allowed in facts:
        if given not in allowed:
            raise InputError(
                f'training.eta = "auto": needs {name} = {" or ".join(map(repr, allowed))}, not '
                f"{given!r}, for which there is no rule; give a number"
            )
