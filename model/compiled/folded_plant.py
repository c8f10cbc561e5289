"""The network of a folded engine: windows and pools, layers of which some are evaluated by node.

Weights are not in documented order here, but of a layer the first weights of all neurons, then the
second ones, and their biases at last: so that the innermost loop goes through neurons, or channels.
"""

from __future__ import annotations

from model.compiled.jit import inner
from model.compiled.number import fit, truncate

NEURONS, INPUTS, DOWN, ACROSS, SIDE, ROW, COLUMN, OFFSETS, FRACTION, DROPPED = range(10)
TABLE, END, FIRST, SOURCE, TARGET, NODE, UNIT, DOUBLINGS, CLAMP, COLUMNS = range(10, 20)
"""Constants of a layer with parameters: its neurons, and inputs of each; places down and across,
each the largest of SIDE · SIDE windows; steps from a window to that below and beside it; where its
offsets begin, from a window's first input to each; fraction bits of inputs, and bits that sums
drop; where its table begins, and z = 0 in it; where its weights, inputs and outputs begin; whether
it is by node; Δθ in LSBs of a weight; doublings; whether the activation is a clamp."""


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
