"""The loop of a folded engine: windows, pools, nodes and fresh bits; with G or without; no delay.

Weights are not in documented order here, but of a layer the first weights of all neurons, then the
second ones, and their biases at last: so that the innermost loop goes through neurons, or channels.
Numbers are of 32 bits where all products and sums have room in them, else of 64.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from model.compiled import jit
from model.compiled.jit import inner
from model.compiled.kernel import next_step
from model.compiled.number import Register, copy, fit, nearest_even, shift, truncate
from model.compiled.optimizer import Change, broadcast
from model.compiled.plant import advance, class_of, cost_of
from model.compiled.state import (
    BASELINES,
    C0,
    ETA,
    HEAD,
    INDEX,
    PERTURBED,
    REGISTER,
    SINCE_P,
    SINCE_THETA,
    SINCE_X,
    VALUES,
)  # fmt: skip
from spec.lfsr import FRESH

NEURONS, INPUTS, DOWN, ACROSS, SIDE, ROW, COLUMN, OFFSETS, FRACTION, DROPPED = range(10)
TABLE, END, FIRST, SOURCE, TARGET, NODE, UNIT, DOUBLINGS, CLAMP, COLUMNS = range(10, 20)
"""Constants of a layer with parameters: its neurons, and inputs of each; places down and across,
each the largest of SIDE · SIDE windows; steps from a window to that below and beside it; where its
offsets begin, from a window's first input to each; fraction bits of inputs, and bits that sums
drop; where its table begins, and z = 0 in it; where its weights, inputs and outputs begin; whether
it is by node; Δθ in LSBs of a weight; doublings; whether the activation is a clamp."""

LOW, HIGH = VALUES, VALUES + 1
"""Single numbers of a run, behind the others: words of FRESH."""

ALL_VALUES = VALUES + 2

WORD = 64

WIDTH, TAPS = FRESH.width, FRESH.taps


class Limits(NamedTuple):
    """Of what learns, θ or G; and the bits of it that multipliers do not see."""

    low: int
    high: int
    dropped: int


class Folded(NamedTuple):
    """Constants of the optimizer."""

    fresh: bool
    lanes: int
    accumulate: bool
    theta: Limits
    G: Limits
    register: Register
    change: Change


class Tables(NamedTuple):
    """Constants that are arrays: of layers and activations, samples, and the order of weights."""

    layers: npt.NDArray[np.int64]
    offsets: npt.NDArray[np.int64]
    activations: npt.NDArray[np.int32]
    x: npt.NDArray[np.signedinteger]
    t: npt.NDArray[np.signedinteger]
    classes: npt.NDArray[np.int64]
    order: npt.NDArray[np.int64]


class Scratch(NamedTuple):
    """Places for what is only of a step: θ and θ ± θ̃ as multipliers see them, signals, sums."""

    top: npt.NDArray[np.signedinteger]
    moved: npt.NDArray[np.signedinteger]
    a: npt.NDArray[np.signedinteger]
    perturbed: npt.NDArray[np.signedinteger]
    sums: npt.NDArray[np.signedinteger]
    kept: npt.NDArray[np.signedinteger]
    shares: npt.NDArray[np.signedinteger]
    drawn: npt.NDArray[np.signedinteger]
    clock: npt.NDArray[np.int64]


@inner
def fresh_word(v):
    """Return the next 64 bits of FRESH, the first in the highest place; they are still there."""
    low, high = np.uint64(v[LOW]), np.uint64(v[HIGH])
    right = np.uint64(WIDTH - WORD)
    return low >> right | high << (np.uint64(WORD) - right)


@inner
def fresh_shift(v, count):
    """Shift FRESH by up to 64 bits."""
    low, high = np.uint64(v[LOW]), np.uint64(v[HIGH])
    new = np.uint64(0)
    for tap in TAPS:
        right = np.uint64(tap - WORD)
        new ^= low >> right | high << (np.uint64(WORD) - right)
    if count < WORD:
        left, right = np.uint64(count), np.uint64(WORD - count)
        high = high << left | low >> right
        new = low << left | new >> right
    else:
        high = low
    v[LOW] = np.int64(new)
    v[HIGH] = np.int64(high & np.uint64((1 << WIDTH - WORD) - 1))


@inner
def draw(drawn, count, v):
    """Draw so many bits, as ±1."""
    place = 0
    while place < count:
        word = fresh_word(v)
        for k in range(WORD):
            bit = word >> np.uint64(WORD - 1 - k) & np.uint64(1)
            drawn[place + k] = 2 * np.int64(bit) - 1
        fresh_shift(v, min(WORD, count - place))
        place += WORD


@inner
def deal(o, layers, drawn, signs, v):
    """Give every cell that perturbs itself a fresh bit."""
    count = 0
    for layer in range(len(layers)):
        neurons, rows = layers[layer, NEURONS], layers[layer, INPUTS] + 1
        turns = (neurons + o.lanes - 1) // o.lanes
        count += neurons if layers[layer, NODE] else turns * rows * o.lanes
    draw(drawn, count, v)
    place = 0
    for layer in range(len(layers)):
        neurons, rows = layers[layer, NEURONS], layers[layer, INPUTS] + 1
        first = layers[layer, FIRST]
        if layers[layer, NODE]:
            copy(drawn[place:], signs[first + (rows - 1) * neurons : first + rows * neurons])
            place += neurons
            continue
        for turn in range(0, neurons, o.lanes):
            width = min(o.lanes, neurons - turn)
            for row in range(rows):
                target = first + row * neurons + turn
                copy(drawn[place:], signs[target : target + width])
                place += o.lanes


@inner
def move_line(o, tables, line, signs, v):
    """Shift the line, and look what cells have of it."""
    if v[HEAD] == 0:
        v[HEAD] = len(line) // 2
        copy(line, line[v[HEAD] :])
    v[HEAD] -= 1
    line[v[HEAD]] = v[REGISTER] >> o.register.width - 1
    v[REGISTER] = shift(o.register, v[REGISTER], 1)
    layers, order = tables.layers, tables.order
    for layer in range(len(layers)):
        neurons, inputs = layers[layer, NEURONS], layers[layer, INPUTS]
        first = layers[layer, FIRST]
        start = inputs * neurons if layers[layer, NODE] else 0
        for p in range(first + start, first + (inputs + 1) * neurons):
            signs[p] = 2 * line[v[HEAD] + order[p]] - 1


@inner
def perturb(layers, top, signs, moved):
    """Find what multipliers see of θ ± θ̃; of a layer by node, of its biases only."""
    for layer in range(len(layers)):
        neurons, inputs, unit = (
            layers[layer, NEURONS], layers[layer, INPUTS], layers[layer, UNIT],
        )  # fmt: skip
        first, end = layers[layer, FIRST], layers[layer, FIRST] + (inputs + 1) * neurons
        if layers[layer, NODE]:
            first += inputs * neurons
        for p in range(first, end):
            moved[p] = top[p] + unit * signs[p]


@inner
def sum_up(weights, x, offsets, sums):
    """Put into `sums` Σ w·x of every neuron, without its bias; x begins where the window does."""
    neurons, inputs = len(sums), len(offsets)
    for n in range(neurons):
        sums[n] = 0
    k = 0
    while k + 4 <= inputs:
        p, q, r, s = x[offsets[k]], x[offsets[k + 1]], x[offsets[k + 2]], x[offsets[k + 3]]
        if p | q | r | s:
            row = k * neurons
            a, b = weights[row : row + neurons], weights[row + neurons : row + 2 * neurons]
            row += 2 * neurons
            c, d = weights[row : row + neurons], weights[row + neurons : row + 2 * neurons]
            for n in range(neurons):
                sums[n] += a[n] * p + b[n] * q + c[n] * r + d[n] * s
        k += 4
    while k < inputs:
        p = x[offsets[k]]
        a = weights[k * neurons : (k + 1) * neurons]
        for n in range(neurons):
            sums[n] += a[n] * p
        k += 1


@inner
def finish(layers, layer, tables, sums, biases, out, largest):
    """Add biases, and apply the activation; the result stays if it is larger than `out`."""
    fraction, dropped, end = layers[layer, FRACTION], layers[layer, DROPPED], layers[layer, END]
    values = tables[layers[layer, TABLE] : layers[layer, TABLE] + 2 * end + 1]
    if layers[layer, CLAMP]:  # the same, but without a table it goes through many at once
        low, high = values[0], values[2 * end]
        for n in range(len(sums)):
            z = truncate(sums[n] + (biases[n] << fraction), dropped)
            out[n] = max(fit(z, low, high), out[n]) if largest else fit(z, low, high)
        return
    for n in range(len(sums)):
        z = truncate(sums[n] + (biases[n] << fraction), dropped)
        found = values[fit(z + end, 0, 2 * end)]
        out[n] = max(found, out[n]) if largest else found


@inner
def evaluate(tables, top, moved, a, sums, kept, skip):
    """Put into `a`, behind x, what every layer puts out, of `moved`, or `top` and moved biases.

    Parameters
    ----------
    tables : Tables
    top, moved : array of int
        Weights.
    a : array of int
    sums, kept : array of int
        Places for sums; `kept` is left with those of the first layer, if it is dense.
    skip : bool
        Whether it has them already.
    """
    layers = tables.layers
    for layer in range(len(layers)):
        neurons, inputs = layers[layer, NEURONS], layers[layer, INPUTS]
        first, end = layers[layer, FIRST], layers[layer, FIRST] + inputs * neurons
        weights = top[first:end] if layers[layer, NODE] else moved[first:end]
        biases = moved[end : end + neurons]
        offsets = tables.offsets[layers[layer, OFFSETS] : layers[layer, OFFSETS] + inputs]
        across, side = layers[layer, ACROSS], layers[layer, SIDE]
        single = layer == 0 and layers[layer, DOWN] * across * side == 1
        total = kept[:neurons] if single else sums[:neurons]
        target = layers[layer, TARGET]
        for down in range(layers[layer, DOWN]):
            for right in range(across):
                out = a[target : target + neurons]
                for part in range(side * side):
                    row, column = down * side + part // side, right * side + part % side
                    base = row * layers[layer, ROW] + column * layers[layer, COLUMN]
                    if not (single and skip):
                        sum_up(weights, a[layers[layer, SOURCE] + base :], offsets, total)
                    finish(layers, layer, tables.activations, total, biases, out, part > 0)
                target += neurons


@inner
def learn(limits, layers, held, top, signs, shares, u, a):
    """θ ← sat(θ - u·sign), or by node u·sign·x; and what multipliers see of it. Or G, by -u."""
    for layer in range(len(layers)):
        neurons, inputs = layers[layer, NEURONS], layers[layer, INPUTS]
        first, end = layers[layer, FIRST], layers[layer, FIRST] + inputs * neurons
        heard = u << layers[layer, DOUBLINGS]
        start = first
        if layers[layer, NODE]:
            start, fraction = end, layers[layer, FRACTION]
            for n in range(neurons):
                shares[n] = heard * signs[end + n]
            x = a[layers[layer, SOURCE] : layers[layer, SOURCE] + inputs]
            for k in range(inputs):
                if x[k]:
                    row = first + k * neurons
                    follow(
                        limits, fraction, x[k], shares[:neurons], held[row : row + neurons],
                        top[row : row + neurons],
                    )  # fmt: skip
        for p in range(start, end + neurons):
            found = fit(held[p] - heard * signs[p], limits.low, limits.high)
            held[p] = found
            top[p] = found >> limits.dropped


@inner
def follow(limits, fraction, x, shares, held, top):
    """Let the weights of one input learn by their neurons' shares."""
    for n in range(len(shares)):
        found = nearest_even(shares[n] * x, fraction)
        moved = fit(held[n] - found, limits.low, limits.high)
        held[n] = moved
        top[n] = moved >> limits.dropped


@inner
def update(limits, theta, G, top):
    """θ ← sat(θ - G); G ← 0; and what multipliers see of θ."""
    for p in range(len(theta)):
        found = fit(theta[p] - G[p], limits.low, limits.high)
        theta[p], G[p] = found, 0
        top[p] = found >> limits.dropped


@inner
def steps_of(plant, o, tables, scratch, v, theta, G, signs, line, changes, steps):
    """Make steps of one run: baseline, perturbed evaluation, and the update of the next step."""
    top, moved, a, perturbed, sums, kept, shares, drawn, clock = scratch
    layers, inputs, outputs = tables.layers, tables.x.shape[1], tables.t.shape[1]
    shared = layers[0, NODE] == 1
    for _ in range(steps):
        new_sample = clock[SINCE_X] == 0
        if new_sample:
            advance(plant, v)
            copy(tables.x[v[INDEX]], a[:inputs])
            copy(tables.x[v[INDEX]], perturbed[:inputs])
        t = tables.t[v[INDEX]]
        if clock[SINCE_P] == 0:
            if o.fresh:
                deal(o, layers, drawn, signs, v)
            else:
                move_line(o, tables, line, signs, v)
            clock[PERTURBED] += 1
        evaluate(tables, top, top, a, sums, kept, False)
        v[C0] = cost_of(a[len(a) - outputs :], t, plant.cost)
        clock[BASELINES] += 1
        perturb(layers, top, signs, moved)
        evaluate(tables, top, moved, perturbed, sums, kept, shared)
        cost = cost_of(perturbed[len(a) - outputs :], t, plant.cost)
        u = broadcast(o.change, cost, v, clock[ETA], new_sample)
        if not o.accumulate:
            learn(o.theta, layers, theta, top, signs, shares, u, perturbed)
            next_step(clock, changes)
            continue
        learn(o.G, layers, G, moved, signs, shares, -u, perturbed)  # `moved` has been used
        next_step(clock, changes)
        if clock[SINCE_THETA] == 0:
            update(o.theta, theta, G, top)


def _compile(stamp: int) -> tuple[Callable[..., None], Callable[..., None]]:
    """Compile what Python calls; `stamp` makes it anew where any of the sources is another."""

    @jit.outer
    def fill(register, states, lines):
        """Fill lines of the delay line with as many new bits, the last one at the beginning.

        Parameters
        ----------
        register : Register
        states : array of int, shape (runs,)
            Of the register, and then what they have come to.
        lines : array of int, shape (runs, P)
        """
        _ = stamp
        for run in range(len(states)):
            state, line = states[run], lines[run]
            for p in range(len(line) - 1, -1, -1):
                line[p] = state >> register.width - 1
                state = shift(register, state, 1)
            states[run] = state

    @jit.outer
    def leap(plant, o, tables, scratch, values, thetas, Gs, signs, lines, start, changes, steps,
             costs, hits):  # fmt: skip
        """Make steps with all runs, and then evaluate all samples if asked.

        Parameters
        ----------
        plant, o, tables : Plant, Folded, Tables
            Constants.
        scratch : Scratch
        values, thetas, Gs, signs, lines : array of int, shape (runs, …)
            What changes in each run: single numbers, θ, G if cells have it, ±1 of each, and the
            line, if it is by that.
        start : array of int, shape (CLOCK,)
            What is the same for all, and then what it has come to.
        changes : array of int, shape (changes, 6)
            Of the schedule: step, whether periods start anew, and registers; -1 where one stays.
        steps : int
        costs, hits : array of int, of bool, shape (runs, samples)
            Of all samples; without any, nothing is evaluated.
        """
        _ = stamp
        inputs, outputs = tables.x.shape[1], tables.t.shape[1]
        a, top = scratch.a, scratch.top
        for run in range(len(values)):
            copy(start, scratch.clock)
            v, theta, G = values[run], thetas[run], Gs[run]
            copy(tables.x[v[INDEX]], a[:inputs])
            copy(tables.x[v[INDEX]], scratch.perturbed[:inputs])
            for p in range(len(top)):
                top[p] = theta[p] >> o.theta.dropped
            steps_of(plant, o, tables, scratch, v, theta, G, signs[run], lines[run], changes, steps)
            for sample in range(costs.shape[1]):
                copy(tables.x[sample], a[:inputs])
                evaluate(tables, top, top, a, scratch.sums, scratch.kept, False)
                y = a[len(a) - outputs :]
                costs[run, sample] = cost_of(y, tables.t[sample], plant.cost)
                hits[run, sample] = class_of(y, plant.half) == tables.classes[sample]
        copy(scratch.clock, start)

    return fill, leap


fill, leap = _compile(jit.stamp())
