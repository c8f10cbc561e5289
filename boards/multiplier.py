"""Multiplier blocks with all their registers, for `hdl.number`: products, and sums of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from amaranth.hdl import Cat, ClockSignal, Const, Instance, Module, Signal

from hdl.number import fixed
from hdl.number.accumulator import Accumulator
from hdl.number.multiplier import Multiplier

Unit = Multiplier | Accumulator


def mult18x18d(unit: Unit) -> Module | None:
    """Make a multiplier of an ECP5's block; None if it is too wide or narrow for one, or adds up.

    Both inputs, the pipeline and the output are registered by one clock: nextpnr 0.11 times only
    none or all of them as they are. SRIA and SRIB stay open, as nextpnr cannot tie them. Operands
    are at the top of its inputs, as zeros below need no wires, and copies of a sign above would.
    """
    if isinstance(unit, Accumulator) or not _fits(unit, 18, 9):
        return None
    m = Module()
    a, b, p = Signal(18), Signal(18), Signal(36)
    ports: dict[str, Any] = {f"i_{name}": 0 for name in ("SOURCEA", "SOURCEB", "RST0")}
    ports |= {f"i_C{k}": 0 for k in range(18)}
    ports |= {f"i_A{k}": a[k] for k in range(18)} | {f"i_B{k}": b[k] for k in range(18)}
    ports |= {f"o_P{k}": p[k] for k in range(36)}
    stages = ("INPUTA", "INPUTB", "PIPELINE", "OUTPUT")
    registers = {f"p_REG_{stage}_CLK": "CLK0" for stage in stages}
    m.submodules.block = Instance(
        "MULT18X18D", **registers, **ports, i_SIGNEDA=1, i_SIGNEDB=1, i_CE0=1, i_CLK0=ClockSignal()
    )
    return _connected(m, unit, a, b, unit.product, p, top=True)


def sb_mac16(unit: Unit) -> Module | None:
    """Make a multiplier of an iCE40's block; None if it is too wide or too narrow for one.

    The operands, the four products of bytes, and their sum are registered; and what that is added
    to, if it is: 32 bits, in two halves.
    """
    adds_up = isinstance(unit, Accumulator)
    result = unit.total if adds_up else unit.product
    if not _fits(unit, 16, 11) or result.shape().storage.width > 32:
        return None
    m = Module()
    a, b, o = Signal(16), Signal(16), Signal(32)
    names = ("A_REG", "B_REG", "TOP_8x8_MULT_REG", "BOT_8x8_MULT_REG", "PIPELINE_16x16_MULT_REG1",
             "PIPELINE_16x16_MULT_REG2", "A_SIGNED", "B_SIGNED")  # fmt: skip
    ones = {f"p_{name}": Const(1, 1) for name in names}
    ports: dict[str, Any] = {f"p_{half}OUTPUT_SELECT": Const(3, 2) for half in ("TOP", "BOT")}
    if adds_up:
        ports = _adding_up(m, unit)
    idle = ("AHOLD", "BHOLD", "CHOLD", "DHOLD", "IRSTTOP", "IRSTBOT", "ORSTTOP", "ORSTBOT",
            "OLOADTOP", "OLOADBOT", "ADDSUBTOP", "ADDSUBBOT", "OHOLDTOP", "OHOLDBOT", "CI",
            "ACCUMCI", "SIGNEXTIN", "C", "D")  # fmt: skip
    ports = {f"i_{name}": Const(0, 16 if name in "CD" else 1) for name in idle} | ports
    m.submodules.block = Instance(
        "SB_MAC16", **ones, **ports, i_CLK=ClockSignal(), i_CE=1, i_A=a, i_B=b, o_O=o
    )
    return _connected(m, unit, a, b, result, o)


def _adding_up(m: Module, unit: Accumulator) -> dict[str, Any]:
    """Return ports of an SB_MAC16 by which it adds up, keeps its sum, or loads C and D.

    These are 0. The upper half takes the carry of the lower one.
    """
    ports: dict[str, Any] = {"p_TOPADDSUB_CARRYSELECT": Const(3, 2)}
    keeps = ~(unit.added(m) | unit.clear)
    for half in ("TOP", "BOT"):
        ports |= {f"p_{half}ADDSUB_LOWERINPUT": Const(2, 2), f"p_{half}OUTPUT_SELECT": Const(1, 2)}
        ports |= {f"i_OHOLD{half}": keeps, f"i_OLOAD{half}": unit.clear}
    return ports


OF_FAMILY: dict[str, Callable[[Unit], Module | None]] = {
    "ECP5": mult18x18d,
    "iCE40": sb_mac16,
}


class Offer:
    """What a platform offers as `get_multiplier`: blocks, and logic once they are used up.

    Parameters
    ----------
    family : str
    most : int, optional
        How many blocks; as many as are asked for, if nobody says.

    Attributes
    ----------
    most : int or None
    taken : int
        Blocks that were taken.
    """

    def __init__(self, family: str, most: int | None = None) -> None:
        self._make, self.most, self.taken = OF_FAMILY[family], most, 0

    def __call__(self, unit: Unit) -> Module | None:
        """Make a multiplier, or a sum of products, of a block; None if it is to be of logic."""
        if self.most is not None and self.taken >= self.most:
            return None
        made = self._make(unit)
        self.taken += made is not None
        return made


def _fits(unit: Unit, most: int, least: int) -> bool:
    """Whether operands have at most so many bits, a sign among them, and the product so many."""
    widths = [value.shape().storage.width for value in (unit.a, unit.b)]
    signed = [value.shape().signed for value in (unit.a, unit.b)]
    wide = max(width + (not sign) for width, sign in zip(widths, signed, strict=True))
    return wide <= most and min(widths) >= 2 and sum(widths) >= least


def _connected(
    m: Module,
    unit: Unit,
    a: Signal,
    b: Signal,
    result: fixed.Value,
    found: Signal,
    *,
    top: bool = False,
) -> Module:
    """Bring operands to a block's, at the bottom or the top, and take what it finds of them."""
    raw, shift = result.as_value(), 0
    for mine, its in ((a, unit.a), (b, unit.b)):
        shape = its.shape()
        up = len(mine) - shape.storage.width - (not shape.signed) if top else 0
        m.d.comb += mine.eq(its.as_value() << up)
        shift += up
    m.d.comb += raw.eq(Cat(found)[shift : shift + len(raw)])
    return m
