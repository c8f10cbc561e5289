"""The optimizer: perturbations, the change in cost, the cells, as in model/optimizer/."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from model.compiled.jit import inner
from model.compiled.number import Noise, Register, away, copy, draw, fit, nearest_even, shift
from model.compiled.plant import FAN_IN, FRACTION, NEURONS
from model.compiled.state import (
    C0,
    C_TILDE,
    COLUMNS,
    HEAD,
    KINDS,
    RANDOM,
    REGISTER,
    STRIDE,
    TERNARY,
    TURN,
    TURNS,
    WALSH,
)  # fmt: skip
from model.compiled.state import COST_NOISE as NOISE_OF_COST
from model.compiled.state import UPDATE_NOISE as NOISE_OF_UPDATE
from model.number.fixed import Ints
from model.optimizer.cells import SynapseCells
from model.optimizer.change import ChangeInCost
from model.optimizer.perturbation import Perturbation
from model.optimizer.perturbation.sine import SineWaves, SquareWaves
from model.optimizer.perturbation.walsh import WalshCode
from spec.code import SINE_BITS
from spec.lfsr import PERTURBATION, SECOND
from spec.noise import COST_NOISE, UPDATE_NOISE
from spec.optimizer import MAX_LEFT_SHIFT, OptimizerSpec

FREE = 1 << 62
"""A limit that nothing reaches."""


class Code(NamedTuple):
    """Constants of a perturbation."""

    kind: int
    shifts: int
    down: int
    period: int
    register: Register
    columns: Register

    @classmethod
    def of(cls, code: Perturbation, spec: OptimizerSpec) -> Code:
        """Return those of a golden one."""
        periodic = spec.bank.cell.perturbation.code
        return cls(
            KINDS.index(spec.bank.cell.perturbation.kind),
            spec.schedule.shifts,
            unseen(code, spec),
            periodic.period if periodic else 0,
            Register.of(PERTURBATION),
            Register.of(code.code.lfsr if isinstance(code, WalshCode) else PERTURBATION),
        )


class Cells(NamedTuple):
    """Constants of cells."""

    dropped: int
    fraction: int
    input_fraction: int
    theta_low: int
    theta_high: int
    G_low: int
    G_high: int
    leak: int

    @classmethod
    def of(cls, cells: SynapseCells) -> Cells:
        """Return those of golden ones."""
        cell, G = cells.cell, cells.cell.gradient
        limits = (G.minimum, G.maximum) if cell.accumulate else (-FREE, FREE)
        return cls(
            cells.dropped,
            cell.perturbation.fraction_bits,
            cells.spec.input_fraction,
            cell.theta.minimum,
            cell.theta.maximum,
            *limits,
            cell.leak,
        )


class Change(NamedTuple):
    """Constants of the change in cost."""

    analog: bool
    guard: int
    held_low: int
    held_high: int
    tilde_low: int
    tilde_high: int
    u_low: int
    u_high: int

    @classmethod
    def of(cls, change: ChangeInCost, *, analog: bool) -> Change:
        """Return those of a golden one."""
        formats = change.held, change.tilde, change.bus
        limits = [limit for held in formats for limit in (held.minimum, held.maximum)]
        return cls(analog, change.guard, *limits)


class Optimizer(NamedTuple):
    """All of these; small ones, as each is handed over with every call."""

    code: Code
    cells: Cells
    change: Change
    node: bool
    antithetic: bool
    cost_noise: Noise
    update_noise: Noise

    @classmethod
    def of(
        cls, code: Perturbation, cells: SynapseCells, change: ChangeInCost, spec: OptimizerSpec
    ) -> Optimizer:
        """Return those of golden parts."""
        return cls(
            Code.of(code, spec),
            Cells.of(cells),
            Change.of(change, analog=spec.schedule.analog),
            spec.bank.node,
            spec.schedule.antithetic,
            Noise.of(spec.change.noise, COST_NOISE),
            Noise.of(spec.bank.cell.noise, UPDATE_NOISE),
        )


def unseen(code: Perturbation, spec: OptimizerSpec) -> int:
    """Return how many low bits of a place in the line θ̃ does not depend on."""
    if not isinstance(code, SquareWaves):
        return 0
    return spec.bank.cell.perturbation.bits - (SINE_BITS if isinstance(code, SineWaves) else 1)


def levels(code: Perturbation, spec: OptimizerSpec) -> Ints:
    """Return θ̃ by what is in a place of the line, less the low bits: as the golden one has it."""
    down = unseen(code, spec)
    held, code.line = (
        code.line,
        np.arange(1 << spec.bank.cell.perturbation.bits - down)[None] << down,
    )
    found, code.line = code.theta_tilde[0], held
    return found


def frequencies(code: Perturbation) -> Ints:
    """Return by how much each cell's phase grows."""
    return code.frequency if isinstance(code, SquareWaves) else np.zeros(0, dtype=np.int64)


@inner
def perturb(code, numbers, frequency, line, v, count):
    """Take the next perturbation; `v[HEAD]` is then where in `line` it begins.

    The line has as many places to spare, so that it moves by one where its beginning does.
    """
    if code.kind == RANDOM or code.kind == TERNARY:
        if v[HEAD] == 0:
            v[HEAD] = len(line) // 2
            copy(line, line[v[HEAD] :])
        v[HEAD] -= 1
        state = v[REGISTER]
        bit = state >> code.register.width - 1
        if code.kind == TERNARY:
            second = 0
            for place in SECOND:
                second ^= state >> place & 1
            bit = bit << 1 | second
        line[v[HEAD]] = bit
        v[REGISTER] = shift(code.register, state, 1)
    elif code.kind == WALSH:
        negative = count // code.period % 2
        column = 0
        if count % code.period:
            column = v[COLUMNS]
            v[COLUMNS] = shift(code.columns, column, 1)
        for p in range(len(numbers)):
            met = column & numbers[p]
            met ^= met >> 8
            met ^= met >> 4
            met ^= met >> 2
            met ^= met >> 1
            line[p] = int((met & 1) == negative)
    elif code.kind == TURNS:
        for p in range(len(numbers)):
            line[p] = int(v[TURN] == numbers[p])
        v[TURN] = (v[TURN] + v[STRIDE]) % code.period
    else:
        for p in range(len(frequency)):
            line[p] = (line[p] + frequency[p]) & (code.period - 1)


@inner
def look(levels, down, held, tilde):
    """Find θ̃ of what cells hold."""
    if len(levels) == 2:
        base, step = levels[0], levels[1] - levels[0]
        for p in range(len(tilde)):
            tilde[p] = base + step * (held[p] >> down)
    else:
        for p in range(len(tilde)):
            tilde[p] = levels[held[p] >> down]


@inner
def unperturbed(theta, dropped, top):
    """Find what multipliers see of θ."""
    for p in range(len(top)):
        top[p] = theta[p] >> dropped


@inner
def perturbed(top, tilde, unit, sign, weights):
    """Find what multipliers see of θ ± θ̃."""
    for p in range(len(top)):
        weights[p] = top[p] + sign * tilde[p] * unit[p]


@inner
def noisy(noise, cost, v):
    """Add the noise of a perturbed cost."""
    return cost + draw(noise, v, NOISE_OF_COST) if noise.active else cost


@inner
def broadcast(change, cost, v, eta_shift, new_sample):
    """Return u of a perturbed cost; C̃ by difference, or by the high-pass."""
    C = fit(cost, change.held_low, change.held_high)
    tilde = C - v[C0]
    if change.analog:
        before = C if new_sample else v[C0]
        total = v[C_TILDE] + (C - before << change.guard)
        tilde = fit(total - away(total, change.guard), change.tilde_low, change.tilde_high)
        v[C0] = C
    v[C_TILDE] = tilde
    bits = eta_shift - MAX_LEFT_SHIFT + change.guard
    return fit(nearest_even(tilde, bits), change.u_low, change.u_high)


@inner
def accumulate(cells, G, tilde, u):
    """G ← sat(G + u·θ̃/Δθ)."""
    if cells.fraction == 0:
        for p in range(len(G)):
            G[p] = fit(G[p] + u * tilde[p], cells.G_low, cells.G_high)
    else:
        for p in range(len(G)):
            found = nearest_even(u * tilde[p], cells.fraction)
            G[p] = fit(G[p] + found, cells.G_low, cells.G_high)


@inner
def accumulate_by_node(cells, layers, G, tilde, u, a):
    """G ← sat(G + (u·θ̃/Δθ)·x), of its neuron's θ̃; `a` has what all layers put out."""
    source, target, w = 0, layers[0, FAN_IN] - 1, 0
    for layer in range(len(layers)):
        inputs, missing = layers[layer, FAN_IN] - 1, cells.input_fraction - layers[layer, FRACTION]
        x = a[source : source + inputs]
        for _ in range(layers[layer, NEURONS]):
            share = nearest_even(u * tilde[w + inputs], cells.fraction)
            weights = G[w : w + inputs]
            for k in range(len(x)):
                found = nearest_even(share * (x[k] << missing), cells.input_fraction)
                weights[k] = fit(weights[k] + found, cells.G_low, cells.G_high)
            G[w + inputs] = fit(G[w + inputs] + share, cells.G_low, cells.G_high)
            w += inputs + 1
        source = target
        target += layers[layer, NEURONS]


@inner
def update(cells, theta, G, top):
    """θ ← sat(θ - G); G ← 0, or G ← G - (G >> leak); and `top` as `unperturbed`."""
    for p in range(len(theta)):
        g = G[p]
        moved = fit(theta[p] - g, cells.theta_low, cells.theta_high)
        theta[p] = moved
        top[p] = moved >> cells.dropped
        G[p] = g - away(g, cells.leak)


@inner
def noisy_update(cells, source, theta, G, top, noise, v):
    """Update with the noise that each cell holds, which then goes on to the next one."""
    for p in range(len(theta)):
        g = G[p]
        theta[p] = fit(theta[p] - g + noise[p], cells.theta_low, cells.theta_high)
        G[p] = g - away(g, cells.leak)
    unperturbed(theta, cells.dropped, top)
    for p in range(len(noise) - 1, 0, -1):
        noise[p] = noise[p - 1]
    noise[0] = draw(source, v, NOISE_OF_UPDATE)
