"""Arithmetic, as in model/number/: no MGD in it."""

from __future__ import annotations

from typing import NamedTuple

from model.compiled.jit import inner
from spec.lfsr import Lfsr
from spec.noise import CENTRE, DRAW_BITS, Gaussian, Registers

MOST_TAPS = 8
"""Of a register."""

NO_TAP = 127
"""In place of a tap that a register does not have."""


class Register(NamedTuple):
    """Constants of a shift register; its state is not negative."""

    width: int
    mask: int
    longest: int
    taps: tuple[int, ...]

    @classmethod
    def of(cls, spec: Lfsr) -> Register:
        """Return those of a polynomial."""
        taps = [*spec.taps, *[NO_TAP] * (MOST_TAPS - len(spec.taps))]
        return cls(spec.width, (1 << spec.width) - 1, min(spec.taps), tuple(taps))


class Noise(NamedTuple):
    """Constants of a source of noise; of one that is not there, too."""

    active: bool
    factor: int
    shift: int
    first: Register
    second: Register

    @classmethod
    def of(cls, gaussian: Gaussian | None, registers: Registers) -> Noise:
        """Return those of a source."""
        first, second = map(Register.of, registers)
        if gaussian is None:
            return cls(False, 0, 0, first, second)
        return cls(True, gaussian.factor, gaussian.shift, first, second)


@inner
def fit(value, low, high):
    """Saturate."""
    return min(max(value, low), high)


@inner
def truncate(value, bits):
    """Divide by 2**bits, towards minus infinity."""
    return (value << max(-bits, 0)) >> max(bits, 0)


@inner
def nearest_even(value, bits):
    """Divide by 2**bits, to the nearest, ties to even."""
    right = max(bits, 0)
    half = (1 << right) >> 1
    left = value << max(-bits, 0)
    odd = (left >> right) & 1
    return (left + (half > 0) * (odd + half - 1)) >> right


@inner
def away(value, bits):
    """Divide by 2**bits, away from zero."""
    return (value + (value > 0) * ((1 << bits) - 1)) >> bits


@inner
def shift(register, state, count):
    """Shift a register so often; at once as often as there are old bits below the lowest tap."""
    a, b, c, d, e, f, g, h = register.taps
    while count > 0:
        leap = min(register.longest, count)
        bits = (state >> min(a - leap, 63)) ^ (state >> min(b - leap, 63))
        bits ^= (state >> min(c - leap, 63)) ^ (state >> min(d - leap, 63))
        bits ^= (state >> min(e - leap, 63)) ^ (state >> min(f - leap, 63))
        bits ^= (state >> min(g - leap, 63)) ^ (state >> min(h - leap, 63))
        state = ((state << leap) | (bits & ((1 << leap) - 1))) & register.mask
        count -= leap
    return state


@inner
def draw(noise, v, place):
    """Return the sample of a source, and draw another; its registers are behind it in `v`."""
    used, first, second = v[place], v[place + 1], v[place + 2]
    total = (first & 255) + (first >> 8 & 255) - CENTRE
    total += (second & 255) + (second >> 8 & 255)
    v[place] = nearest_even(total * noise.factor, noise.shift)
    v[place + 1] = shift(noise.first, first, DRAW_BITS)
    v[place + 2] = shift(noise.second, second, DRAW_BITS)
    return used


@inner
def copy(source, target):
    """Copy numbers to as many places."""
    for k in range(len(target)):
        target[k] = source[k]
