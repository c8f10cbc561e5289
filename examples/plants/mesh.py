"""A mesh of Mach-Zehnder interferometers, as a plant.

Light into each input comes out of all outputs; the mesh is to share its power as a target matrix
does, with phases that nobody knows: those of fabrication add to ours, and heaters warm each other.

The arrangement is that of Clements et al., "Optimal design for universal multiport
interferometers", Optica 3, 1460 (2016), https://doi.org/10.1364/OPTICA.3.001460.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

OPTIONS: dict[str, tuple[float, float, float]] = {  # default, least, most
    "size": (8, 2, 32),
    "phase_error": (1.0, 0.0, 10.0),
    "splitter_error": (0.02, 0.0, 0.5),
    "crosstalk": (0.02, 0.0, 0.5),
    "loss": (0.1, 0.0, 10.0),
    "noise": (0.0, 0.0, 1.0),
    "seed": (1, 0, 2**32 - 1),
}


def read(options: dict[str, Any]) -> SimpleNamespace:
    """Check options, and fill in those that are not given.

    Raises
    ------
    ValueError
        Naming the option that is wrong and what is allowed.
    """
    for name, value in options.items():
        if name not in OPTIONS:
            raise ValueError(f"{name}: unknown option; allowed are {', '.join(OPTIONS)}")
        default, least, most = OPTIONS[name]
        kind, called = (int, "whole number") if type(default) is int else ((int, float), "number")
        if isinstance(value, bool) or not isinstance(value, kind) or not least <= value <= most:
            raise ValueError(f"{name} = {value!r}: must be a {called} from {least} to {most}")
    return SimpleNamespace(**{name: row[0] for name, row in OPTIONS.items()} | options)


class Mesh:
    r"""N columns of interferometers on N waveguides; N² phases, of which one is π·θ.

    An interferometer on the waveguides r and r + 1 is a phase φ on the upper one, a splitter, a
    phase ϑ, and a splitter again:

    .. math::

        T = t \, S(β) \begin{pmatrix} e^{iϑ} & 0 \\ 0 & 1 \end{pmatrix}
            S(α) \begin{pmatrix} e^{iφ} & 0 \\ 0 & 1 \end{pmatrix}, \quad
        S(δ) = \begin{pmatrix} \cos(π/4 + δ) & i \sin(π/4 + δ) \\
                               i \sin(π/4 + δ) & \cos(π/4 + δ) \end{pmatrix}

    and t = 10^(-loss/20). Columns 0, 2, … begin with waveguide 0, the others with 1, which makes
    N(N - 1)/2 interferometers. Of the parameters, each has two, ϑ and φ, column by column from
    above; the last N are phases behind the mesh, which a detector of power sees by their heat only.

    Heaters warm each other: all phases are X·πθ + errors, with X = crosstalk^d for two heaters at a
    distance of d. The two of an interferometer have a distance of 1, and so have interferometers
    side by side. That X is linear is usual: Milanizadeh et al., J. Lightwave Technol. 37, 1325
    (2019), https://doi.org/10.1109/JLT.2019.2892512.

    Parameters
    ----------
    size : int
        N, inputs and outputs: 2 to 32.
    phase_error : float
        Standard deviation of what fabrication adds to a phase, rad.
    splitter_error : float
        Standard deviation of α and β, rad.
    crosstalk : float
        Of a phase, what one at a distance of 1 gets.
    loss : float
        Of an interferometer, dB. A waveguide that passes a column by loses nothing.
    noise : float
        Standard deviation of the cost's noise, as a part of the cost.
    seed : int
        Of the errors, of the noise, and of the target.
    """

    samples = 1
    """Every evaluation sends light into one input after the other."""

    def __init__(self, **options: Any) -> None:
        o = read(options)
        n, rng = o.size, np.random.default_rng(o.seed)
        self.parameters = n * n
        places = [(c, r) for c in range(n) for r in range(c % 2, n - 1, 2)]
        column, row = np.array(places).T
        phases = rng.normal(0, o.phase_error, n * n)
        alpha, beta = np.pi / 4 + rng.normal(0, o.splitter_error, (2, len(places)))
        self.target = np.abs(_random_unitary(n, rng)) ** 2
        """The share of input j's power that is to come out of output i, (N, N)."""
        self._noise, self._rng = o.noise, rng

        inner = np.column_stack([2 * column + 1, row / 2])  # a unit apart, each way
        outer = np.column_stack([2 * column, row / 2])
        behind = np.column_stack([np.full(n, 2 * n), (np.arange(n) - 0.5) / 2])
        heaters = np.concatenate([np.hstack([inner, outer]).reshape(-1, 2), behind])
        distance = np.linalg.norm(heaters[:, None] - heaters, axis=-1)
        self._errors, self._heat = phases, np.pi * float(o.crosstalk) ** distance

        # A block is its first matrix times e^(iϑ) plus its second; then its left column has e^(iφ).
        ca, sa, cb, sb = np.cos(alpha), np.sin(alpha), np.cos(beta), np.sin(beta)
        upper = np.array([ca * cb, 1j * sa * cb, 1j * ca * sb, -sa * sb])
        lower = np.array([-sa * sb, 1j * ca * sb, 1j * sa * cb, ca * cb])
        self._upper, self._lower = 10 ** (-o.loss / 20) * np.array([upper, lower])

        depth = 1 << (n - 1).bit_length()  # columns that do nothing fill it up to a power of two
        self._columns = np.tile(np.eye(n, dtype=complex), (depth, 1, 1))
        corner = (column * n + row) * n + row
        self._blocks = corner + np.array([[0], [1], [n], [n + 1]])

    def transfer(self, theta: NDArray[np.float64]) -> NDArray[np.complex128]:
        """Return the amplitude at output i of one in input j, (N, N)."""
        n = len(self.target)
        turns = np.exp(1j * (self._errors + self._heat @ theta))
        blocks = self._upper * turns[: n * n - n : 2] + self._lower
        blocks[::2] *= turns[1 : n * n - n : 2]
        self._columns.reshape(-1)[self._blocks] = blocks
        product = self._columns
        while len(product) > 1:
            product = product[1::2] @ product[::2]
        return turns[n * n - n :, None] * product[0]

    def __call__(self, theta: NDArray[np.float64], sample: int) -> float:
        """Return the mean over the inputs of Σ (share of the power - target)² over the outputs."""
        amplitude = self.transfer(theta)
        power = amplitude.real**2 + amplitude.imag**2
        error = power / power.sum(axis=0) - self.target
        cost = float(np.vdot(error, error)) / len(error)
        if self._noise:
            cost = abs(cost * (1 + self._noise * self._rng.standard_normal()))
        return cost


def _random_unitary(n: int, rng: np.random.Generator) -> NDArray[np.complex128]:
    """Draw a unitary matrix by the Haar measure: Q of a normal matrix, R's diagonal being real.

    Mezzadri, "How to generate random matrices from the classical compact groups", Notices of the
    AMS 54, 592 (2007), https://arxiv.org/abs/math-ph/0609050.
    """
    q, r = np.linalg.qr(rng.normal(size=(n, n)) + 1j * rng.normal(size=(n, n)))
    return np.asarray(q * np.exp(1j * np.angle(np.diag(r))), dtype=np.complex128)
