"""What would do nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spec.check.require import require
from spec.plant import Engine, Multipliers, Pipeline

if TYPE_CHECKING:
    from spec.trained import Trained


CHANGING = ("eta", "tau_p", "tau_x", "tau_theta")
"""What a schedule can change."""

REGISTERED = 'build.engine = "spatial" and build.multipliers other than "inferred"'


def check_idle(config: Trained) -> None:
    """Refuse what is given and would do nothing."""
    training, build = config.training, config.build
    folded = build.engine is Engine.FOLDED
    registered = not folded and build.multipliers is not Multipliers.INFERRED
    for name, value, default, used, where in (
        ("training.tau_hp", training.tau_hp, 2, training.analog, 'training.loop = "analog"'),
        ("build.lanes", build.lanes, 1, folded, 'build.engine = "folded"'),
        ("build.lane_multipliers", build.lane_multipliers, 1, folded, 'build.engine = "folded"'),
        ("build.serial_cost", build.serial_cost, False, folded, 'build.engine = "folded"'),
        ("build.word_ports", build.word_ports, 2, folded, 'build.engine = "folded"'),
        ("build.pipeline", build.pipeline.value, Pipeline.DEEP.value, registered, REGISTERED),
        ("build.baud", build.baud, 1_000_000, build.link, "a link, build.link = true or 'auto'"),
    ):
        require(
            bool(used) or value == default,
            f"{name} = {value!r}: does nothing without {where}; leave it out",
        )
    for k, (before, change) in enumerate(zip(training.stages, training.schedule, strict=False)):
        require(
            any(getattr(change, name) != getattr(before, name) for name in CHANGING),
            f"training.schedule[{k}]: changes nothing at step {change.step}; at least "
            f"one of {', '.join(CHANGING)} must be another than before",
        )
