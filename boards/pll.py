"""A clock from the FPGA's PLL, where the crystal's frequency is not the one that is wanted."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from math import ceil
from operator import attrgetter
from typing import Any

from amaranth.hdl import (
    ClockDomain,
    ClockSignal,
    Const,
    DomainRenamer,
    Elaboratable,
    Instance,
    Module,
    Signal,
)
from amaranth.hdl import ResetSignal as Reset
from amaranth.lib import io

from boards.lock import Lock
from spec.errors import InputError


@dataclass(frozen=True)
class Limits:
    """Ranges of a family's PLL, ends included, in MHz, from Lattice's data sheets.

    Parameters
    ----------
    input, detector, oscillator, output : (float, float)
        Of the crystal; of the phase detector, which sees the crystal divided by `reference`; of the
        voltage-controlled oscillator; of the clock made.
    """

    input: tuple[float, float]
    detector: tuple[float, float]
    oscillator: tuple[float, float]
    output: tuple[float, float]


LIMITS = {
    "iCE40": Limits((10, 133), (10, 133), (533, 1066), (16, 275)),
    "ECP5": Limits((8, 400), (10, 400), (400, 800), (3.125, 400)),
}
"""Of iCE40 LP/HX and UltraPlus (FPGA-DS-02029, -02008), and of ECP5 (FPGA-DS-02012)."""

NET, CLOCK = "pll.clock", "pll.clk"
"""What the constraint names; how nextpnr's name of the same clock ends."""

PADS = {("SG48", "35")}
"""Package and pin of clocks of our iCE40 boards that enter the FPGA where its PLL is.

Such a pin is connected by the PLL itself; any other pin reaches it through the fabric.
"""


@dataclass(frozen=True)
class Dividers:
    """Settings of a PLL: output = crystal / reference · multiplier / output divider.

    Parameters
    ----------
    family : str
        A key of `LIMITS`.
    crystal_mhz : float
    reference, multiplier, output : int
        By what the crystal is divided, that multiplied to the oscillator's frequency, and this
        divided.
    """

    family: str
    crystal_mhz: float
    reference: int
    multiplier: int
    output: int

    @property
    def detector_mhz(self) -> Fraction:
        """Frequency of the phase detector."""
        return Fraction(self.crystal_mhz) / self.reference

    @property
    def oscillator_mhz(self) -> Fraction:
        """Frequency of the voltage-controlled oscillator."""
        return self.detector_mhz * self.multiplier

    @cached_property
    def mhz(self) -> Fraction:
        """Frequency of the clock made."""
        return self.oscillator_mhz / self.output


def settings(family: str, crystal_mhz: float) -> Iterator[Dividers]:
    """Yield all that a family's PLL can make of a crystal's frequency, within its limits."""
    limits = LIMITS[family]
    outputs = [2**k for k in range(1, 7)] if family == "iCE40" else range(1, 129)
    if not limits.input[0] <= crystal_mhz <= limits.input[1]:
        return
    for reference in range(1, (16 if family == "iCE40" else 128) + 1):
        detector = Fraction(crystal_mhz) / reference
        if not limits.detector[0] <= detector <= limits.detector[1]:
            continue
        least = max(2, ceil(limits.oscillator[0] / detector))
        for multiplier in range(least, min(128, int(limits.oscillator[1] / detector)) + 1):
            for output in outputs:
                found = Dividers(family, crystal_mhz, reference, multiplier, output)
                if limits.output[0] <= found.mhz <= limits.output[1]:
                    yield found


@cache
def _all(family: str, crystal_mhz: float) -> list[Dividers]:
    """List them, the slowest first."""
    return sorted(settings(family, crystal_mhz), key=_mhz)


_mhz = attrgetter("mhz")


def find(family: str, crystal_mhz: float, wanted_mhz: float | Fraction) -> Dividers:
    """Settings for a clock as wanted, or else the nearest below.

    Of several, those with the fastest phase detector, and then with the oscillator nearest to the
    middle of its range.

    Raises
    ------
    InputError
        If it is out of the PLL's range; the message says what is possible.
    """
    found = _all(family, crystal_mhz)
    end = bisect_right(found, wanted_mhz, key=_mhz)
    if end == 0 or wanted_mhz > found[-1].mhz:
        possible = (
            f"{float(found[0].mhz):g} to {float(found[-1].mhz):g} MHz" if found else "nothing"
        )
        raise InputError(
            f"clock {float(wanted_mhz):g} MHz: the {family}'s PLL makes {possible} "
            f"of the board's {crystal_mhz:g} MHz"
        )
    middle = Fraction(sum(LIMITS[family].oscillator)) / 2
    same = found[bisect_left(found, found[end - 1].mhz, key=_mhz) : end]
    return max(same, key=lambda d: (d.detector_mhz, -abs(d.oscillator_mhz - middle)))


class Pll(Elaboratable):
    """A domain from a PLL of the board's default clock, in reset until the PLL has locked.

    An iCE40's flip-flops are held by a reset, for a little longer (`Lock`); those of an ECP5 by the
    global one, as in Amaranth's own platforms. A lock that is lost starts everything again. nextpnr
    is given the output's frequency, and judges that clock.

    Parameters
    ----------
    dividers : Dividers

    Attributes
    ----------
    domain : ClockDomain
        `sync`, for the module that this is a part of.
    """

    def __init__(self, dividers: Dividers) -> None:
        self.dividers = dividers
        self.domain = ClockDomain("sync", reset_less=dividers.family == "ECP5")

    def elaborate(self, platform: Any) -> Module:
        """Instantiate the PLL and the reset."""
        m = Module()
        port = platform.request(platform.default_clk, dir="-")
        clock = Signal()
        locked = Signal()
        clock.attrs["keep"] = 1  # or yosys may drop the name that the constraint is for
        platform.add_clock_constraint(clock, float(self.dividers.mhz) * 1e6)
        m.d.comb += ClockSignal("sync").eq(clock)
        if self.dividers.family == "iCE40":
            (pin,) = platform.lookup(platform.default_clk).ios[0].names
            pad = (platform.package, pin) in PADS
            m.submodules.pll = self._ice40(m, port, clock, locked, pad)
            self._ice40_reset(m, clock, locked)
        else:
            m.submodules.pll = self._ecp5(m, port, clock, locked)
            self._ecp5_reset(m, platform, clock, locked)
        return m

    def _ice40(self, m: Module, port: Any, clock: Signal, locked: Signal, pad: bool) -> Instance:
        d = self.dividers
        if pad:
            reference = {"i_PACKAGEPIN": port.io}
        else:
            m.submodules.buffer = buffer = io.Buffer(io.Direction.Input, port)
            reference = {"i_REFERENCECLK": buffer.i}
        # The loop filter, by the frequency of the phase detector, as Lattice's tools choose it.
        wide = sum(d.detector_mhz >= limit for limit in (17, 26, 44, 66, 101)) + 1
        return Instance(
            "SB_PLL40_PAD" if pad else "SB_PLL40_CORE",
            p_FEEDBACK_PATH="SIMPLE",
            p_DIVR=Const(d.reference - 1, 4),
            p_DIVF=Const(d.multiplier - 1, 7),
            p_DIVQ=Const(d.output.bit_length() - 1, 3),
            p_FILTER_RANGE=Const(wide, 3),
            i_RESETB=Const(1),
            i_BYPASS=Const(0),
            o_PLLOUTGLOBAL=clock,
            o_LOCK=locked,
            **reference,
        )

    def _ice40_reset(self, m: Module, clock: Signal, locked: Signal) -> None:
        m.domains.locking = ClockDomain(reset_less=True, local=True)
        lock = Lock(float(self.dividers.mhz))
        m.submodules.lock = DomainRenamer("locking")(lock)
        m.d.comb += [
            ClockSignal("locking").eq(clock),
            lock.locked.eq(locked),
            Reset("sync").eq(~lock.ready),
        ]

    def _ecp5(self, m: Module, port: Any, clock: Signal, locked: Signal) -> Instance:
        d = self.dividers
        m.submodules.buffer = buffer = io.Buffer(io.Direction.Input, port)
        feedback = Signal()
        # The first output only feeds back: it divides by a factor of the multiplier, CLKFB by
        # the rest. So the second is free to divide by any number.
        inner = next(k for k in range(2, d.multiplier + 1) if d.multiplier % k == 0)
        return Instance(
            "EHXPLLL",
            a_FREQUENCY_PIN_CLKI=f"{d.crystal_mhz:g}",
            a_FREQUENCY_PIN_CLKOS=f"{float(d.mhz):g}",
            # The loop filter, as Lattice's tools set it for every frequency.
            a_ICP_CURRENT="12",
            a_LPF_RESISTOR="8",
            a_MFG_ENABLE_FILTEROPAMP="1",
            a_MFG_GMCREF_SEL="2",
            p_FEEDBK_PATH="CLKOP",
            p_CLKI_DIV=d.reference,
            p_CLKFB_DIV=d.multiplier // inner,
            p_CLKOP_ENABLE="ENABLED",
            p_CLKOP_DIV=inner,
            p_CLKOP_CPHASE=inner - 1,
            p_CLKOP_FPHASE=0,
            p_CLKOS_ENABLE="ENABLED",
            p_CLKOS_DIV=d.output,
            p_CLKOS_CPHASE=d.output - 1,
            p_CLKOS_FPHASE=0,
            i_CLKI=buffer.i,
            i_CLKFB=feedback,
            o_CLKOP=feedback,
            o_CLKOS=clock,
            o_LOCK=locked,
            i_RST=Const(0),
            i_STDBY=Const(0),
            i_PHASESEL0=Const(0),
            i_PHASESEL1=Const(0),
            i_PHASEDIR=Const(0),
            i_PHASESTEP=Const(0),
            i_PHASELOADREG=Const(0),
            i_PLLWAKESYNC=Const(0),
            i_ENCLKOP=Const(0),
            i_ENCLKOS=Const(0),
        )

    def _ecp5_reset(self, m: Module, platform: Any, clock: Signal, locked: Signal) -> None:
        """As Amaranth's platform, but with the lock beside the board's reset."""
        released = locked
        if platform.default_rst is not None:
            reset = platform.request(platform.default_rst, dir="-")
            m.submodules.reset = buffer = io.Buffer(io.Direction.Input, reset)
            released = Signal()
            m.d.comb += released.eq(locked & ~buffer.i)
        stages = [released, Signal(name="release_0"), Signal(name="release_1")]
        for k in range(2):
            m.submodules[f"release_{k}"] = Instance(
                "FD1S3AX", p_GSR="DISABLED", i_CK=clock, i_D=stages[k], o_Q=stages[k + 1]
            )
        m.submodules.release = Instance("SGSR", i_CLK=clock, i_GSR=stages[2])
