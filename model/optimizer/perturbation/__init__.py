"""Perturbations: a kind in each file."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence

from model.optimizer.perturbation.base import Perturbation, numbers
from spec.optimizer import BankSpec


def of(spec: BankSpec, seeds: Sequence[int]) -> Perturbation:
    """Return the perturbation of all cells: that of the file which says that it makes it."""
    kind = spec.cell.perturbation.kind.value
    for found in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{found.name}")
        makes = getattr(module, "MAKES", {})
        if kind in makes:
            return makes[kind](spec, seeds)
    raise NotImplementedError(f"no golden model for training.perturbation = {kind!r}")


__all__ = ["Perturbation", "numbers", "of"]
