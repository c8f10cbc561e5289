"""What each FPGA has."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Device:
    """Resources of an FPGA, as nextpnr counts them.

    Parameters
    ----------
    logic : int
        Logic cells (iCE40: a LUT and a flip-flop) or LUTs (ECP5).
    multipliers : int
        16 × 16 bits (iCE40) or 18 × 18 bits (ECP5).
    memory_bits : int
        In block RAM.
    single_port : int
        Memory blocks of one port, of 16 K × 16 bits (iCE40 UltraPlus).
    """

    logic: int
    multipliers: int
    memory_bits: int
    single_port: int = 0


def _ice40(logic: int, multipliers: int, rams: int, single_port: int = 0) -> Device:
    return Device(logic, multipliers, rams * 4096, single_port)


def _ecp5(logic: int, multipliers: int, rams: int) -> Device:
    return Device(logic, multipliers, rams * 18432)


_ECP5_25 = _ecp5(24288, 28, 56)
_ECP5_45 = _ecp5(43848, 72, 108)
_ECP5_85 = _ecp5(83640, 156, 208)

DEVICES = {
    "iCE40UP5K": _ice40(5280, 8, 30, 4),
    # The 4K parts are 8K dies, and the open tools use all of them; so with ECP5's 12F.
    "iCE40HX4K": _ice40(7680, 0, 32),
    "iCE40HX8K": _ice40(7680, 0, 32),
    "iCE40LP8K": _ice40(7680, 0, 32),
    "LFE5U-12F": _ECP5_25,
    "LFE5U-25F": _ECP5_25,
    "LFE5U-85F": _ECP5_85,
    "LFE5U-45F": _ECP5_45,
    "LFE5UM-45F": _ECP5_45,
    "LFE5UM5G-45F": _ECP5_45,
    "LFE5UM5G-85F": _ECP5_85,
}
"""By the names of amaranth-boards."""
