"""Memory blocks of one port, for `hdl.folded.single_port`."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Array, Cat, ClockSignal, Const, Instance, Module, Signal

from hdl.folded.single_port import SinglePort

BITS, WORDS = 16, 1 << 14
"""Of an SB_SPRAM256KA."""


def blocks(bits: int, depth: int) -> tuple[int, int]:
    """Return how many blocks a memory takes: one behind the other, and side by side."""
    return -(-depth // WORDS), -(-bits // BITS)


def sb_spram256ka(unit: SinglePort) -> Module:
    """Make a memory of blocks of an iCE40 UltraPlus, which begin with any content."""
    m = Module()
    rows, columns = blocks(unit.bits, unit.depth)
    address, row = unit.address[: WORDS.bit_length() - 1], unit.address[WORDS.bit_length() - 1 :]
    held, found = Signal(range(rows)), []
    m.d.sync += held.eq(row)
    data = Signal(columns * BITS)
    m.d.comb += data.eq(unit.data)
    idle: dict[str, Any] = {"i_STANDBY": Const(0, 1), "i_SLEEP": Const(0, 1)}
    for k in range(rows):
        word = []
        for column in range(columns):
            word.append(Signal(BITS, name=f"found_{k}_{column}"))
            m.submodules[f"block_{k}_{column}"] = Instance(
                "SB_SPRAM256KA", **idle, i_POWEROFF=Const(1, 1), i_CLOCK=ClockSignal(),
                i_ADDRESS=address, i_DATAIN=data.word_select(column, BITS), i_MASKWREN=Const(15, 4),
                i_WREN=unit.write, i_CHIPSELECT=row == k, o_DATAOUT=word[-1],
            )  # fmt: skip
        found.append(Cat(word))
    m.d.comb += unit.found.eq(Array(found)[held])
    return m


class Offer:
    """What a platform offers as `get_single_port`: blocks, until they are used up.

    Parameters
    ----------
    left : int
        How many it has.

    Attributes
    ----------
    left : int
        How many are not used.
    """

    def __init__(self, left: int) -> None:
        self.left = left

    def __call__(self, unit: SinglePort) -> Module | None:
        """Make a memory of blocks; None if it is to be of block RAM."""
        rows, columns = blocks(unit.bits, unit.depth)
        if rows * columns > self.left:
            return None
        self.left -= rows * columns
        return sb_spram256ka(unit)
