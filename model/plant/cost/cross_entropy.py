"""The cross-entropy of classes, to base 2, by shifts."""

from __future__ import annotations

import numpy as np

from model.number.fixed import Ints
from spec.plant import CrossEntropySpec


def cross_entropy(spec: CrossEntropySpec, y: Ints, t: Ints) -> Ints:
    """C = log2 Σ 2**y - y_t by straight lines, towards zero, in LSBs of a cost.

    Parameters
    ----------
    spec : CrossEntropySpec
    y, t : array of int, shape (…, outputs)
        In LSBs of an output; the only t above 0 is that of the right class.
    """
    fraction, s_fraction = spec.output.fraction_bits, spec.sum_fraction
    behind = y.max(axis=-1, keepdims=True) - y  # m - y
    shift = -(-behind >> fraction)
    mantissa = (1 << fraction) + (shift << fraction) - behind  # of 2**(y - m), from 1 to 2
    s = (mantissa << s_fraction - fraction >> shift).sum(axis=-1)
    exponent = np.zeros_like(s)
    for e in range(1, spec.largest_exponent + 1):
        exponent += s >> s_fraction + e > 0
    log = (exponent << s_fraction) + (s >> exponent) - (1 << s_fraction)
    right = np.where(t > 0, behind, 0).sum(axis=-1)
    return log + (right << s_fraction - fraction) >> s_fraction - spec.fraction_bits
