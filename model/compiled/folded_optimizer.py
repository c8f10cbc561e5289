"""The optimizer of a folded engine: random codes, fresh bits or a line; and how cells learn."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from model.compiled.folded_plant import (
    DOUBLINGS,
    FIRST,
    FRACTION,
    INPUTS,
    NEURONS,
    NODE,
    SOURCE,
    UNIT,
)
from model.compiled.jit import inner
from model.compiled.number import copy, fit, nearest_even, shift
from model.compiled.state import HEAD, REGISTER, VALUES
from spec.lfsr import FRESH

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
