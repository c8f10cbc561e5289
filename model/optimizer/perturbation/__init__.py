"""Perturbations: a kind in each file."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence

from model.optimizer.perturbation.base import Perturbation, numbers
from spec.config import Config


def of(config: Config, seeds: Sequence[int]) -> Perturbation:
    """Return the perturbation of a config: that of the file which says that it makes it."""
    kind = config.training.perturbation.value
    for found in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{found.name}")
        makes = getattr(module, "MAKES", {})
        if kind in makes:
            return makes[kind](config, seeds)
    raise NotImplementedError(f"no golden model for training.perturbation = {kind!r}")


__all__ = ["Perturbation", "numbers", "of"]
