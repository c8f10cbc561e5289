"""The loops, as in model/loop.py: one run after the other, from a step to another."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from model.compiled import jit
from model.compiled.jit import inner
from model.compiled.number import copy
from model.compiled.optimizer import (
    accumulate,
    accumulate_by_node,
    broadcast,
    look,
    noisy,
    noisy_update,
    perturb,
    perturbed,
    unperturbed,
    update,
)  # fmt: skip
from model.compiled.plant import advance, class_of, cost_of, evaluate
from model.compiled.state import (
    BASELINES,
    BEGINS,
    C0,
    CHANGE,
    COUNT,
    DUE,
    ETA,
    HEAD,
    INDEX,
    PERTURBED,
    SINCE_P,
    SINCE_THETA,
    SINCE_X,
    SLOT,
    TAU_P,
    N,
)  # fmt: skip
from model.number.fixed import Ints

EMPTY, FOUND, ENDS = range(3)
"""Of a place in the flight: nothing; what a step found; and it ends a period of τ_θ."""


class Tables(NamedTuple):
    """Constants that are arrays: of the layers, the samples, the cells, the perturbation."""

    layers: Ints
    activations: npt.NDArray[np.int32]
    x: Ints
    t: Ints
    classes: Ints
    unit: Ints
    levels: Ints
    numbers: Ints
    frequency: Ints


class State(NamedTuple):
    """What changes in a run, as parts of its row; and what an evaluation needs."""

    v: Ints
    theta: Ints
    G: Ints
    line: Ints
    noise: Ints
    defects: Ints
    flight: Ints
    seen: Ints
    tilde: Ints
    top: Ints
    weights: Ints
    a: Ints


@inner
def next_step(clock, changes):
    """Go on to the next step, as `Schedule.next_step` and `Schedule.write`."""
    for k in range(3):
        elapsed = clock[SINCE_P + k] + 1 >= clock[TAU_P + k]
        clock[SINCE_P + k] = 0 if elapsed else clock[SINCE_P + k] + 1
    clock[N] += 1
    row = clock[CHANGE]
    if row < len(changes) and changes[row, 0] == clock[N]:
        clock[CHANGE] += 1
        for k in range(4):
            if changes[row, 2 + k] >= 0:
                clock[TAU_P + k] = changes[row, 2 + k]
        if changes[row, 1]:
            for k in range(3):
                clock[SINCE_P + k] = 0


@inner
def drained(plant, o, tables, state, clock, changes, steps):
    """D = 0: a step ends before the next begins. The last thing done is the next step's update."""
    layers, activations, xs, ts, _, unit, levels, numbers, frequency = tables
    v, theta, G, line, noise, defects, _, _, tilde, top, weights, a = state
    x, y, cells = a[: xs.shape[1]], a[len(a) - ts.shape[1] :], len(theta)
    look(levels, o.code.down, line[v[HEAD] : v[HEAD] + cells], tilde)
    for _ in range(steps):
        new_sample = clock[SINCE_X] == 0
        measured = new_sample or (clock[N] > 0 and clock[SINCE_THETA] == 0)
        if new_sample:
            advance(plant, v)
            copy(xs[v[INDEX]], x)
        t = ts[v[INDEX]]
        if clock[SINCE_P] == 0:
            for _ in range(o.code.shifts):
                perturb(o.code, numbers, frequency, line, v, clock[COUNT])
                clock[COUNT] += 1
            look(levels, o.code.down, line[v[HEAD] : v[HEAD] + cells], tilde)
            clock[PERTURBED] += 1
        if o.antithetic:
            perturbed(top, tilde, unit, -1, weights)
            evaluate(layers, activations, defects, weights, a)
            cost = noisy(o.cost_noise, cost_of(y, t, plant.cost), v)
            v[C0] = min(max(cost, o.change.held_low), o.change.held_high)
        elif measured and not o.change.analog:
            evaluate(layers, activations, defects, top, a)
            v[C0] = cost_of(y, t, plant.cost)
            clock[BASELINES] += 1
        perturbed(top, tilde, unit, 1, weights)
        evaluate(layers, activations, defects, weights, a)
        cost = noisy(o.cost_noise, cost_of(y, t, plant.cost), v)
        u = broadcast(o.change, cost, v, clock[ETA], new_sample)
        if o.node:
            accumulate_by_node(o.cells, layers, G, tilde, u, a)
        else:
            accumulate(o.cells, G, tilde, u)
        next_step(clock, changes)
        if clock[SINCE_THETA] == 0:
            if o.update_noise.active:
                noisy_update(o.cells, o.update_noise, theta, G, top, noise, v)
            else:
                update(o.cells, theta, G, top)


@inner
def overlapped(plant, o, tables, state, clock, changes, steps, drain, flags):
    """D > 0: step n + D + 1 is the first to use what step n found; all is used where it drains."""
    layers, activations, xs, ts, _, unit, levels, numbers, frequency = tables
    v, theta, G, line, noise, defects, flight, seen, tilde, top, weights, a = state
    x, y = a[: xs.shape[1]], a[len(a) - ts.shape[1] :]
    cells, delay = len(theta), len(flags)
    width = len(seen) // delay
    if clock[BEGINS] and clock[SINCE_X] == 0:
        advance(plant, v)
        copy(xs[v[INDEX]], x)
    clock[BEGINS] = 0
    for step in range(steps + (delay if drain else 0)):
        going = step < steps
        if clock[DUE]:
            if o.update_noise.active:
                noisy_update(o.cells, o.update_noise, theta, G, top, noise, v)
            else:
                update(o.cells, theta, G, top)
            clock[DUE] = 0
        perturb(o.code, numbers, frequency, line, v, clock[COUNT])
        u = 0
        if going:
            t = ts[v[INDEX]]
            evaluate(layers, activations, defects, top, a)
            v[C0] = cost_of(y, t, plant.cost)
            look(levels, o.code.down, line[v[HEAD] : v[HEAD] + cells], tilde)
            perturbed(top, tilde, unit, 1, weights)
            evaluate(layers, activations, defects, weights, a)
            cost = noisy(o.cost_noise, cost_of(y, t, plant.cost), v)
            u = broadcast(o.change, cost, v, clock[ETA], False)
            next_step(clock, changes)
        slot = clock[SLOT]
        inputs = seen[slot * width : (slot + 1) * width]
        if flags[slot] != EMPTY:
            head = v[HEAD] + delay
            look(levels, o.code.down, line[head : head + cells], tilde)
            if o.node:
                accumulate_by_node(o.cells, layers, G, tilde, flight[slot], inputs)
            else:
                accumulate(o.cells, G, tilde, flight[slot])
            clock[DUE] = int(flags[slot] == ENDS)
        flags[slot] = EMPTY
        if going:
            flags[slot] = ENDS if clock[SINCE_THETA] == 0 else FOUND
            flight[slot] = u
            copy(a, inputs)
        clock[SLOT] = slot + 1 if slot + 1 < delay else 0
        if going and clock[SINCE_X] == 0 and not (drain and step == steps - 1):
            advance(plant, v)
            copy(xs[v[INDEX]], x)
    if drain and clock[DUE]:
        if o.update_noise.active:
            noisy_update(o.cells, o.update_noise, theta, G, top, noise, v)
        else:
            update(o.cells, theta, G, top)
        clock[DUE] = 0


@inner
def check(plant, tables, state, costs, hits):
    """Evaluate every sample with unperturbed θ."""
    layers, activations, xs, ts, classes, _, _, _, _ = tables
    _, _, _, _, _, defects, _, _, _, top, _, a = state
    x, y = a[: xs.shape[1]], a[len(a) - ts.shape[1] :]
    for sample in range(len(costs)):
        copy(xs[sample], x)
        evaluate(layers, activations, defects, top, a)
        costs[sample] = cost_of(y, ts[sample], plant.cost)
        hits[sample] = class_of(y, plant.half) == classes[sample]


def _compile(stamp: int) -> Callable[..., None]:
    """Compile what Python calls; `stamp` makes it anew where any of the sources is another."""

    @jit.outer
    def leap(
        plant, o, tables, at, scratch, rows, start, changes, flight, steps, drain, costs, hits
    ):
        """Make steps with all runs, and then evaluate all samples if asked.

        Parameters
        ----------
        plant, o, tables : Plant, Optimizer, Tables
            Constants.
        at : Layout
            Of rows.
        scratch : tuple of array of int
            Places for θ̃, for the weights without and with it, for what all layers put out, and for
            `start` and `flight` as they change in a run.
        rows : array of int, shape (runs, at.seen)
            What changes in each run.
        start : array of int, shape (CLOCK,)
            What is the same for all, and then what it has come to.
        changes : array of int, shape (changes, 6)
            Of the schedule: step, whether periods start anew, and registers; -1 where one stays.
        flight : array of int, shape (D,)
            What is on its way.
        steps : int
        drain : bool
            Whether all that is on its way is used then.
        costs, hits : array of int, of bool, shape (runs, samples)
            Of all samples; without any, nothing is evaluated.
        """
        _ = stamp
        tilde, top, weights, a, clock, flags = scratch
        inputs = tables.x.shape[1]
        for run in range(len(rows)):
            copy(start, clock)
            copy(flight, flags)
            row = rows[run]
            v, theta = row[: at.values], row[at.values : at.theta]
            state = State(
                v, theta, row[at.theta : at.G], row[at.G : at.line], row[at.line : at.noise],
                row[at.noise : at.defects], row[at.defects : at.flight], row[at.flight : at.seen],
                tilde, top, weights, a,
            )  # fmt: skip
            copy(tables.x[v[INDEX]], a[:inputs])
            unperturbed(theta, o.cells.dropped, top)
            if steps > 0 and len(flags) > 0:
                overlapped(plant, o, tables, state, clock, changes, steps, drain, flags)
            elif steps > 0:
                drained(plant, o, tables, state, clock, changes, steps)
            if costs.shape[1] > 0:
                unperturbed(theta, o.cells.dropped, top)
                check(plant, tables, state, costs[run], hits[run])
        copy(clock, start)
        copy(flags, flight)

    return leap


leap = _compile(jit.stamp())
