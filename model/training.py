"""The golden trainer of a config: in NumPy, or compiled where that is done sooner."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import overload

from model.compiled import folded_trainer
from model.compiled.folded_trainer import FoldedTrainer
from model.compiled.trainer import CompiledTrainer, covers
from model.early import PatientTrainer
from model.external.trainer import ExternalTrainer
from model.trainer import Trainer
from spec import derive
from spec.config import Config
from spec.external.config import AnyConfig, ExternalConfig
from spec.plant import Engine
from spec.timing import Timing

LOAD_S = 1.0
"""In which a process loads the kernel. It is compiled once on a computer, in ten times that."""


class PatientCompiledTrainer(PatientTrainer, CompiledTrainer):
    """A compiled trainer whose runs are told as they were at their best check."""


class PatientFoldedTrainer(PatientTrainer, FoldedTrainer):
    """The same of a folded engine."""


@overload
def trainer_of(config: Config, seeds: Sequence[int]) -> Trainer: ...


@overload
def trainer_of(config: ExternalConfig, seeds: Sequence[int]) -> ExternalTrainer: ...


def trainer_of(config: AnyConfig, seeds: Sequence[int]) -> Trainer | ExternalTrainer:
    """Return the golden trainer of a config: a patient one, if it has patience.

    Which path is taken depends on how long each takes; what is found does not depend on the path.
    """
    if isinstance(config, ExternalConfig):
        return ExternalTrainer(config, seeds)
    patient = config.training.patience > 0
    if worth_compiling(config, len(seeds)):
        if config.build.engine is Engine.FOLDED:
            return (PatientFoldedTrainer if patient else FoldedTrainer)(config, seeds)
        return (PatientCompiledTrainer if patient else CompiledTrainer)(config, seeds)
    return (PatientTrainer if patient else Trainer)(config, seeds)


def worth_compiling(config: AnyConfig, runs: int) -> bool:
    """Whether the kernel covers a config, and saves more than it takes to load."""
    if isinstance(config, ExternalConfig):
        return False
    return compilable(config) and compiled_seconds(config, runs) < numpy_seconds(config, runs)


def seconds(config: Config, runs: int) -> float:
    """Estimate how long `trainer_of` takes for all steps."""
    found = numpy_seconds(config, runs)
    return min(found, compiled_seconds(config, runs)) if compilable(config) else found


def compilable(config: Config) -> bool:
    """Whether one of the kernels knows all that a config has."""
    return covers(config) or folded_trainer.covers(config)


def numpy_seconds(config: Config, runs: int) -> float:
    """Estimate how long NumPy takes for all steps, on one core of a server of 2023."""
    training, places = config.training, derive.network(config).products * runs
    check = 2e-9 * len(config.data) * places / training.check_every
    return _initial_seconds(config, runs) + training.steps * (9e-5 + 2e-8 * places + check)


def compiled_seconds(config: Config, runs: int) -> float:
    """Estimate how long the kernel takes for all steps, and to be loaded."""
    training, products = config.training, derive.network(config).products
    folded = config.build.engine is Engine.FOLDED
    loaded = f"model.compiled.{'folded' if folded else 'kernel'}" in sys.modules
    load = 0.0 if loaded else LOAD_S
    a_product = 4e-10 if folded else 1e-9
    check = 5e-5 / runs + a_product * len(config.data) * products
    a_step = 1.5e-7 + 2 * a_product * products + check / training.check_every
    first = 0.0 if folded else _initial_seconds(config, runs)
    return load + first + training.steps * runs * a_step


def _initial_seconds(config: Config, runs: int) -> float:
    """Estimate how long the initial θ takes."""
    fills = config.parameters * len(Timing.of(config).init_bursts)
    return fills * (8e-6 + 2e-10 * config.parameters * runs)
