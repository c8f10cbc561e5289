"""Between the probe's packed bits and the values of its fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from spec.probe import Field


def pack(fields: Sequence[Field], values: Mapping[str, np.ndarray]) -> np.ndarray:
    """Pack values into words, as the gateware's probe shows them.

    Parameters
    ----------
    fields : sequence of Field
        From the lowest bit up; a value has at most 64 bits.
    values : mapping of str to array of int, shape (clocks, count)

    Returns
    -------
    array of uint32, shape (clocks, words)
        The lowest word first.
    """
    bits = sum(field.width * field.count for field in fields)
    clocks = len(next(iter(values.values())))
    words = np.zeros((-(-bits // 64), clocks), dtype="<u8")
    place = 0
    for field in fields:
        mask = np.uint64((1 << field.width) - 1)
        columns = np.ascontiguousarray(np.asarray(values[field.name], dtype=np.int64).T)
        columns = columns.view(np.uint64) & mask
        for column in columns:
            word, shift = divmod(place, 64)
            words[word] |= column << np.uint64(shift)
            if shift + field.width > 64:
                words[word + 1] |= column >> np.uint64(64 - shift)
            place += field.width
    return np.ascontiguousarray(words.T).view("<u4")[:, : -(-bits // 32)]


def integer(words: np.ndarray) -> int:
    """Return the words of one clock as one number."""
    return int.from_bytes(np.ascontiguousarray(words, dtype="<u4").tobytes(), "little")


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


def values_of(fields: Sequence[Field], words: np.ndarray, name: str) -> np.ndarray:
    """Return the values of a field in many packed probes.

    Parameters
    ----------
    fields : sequence of Field
    words : array of uint32, shape (clocks, words)
    name : str

    Returns
    -------
    array of int64, shape (clocks, count)
    """
    place = 0
    for field in fields:
        if field.name == name:
            break
        place += field.width * field.count
    else:
        raise KeyError(name)
    padded = np.zeros((len(words), words.shape[1] + 2), dtype=np.uint64)
    padded[:, :-2] = words
    found = np.empty((len(words), field.count), dtype=np.int64)
    for k in range(field.count):
        word, shift = divmod(place + k * field.width, 32)
        low = (padded[:, word] | padded[:, word + 1] << np.uint64(32)) >> np.uint64(shift)
        if shift:
            low |= padded[:, word + 2] << np.uint64(64 - shift)
        spare = np.uint64(64 - field.width)
        moved = (low << spare).view(np.int64)
        found[:, k] = moved >> np.int64(spare) if field.signed else moved.view(np.uint64) >> spare
    return found
