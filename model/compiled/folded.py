"""The loop of a folded engine, with G or without; no delay.

Numbers are of 32 bits where all products and sums have room in them, else of 64.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from model.compiled import jit
from model.compiled.folded_optimizer import Limits, deal, learn, move_line, perturb, update
from model.compiled.folded_plant import NODE, evaluate
from model.compiled.jit import inner
from model.compiled.kernel import next_step
from model.compiled.number import Register, copy, shift
from model.compiled.optimizer import Change, broadcast
from model.compiled.plant import advance, class_of, cost_of
from model.compiled.state import (
    BASELINES,
    C0,
    ETA,
    INDEX,
    PERTURBED,
    SINCE_P,
    SINCE_THETA,
    SINCE_X,
)


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
