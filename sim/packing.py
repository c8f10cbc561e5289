"""Between the probe's packed bits and the values of its fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from spec.probe import Field


def pack(fields: Sequence[Field], values: Mapping[str, np.ndarray]) -> list[int]:
    """Pack values into one integer a clock, as the gateware's probe shows them.

    Parameters
    ----------
    fields : sequence of Field
        From the lowest bit up.
    values : mapping of str to array of int, shape (clocks, count)
    """
    bits = []
    for field in fields:
        value = np.asarray(values[field.name], dtype=np.int64)
        places = np.arange(field.width, dtype=np.int64)
        bits.append(((value[:, :, None] >> places) & 1).astype(np.uint8).reshape(len(value), -1))
    packed = np.packbits(np.concatenate(bits, axis=1), axis=1, bitorder="little")
    return [int.from_bytes(row.tobytes(), "little") for row in packed]


def unpack(fields: Sequence[Field], word: int) -> dict[str, list[int]]:
    """Split one packed probe into the values of its fields."""
    values = {}
    for field in fields:
        values[field.name] = []
        for _ in range(field.count):
            value = word & ((1 << field.width) - 1)
            word >>= field.width
            if field.signed and value >> (field.width - 1):
                value -= 1 << field.width
            values[field.name].append(value)
    return values
