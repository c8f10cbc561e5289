"""Pooling: the largest of each 2 x 2."""

from __future__ import annotations

from model.number.fixed import Ints
from spec.network import POOL
from spec.plant import PoolSpec


class Pool:
    """The largest of each 2 x 2 of a channel; of odd rows or columns, the last is dropped.

    Parameters
    ----------
    spec : PoolSpec
    """

    def __init__(self, spec: PoolSpec) -> None:
        self.spec = spec

    def __call__(self, x: Ints) -> Ints:
        """Return what is largest; both of shape (runs, samples, rows · columns · channels)."""
        down, across, channels = self.spec.output_shape
        image = x.reshape(*x.shape[:2], *self.spec.shape)
        image = image[:, :, : POOL * down, : POOL * across]
        parts = image.reshape(*x.shape[:2], down, POOL, across, POOL, channels)
        return parts.max(axis=(3, 5)).reshape(*x.shape[:2], -1)
