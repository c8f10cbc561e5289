"""How θ is loaded: as the initial one is made, by bits that become ±u; see docs/registers.md.

A cell knows only one way to change: θ ← sat(θ ∓ u), by its own bit. That leads anywhere: first to a
rail, the positive one for odd values and the negative one for even values; from there to 0 or -1;
and then by ±1, ±2, ±4, … to any value of the right parity. Where it is known what the cells hold,
and all of them change by the same amount, as an update changes them, one such step is enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from hdl.optimizer import perturbation as perturbations
from host.link import Write
from model.number.fixed import Ints
from spec import derive
from spec.errors import InputError
from spec.map import LARGEST_LEARN, LINE_BITS, address_of
from spec.trained import Trained


@dataclass(frozen=True)
class Pass:
    """A step on the way: all cells by the same amount, each up or down.

    Parameters
    ----------
    up : array of bool, shape (P,)
        Which cells become larger.
    amount : int
        By how much, in LSBs of θ, if no rail is in the way.
    """

    up: np.ndarray
    amount: int


def passes(theta: Ints, bits: int) -> Iterator[Pass]:
    """Yield the passes that lead from anywhere to θ.

    Parameters
    ----------
    theta : array of int, shape (P,)
        In LSBs, within the format.
    bits : int
        Of the format.
    """
    half = 1 << bits - 1
    odd = (theta & 1) == 1
    yield Pass(odd, 2 * half)  # half - 1, or -half
    yield Pass(~odd, half - 1)  # 0, or -1
    rest = theta - np.where(odd, 0, -1)
    for k in reversed(range(bits - 1)):
        up = rest > 0
        yield Pass(up, 1 << k)
        rest = rest - np.where(up, 1 << k, -(1 << k))
    assert not rest.any()


def only_pass(before: Ints, theta: Ints, bits: int) -> Pass | None:
    """Return the pass that leads from one θ to another, if a single one does.

    Parameters
    ----------
    before, theta : array of int, shape (P,)
        In LSBs, within the format.
    bits : int
        Of the format.
    """
    half = 1 << bits - 1
    change = theta - before
    amount = int(np.abs(change).max())
    up = (change > 0) | ((change == 0) & (theta == half - 1))
    arrived = np.clip(before + np.where(up, amount, -amount), -half, half - 1)
    return Pass(up, amount) if (arrived == theta).all() else None


def learnings(amount: int, largest: int) -> Iterator[tuple[int, int]]:
    """Split an amount into (u, how many times), with u at most `largest`."""
    times, remainder = divmod(amount, largest)
    if times:
        yield largest, times
    if remainder:
        yield remainder, 1


def words(places: Sequence[int], width: int = 1) -> list[int]:
    """Pack what goes into the line, the first cell's last, in words that `line` takes.

    Parameters
    ----------
    places : sequence of int
        What each cell is to have at the end, in documented order; what follows has gone through
        all of them.
    width : int
        Bits of a place in the line.
    """
    a_word = LINE_BITS // width
    entering = list(reversed(places))
    entering = [0] * (-len(entering) % a_word) + entering  # falls out at the end
    packed = []
    for first in range(0, len(entering), a_word):
        some = entering[first : first + a_word]
        packed.append(sum(value << width * k for k, value in enumerate(some)))
    return packed


def checked(theta: Ints, config: Trained) -> Ints:
    """Return θ as an array that can be loaded.

    Raises
    ------
    InputError
        If it has another shape, or is out of its format.
    """
    theta, form = np.array(theta, dtype=np.int64), derive.theta(config)
    half = 1 << form.bits - 1
    if theta.shape != (config.parameters,):
        raise InputError(f"θ of {theta.shape}: the config has {config.parameters}")
    if theta.min() < -half or theta.max() >= half:
        raise InputError(
            f"θ from {theta.min()} to {theta.max()}: must be from {-half} to {half - 1} LSBs, "
            f"for {form}"
        )
    return theta


class Loader:
    """Writes that bring cells to a θ, and bits into their line; knows what it has brought there.

    Parameters
    ----------
    config : Config or ExternalConfig
        Of the device, which must not be busy when it is written to.
    """

    def __init__(self, config: Trained) -> None:
        self._config = config
        self.parameters = config.parameters
        cell = derive.cell(config)
        self._format = cell.theta
        self._width = sum(perturbations.of(cell.perturbation).line.values())
        self._bus_bits = config.formats.bus_bits
        self._theta: Ints | None = None
        self._places: list[int] | None = None

    def load(self, theta: Ints) -> list[Write]:
        """Return what brings θ there; nothing if it is.

        Parameters
        ----------
        theta : array of int, shape (P,)
            In LSBs.

        Raises
        ------
        InputError
            If θ has another shape, or is out of its format.
        """
        theta = checked(theta, self._config)
        before, self._theta = self._theta, theta
        if before is not None and (theta == before).all():
            return []
        only = None if before is None else only_pass(before, theta, self._format.bits)
        if only:
            largest = (1 << self._bus_bits - 1) - 1  # of either sign
            return self._learn(only, largest)
        largest = 1 << self._bus_bits - 2  # a power of two, as the amounts are
        steps = passes(theta, self._format.bits)
        return [write for step in steps for write in self._learn(step, largest)]

    def fill(self, places: Sequence[int]) -> list[Write]:
        """Return what brings bits into the line, a place for each cell; nothing if they are there.

        Parameters
        ----------
        places : sequence of int
            As those of `words`.
        """
        if list(places) == self._places:
            return []
        self._places = list(places)
        return [Write(address_of("line"), words(places, self._width), same=True)]

    def _learn(self, step: Pass, largest: int) -> list[Write]:
        """Return a pass, by the bits that the line has if they will do; with bit 1, θ shrinks."""
        down = [int(not up) for up in step.up]
        held = [place & 1 for place in self._places or []][: self.parameters]
        backwards = held == [int(up) for up in step.up]
        writes = [] if backwards or held == down else self.fill(down)
        sign = -1 if backwards else 1
        for u, times in learnings(step.amount, largest):
            while times:
                some = min(times, LARGEST_LEARN)
                writes.append(Write(address_of("u"), [sign * u & 0xFFFF_FFFF, some]))  # and `learn`
                times -= some
        return writes
