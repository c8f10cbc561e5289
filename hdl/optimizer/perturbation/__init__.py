"""Perturbations: a kind in each file, with what the trainer drives and what a cell makes of it."""

from __future__ import annotations

import importlib
import pkgutil

from hdl.optimizer.perturbation.base import Perturbation
from spec.optimizer import PerturbationSpec


def of(spec: PerturbationSpec) -> Perturbation:
    """Return the perturbation of a kind: that of the file which says that it makes it."""
    for found in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{found.name}")
        makes = getattr(module, "MAKES", {})
        if spec.kind.value in makes:
            return makes[spec.kind.value](spec)
    raise NotImplementedError(f"no gateware for training.perturbation = {spec.kind.value!r}")


__all__ = ["Perturbation", "of"]
