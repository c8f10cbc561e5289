"""A part of the samples for the test, drawn evenly from all classes."""

from __future__ import annotations

import numpy as np


def draw(count: int, strata: np.ndarray, seed: int) -> np.ndarray:
    """Draw samples, of every stratum its share, to within one.

    Parameters
    ----------
    count : int
        How many; at most as many as there are.
    strata : array of int, shape (samples,)
        Which stratum, from 0, each sample is of.
    seed : int
        0 to 2**32 - 1. The same draw on every machine: NumPy keeps this generator as it is.

    Returns
    -------
    array of int, shape (count,)
        Indices of the samples drawn, ascending.
    """
    sizes = np.bincount(strata)
    # Shares in whole numbers: floors, and one more for those that lost most by it.
    shares, lost = np.divmod(sizes * count, len(strata))
    more = np.argsort(-lost, kind="stable")[: count - shares.sum()]
    shares[more] += 1
    order = np.random.RandomState(seed).permutation(len(strata))
    chosen = [order[strata[order] == k][:share] for k, share in enumerate(shares)]
    return np.sort(np.concatenate(chosen))


def split(fraction: float, strata: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Part samples into those to train with and those for the test.

    Parameters
    ----------
    fraction : float
        Of the samples for the test, above 0 and below 1; the nearest number of them, but at least
        one on either side.
    strata : array of int, shape (samples,)
    seed : int

    Returns
    -------
    train, test : array of int
        Indices, ascending; disjoint, and all samples together.
    """
    samples = len(strata)
    count = min(max(round(fraction * samples), 1), samples - 1)
    test = draw(count, strata, seed)
    return np.setdiff1d(np.arange(samples), test), test
