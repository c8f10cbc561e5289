"""The plant: from weights to a cost, as in model/plant/."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from model.compiled.jit import inner
from model.compiled.number import Register, fit, shift, truncate
from model.compiled.state import INDEX, NEXT, ORDERED
from model.number.fixed import Ints
from model.plant.layer.dense import Dense
from model.plant.network import Network
from model.plant.plant import Plant as Golden
from spec.lfsr import ORDER
from spec.noise import DEFECTS_A_NEURON
from spec.plant import DEFECT_FRACTION, CostSpec, CrossEntropySpec, MeanSquaredErrorSpec
from spec.tasks import Order

NEURONS, FAN_IN, FRACTION, DROPPED, ACTIVATION, TABLE, END, LOW, HIGH = range(9)
"""Constants of a layer. FRACTION and ACTIVATION are fraction bits of its input and its activation;
TABLE and END are where its table begins, and where in it z = 0 is."""


class Cost(NamedTuple):
    """Constants of a cost."""

    classes: bool
    fraction: int
    sum_fraction: int
    dropped: int

    @classmethod
    def of(cls, spec: CostSpec) -> Cost:
        """Return those of a spec; `dropped` bits of what is summed up are not of the cost."""
        fraction = spec.output.fraction_bits
        if isinstance(spec, CrossEntropySpec):
            return cls(True, fraction, spec.sum_fraction, spec.sum_fraction - spec.fraction_bits)
        assert isinstance(spec, MeanSquaredErrorSpec)
        return cls(False, fraction, 2 * fraction, 2 * fraction - spec.fraction_bits)


class Plant(NamedTuple):
    """Constants of cost and samples."""

    half: int
    cost: Cost
    samples: int
    random: bool
    draw_bits: int
    order: Register

    @classmethod
    def of(cls, golden: Golden) -> Plant:
        """Return those of a golden plant."""
        samples = golden.samples
        return cls(
            1 << golden.cost.output.fraction_bits >> 1,
            Cost.of(golden.cost),
            len(samples.x),
            samples.order is Order.RANDOM,
            samples.draw_bits,
            Register.of(ORDER),
        )


def tables(network: Network) -> tuple[Ints, npt.NDArray[np.int32]]:
    """Return the constants of layers, of shape (layers, 9), and their tables, end to end."""
    rows, found, place = [], [], 0
    for layer, spec in zip(network.layers, network.spec.layers, strict=True):
        assert isinstance(layer, Dense)  # others are of a folded engine
        values = layer.activation.values
        rows.append(
            (spec.neurons, spec.fan_in, layer.fraction, layer.dropped,
             spec.activation.fraction_bits, place, len(values) // 2,
             spec.output.low, spec.output.high)
        )  # fmt: skip
        found.append(values.astype(np.int32))  # half as much to keep near
        place += len(values)
    return np.array(rows, dtype=np.int64), np.concatenate(found)


@inner
def dot(w, x):
    """Return Σ w·x."""
    total = 0
    for k in range(len(x)):
        total += w[k] * x[k]
    return total


@inner
def evaluate(layers, tables, defects, weights, a):
    """Put into `a`, behind x, what every layer puts out."""
    source, target, w, neuron = 0, layers[0, FAN_IN] - 1, 0, 0
    for layer in range(len(layers)):
        inputs, fraction = layers[layer, FAN_IN] - 1, layers[layer, FRACTION]
        dropped, end = layers[layer, DROPPED], layers[layer, END]
        x = a[source : source + inputs]
        values = tables[layers[layer, TABLE] : layers[layer, TABLE] + 2 * end + 1]
        for j in range(layers[layer, NEURONS]):
            z = dot(weights[w : w + inputs], x) + (weights[w + inputs] << fraction)
            z = truncate(z, dropped)
            if len(defects):
                place = neuron * DEFECTS_A_NEURON
                bent = bend(layers, layer, values, defects[place : place + DEFECTS_A_NEURON], z)
                a[target + j] = bent
            else:
                a[target + j] = values[fit(z + end, 0, 2 * end)]
            w += inputs + 1
            neuron += 1
        source = target
        target += layers[layer, NEURONS]


@inner
def bend(layers, layer, values, defects, z):
    """Apply the activation of a neuron with defects: L·f(k·(z - x0)) + y0."""
    k, x0, L, y0 = defects[0], defects[1], defects[2], defects[3]
    fraction, end = layers[layer, ACTIVATION], layers[layer, END]
    scaled = k * ((z << DEFECT_FRACTION) - (x0 << fraction)) >> 2 * DEFECT_FRACTION
    bent = L * values[fit(scaled + end, 0, 2 * end)] << DEFECT_FRACTION
    bent += y0 << fraction + DEFECT_FRACTION
    return fit(bent >> 2 * DEFECT_FRACTION, layers[layer, LOW], layers[layer, HIGH])


@inner
def squared_error(y, t, dropped):
    """Return Σ (y - t)² / outputs, towards zero."""
    total = 0
    for k in range(len(t)):
        total += (y[k] - t[k]) * (y[k] - t[k])
    total >>= dropped
    return total if len(t) == 1 else total // len(t)


@inner
def cross_entropy(y, t, cost):
    """Return log2 Σ 2**y - y_t by straight lines, towards zero."""
    largest = y[0]
    for k in range(1, len(y)):
        largest = max(largest, y[k])
    one, finer = 1 << cost.fraction, cost.sum_fraction - cost.fraction
    s, right = 0, 0
    for k in range(len(y)):
        behind = largest - y[k]
        whole = (behind + one - 1) >> cost.fraction
        s += ((one + (whole << cost.fraction) - behind) << finer) >> whole
        if t[k] > 0:
            right = behind
    exponent = 0
    while s >> (cost.sum_fraction + exponent + 1) > 0:
        exponent += 1
    logarithm = (exponent << cost.sum_fraction) + (s >> exponent) - (1 << cost.sum_fraction)
    return (logarithm + (right << finer)) >> cost.dropped


@inner
def cost_of(y, t, cost):
    """Return C."""
    return cross_entropy(y, t, cost) if cost.classes else squared_error(y, t, cost.dropped)


@inner
def class_of(y, half):
    """Return whether y > 1/2, or the first of the largest outputs."""
    if len(y) == 1:
        return int(y[0] > half)
    found = 0
    for k in range(1, len(y)):
        if y[k] > y[found]:
            found = k
    return found


@inner
def advance(plant, v):
    """Go to the next sample."""
    if plant.random:
        r = v[ORDERED] & ((1 << plant.draw_bits) - 1)
        v[ORDERED] = shift(plant.order, v[ORDERED], plant.draw_bits)
        v[INDEX] = r * plant.samples >> plant.draw_bits
    else:
        v[INDEX] = v[NEXT]
        v[NEXT] = v[NEXT] + 1 if v[NEXT] + 1 < plant.samples else 0
