"""What was made of a data file, so that the same can be made of another: it goes with weights."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from spec.data.labels import Targets
from spec.data.scaling import Linear, undo
from spec.tasks import Kind


@dataclass(frozen=True)
class Preparation:
    """How columns become inputs, and outputs what the user knows.

    Attributes
    ----------
    inputs : tuple of str
        Names of the columns.
    scaling : tuple of Linear
        Of each input.
    targets : Targets
    target_scaling : tuple of Linear
        Of each output; that of classes does nothing.
    """

    inputs: tuple[str, ...]
    scaling: tuple[Linear, ...]
    targets: Targets
    target_scaling: tuple[Linear, ...]

    @classmethod
    def plain(cls, inputs: int, outputs: int) -> Preparation:
        """Take columns x0, x1, … and t0, t1, … as they are; outputs are of classes."""
        targets = Targets(
            tuple(f"t{k}" for k in range(outputs)),
            Kind.CLASSES,
            tuple(map(str, range(max(2, outputs)))),
            coded=True,
        )
        names = tuple(f"x{k}" for k in range(inputs))
        return cls(names, (Linear(),) * inputs, targets, (Linear(),) * outputs)

    @property
    def scaled(self) -> bool:
        """Whether inputs are scaled, so that they are clipped where they are out of range."""
        return any(one != Linear() for one in self.scaling)

    def in_users_unit(self, y: np.ndarray, fraction_bits: int) -> np.ndarray:
        """Return outputs in the unit of the targets.

        Parameters
        ----------
        y : array of int, shape (samples, outputs)
            In LSBs of 2**-fraction_bits.
        fraction_bits : int
        """
        return undo(self.target_scaling, y / 2**fraction_bits)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        return {
            "inputs": list(self.inputs),
            "scaling": [[one.offset, one.span] for one in self.scaling],
            "targets": list(self.targets.names),
            "kind": self.targets.kind.value,
            "classes": list(self.targets.classes),
            "coded": self.targets.coded,
            "target_scaling": [[one.offset, one.span] for one in self.target_scaling],
        }

    @classmethod
    def from_dict(cls, given: dict[str, Any]) -> Preparation:
        """Make it again of what `to_dict` returned.

        Raises
        ------
        KeyError, TypeError, ValueError
            If it was no such thing.
        """
        scalings = [
            tuple(Linear(float(offset), float(span)) for offset, span in given[name])
            for name in ("scaling", "target_scaling")
        ]
        if any(
            not (math.isfinite(one.offset) and 0 < one.span < math.inf) for one in sum(scalings, ())
        ):
            raise ValueError("a span must be above 0")
        targets = Targets(
            tuple(map(str, given["targets"])),
            Kind(given["kind"]),
            tuple(map(str, given["classes"])),
            bool(given["coded"]),
        )
        inputs = tuple(map(str, given["inputs"]))
        if (len(inputs), targets.outputs) != tuple(map(len, scalings)):
            raise ValueError("a scaling is needed for each input and output")
        return cls(inputs, scalings[0], targets, scalings[1])
