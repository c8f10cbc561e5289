"""What parameters in memory cannot be had with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spec.check.require import require
from spec.lfsr import MOST_FRESH
from spec.network import LayerEstimator, LayerKind
from spec.plant import Cost, Engine
from spec.training import Estimator, Loop, Perturbation

if TYPE_CHECKING:
    from spec.config import Config

PERTURBATIONS = (Perturbation.RCM, Perturbation.FRESH)
ESTIMATORS = (Estimator.WEIGHT, Estimator.NODE)


def check_folded(config: Config) -> None:
    """Refuse what has no place in a word of memory, and in lanes that come by."""
    if config.build.engine is Engine.SPATIAL:
        check_spatial(config)
        return
    training, build, hardware = config.training, config.build, config.hardware
    for name, given, allowed in (
        ("training.loop", training.loop, (Loop.DISCRETE,)),
        ("training.perturbation", training.perturbation, PERTURBATIONS),
        ("training.estimator", training.estimator, ESTIMATORS),
    ):
        names = " or ".join(f'"{one.value}"' for one in allowed)
        require(
            given in allowed,
            f'build.engine = "folded": needs {name} = {names}, not "{given.value}"',
        )
    for name, given, needed, reason in (
        ("training.momentum", training.momentum, 0, "an update leaves no G"),
        ("training.update_delay", config.update_delay, 0, "steps follow each other"),
        ("build.rails", build.rails, 1, "lanes make both evaluations"),
        ("hardware.cost_noise", hardware.cost_noise, 0.0, "it has no source of noise"),
        ("hardware.update_noise", hardware.update_noise, 0.0, "it has no source of noise"),
        ("hardware.defects", hardware.defects, 0.0, "its neurons share an activation unit"),
    ):
        require(
            given == needed,
            f'build.engine = "folded": needs {name} = {str(needed).lower()}, not '
            f"{str(given).lower()}; {reason}",
        )
    require(
        not build.serial_cost or training.cost is Cost.CROSS_ENTROPY,
        f'build.serial_cost = true: needs training.cost = "cross_entropy", not '
        f'"{training.cost.value}"',
    )
    fresh = training.perturbation is Perturbation.FRESH
    by_weight = not all(config.by_node)
    require(
        not (fresh and by_weight) or build.lanes <= MOST_FRESH,
        f"build.lanes = {build.lanes}: must be at most {MOST_FRESH} with "
        'training.perturbation = "fresh", which has as many bits a clock',
    )

    for k, layer in enumerate(config.network.layer):
        require(
            layer.kind is not LayerKind.CONV
            or layer.channels <= build.lanes
            or layer.channels % build.lanes == 0,
            f"network.layer[{k}].channels = {layer.channels}: must be at most build.lanes = "
            f"{build.lanes}, or a multiple of it",
        )


def check_spatial(config: Config) -> None:
    """Refuse what needs cells that come one after the other."""
    for k, layer in enumerate(config.network.layer):
        require(
            layer.kind is LayerKind.DENSE,
            f'network.layer[{k}].kind = "{layer.kind.value}": needs build.engine = "folded"',
        )
        require(
            layer.doublings == 0 and layer.estimator is LayerEstimator.AUTO,
            f"network.layer[{k}]: an estimator or doublings of its own need "
            'build.engine = "folded"; all cells hear the same bus',
        )
    require(
        isinstance(config.training.init, int),
        'training.init: a list, of a number for each layer, needs build.engine = "folded"; '
        "all cells hear the same bus",
    )
    require(
        config.training.perturbation is not Perturbation.FRESH,
        'training.perturbation = "fresh": needs build.engine = "folded", which visits one cell '
        'after the other; cells that are all at work at once have the line, "rcm"',
    )
