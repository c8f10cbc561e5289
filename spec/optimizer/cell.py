"""A cell, and what it makes of its perturbation."""

from __future__ import annotations

from dataclasses import dataclass

from spec.code import Sines, Turns, Walsh
from spec.noise import Gaussian
from spec.numbers import Format
from spec.training import Perturbation


@dataclass(frozen=True)
class PerturbationSpec:
    """How cells perturb themselves.

    Parameters
    ----------
    kind : Perturbation
    code : Walsh, Turns, Sines or None
        What a periodic code is; None for random ones.
    amplitude : int
        Δθ = 2**amplitude.
    fraction_bits : int
        Of θ̃ in units of Δθ: 0, but for sines.
    """

    kind: Perturbation
    code: Walsh | Turns | Sines | None
    amplitude: int
    fraction_bits: int = 0

    @property
    def bits(self) -> int:
        """Bits of a cell's perturbation: the phase of a sine, or a sign, or what the kind says."""
        return self.code.phase_bits if isinstance(self.code, Sines) else self.kind.bits


@dataclass(frozen=True)
class CellSpec:
    """A synapse cell.

    Parameters
    ----------
    theta : Format
    gradient : Format
        Of G.
    weight : Format
        Of θ ± Δθ as the multiplier sees it: a bit more than the top bits of θ.
    bus : Format
        Of u.
    perturbation : PerturbationSpec
    accumulate : bool
        Whether there is a G; otherwise θ ← sat(θ - u·θ̃/Δθ) at once.
    leak : int
        An update leaves G - (G >> leak); 0 leaves nothing.
    noise : Gaussian or None
        Of an update.
    rails : int
        Evaluations a clock; of two, the first is never perturbed.
    coincide : bool
        Whether an accumulation and an update may come in one clock.
    """

    theta: Format
    gradient: Format
    weight: Format
    bus: Format
    perturbation: PerturbationSpec
    accumulate: bool = True
    leak: int = 0
    noise: Gaussian | None = None
    rails: int = 1
    coincide: bool = False

    @property
    def amplitude_lsbs(self) -> int:
        """Δθ in LSBs of the multiplier's weight."""
        return 1 << self.perturbation.amplitude + self.weight.fraction_bits
