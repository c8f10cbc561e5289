"""What cells without G cannot be had with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spec.check.require import require
from spec.training import Loop, Perturbation

if TYPE_CHECKING:
    from spec.trained import Trained

SIGNS = (Perturbation.RCM, Perturbation.FRESH, Perturbation.CM, Perturbation.FM_SQUARE)
"""What perturbs every cell by ±Δθ."""


def check_accumulate(config: Trained) -> None:
    """Refuse cells without G where more than one u is to be kept, or multiplied first."""
    if config.build.accumulate:
        return
    training = config.training
    require(
        training.perturbation in SIGNS,
        "build.accumulate = false: needs a perturbation of ±Δθ in every cell, "
        'training.perturbation = "rcm", "fresh", "cm" or "fm_square"',
    )
    for name, given, needed in (
        ("training.loop", training.loop.value, Loop.DISCRETE.value),
        ("training.momentum", training.momentum, 0),
        ("hardware.update_noise", config.hardware.update_noise, 0.0),
        *(("training.tau_theta", stage.tau_theta, 1) for stage in training.stages),
    ):
        require(
            given == needed,
            f"build.accumulate = false: needs {name} = {needed!r}, not {given!r}; there is no G to "
            "keep what was found",
        )
