"""What all perturbations have in common: ±Δθ by one bit of a delay line."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Const, Module, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl.number import fixed
from hdl.number.lfsr import LfsrRegister
from spec.lfsr import PERTURBATION, SEED_BITS
from spec.optimizer import PerturbationSpec


class Source(wiring.Component):
    """The trainer's half: the head of the delay line of random bits.

    Latency: the bits are there when `shift` is; they are the next ones `latency` clocks later.

    Parameters
    ----------
    line : dict
        Layout of what enters the first cell.
    broadcast : dict
        Layout of what all cells hear.
    code : Walsh, Turns, Sines or None
        As `PerturbationSpec.code`.

    Members
    -------
    seed : In(32)
    load : In(1)
        Strobe: restart from the seed.
    shift : In(1)
        Strobe: the line shifts.
    perturb : In(1)
        Strobe: the next perturbation.
    line : Out(line)
        What the first cell takes.
    broadcast : Out(broadcast)
        Only where there is something.
    """

    latency = LfsrRegister.latency

    seed: Signal
    load: Signal
    shift: Signal
    perturb: Signal
    line: data.View
    broadcast: data.View

    def __init__(self, line: dict[str, Any], broadcast: dict[str, Any], code: Any) -> None:
        self.code = code
        members = {"seed": In(SEED_BITS), "load": In(1), "shift": In(1), "perturb": In(1)}
        members |= {"line": Out(data.StructLayout(line))}
        if broadcast:
            members |= {"broadcast": Out(data.StructLayout(broadcast))}
        super().__init__(members)

    def elaborate(self, platform: object) -> Module:
        """Build the LFSR."""
        m = Module()
        m.submodules.lfsr = self.lfsr = lfsr = LfsrRegister(PERTURBATION)
        m.d.comb += [
            lfsr.seed.eq(self.seed),
            lfsr.load.eq(self.load),
            lfsr.shift.eq(self.shift),
            self.line.bit.eq(lfsr.state[-1]),
        ]
        return m


class Perturbation:
    """A kind of perturbation, of which this is the plainest: each cell ±Δθ by its bit.

    Parameters
    ----------
    spec : PerturbationSpec

    Attributes
    ----------
    bits : int
        Of a cell's state, whose highest is the sign: 1 is +Δθ.
    line, broadcast : dict
        Layouts of what goes from cell to cell, and of what all cells hear.
    tilde : dict
        Layout of a cell's θ̃: `plus`, its sign, and what the kind needs more.
    makes_line : type
        The kind of `Source`.
    scales : bool
        Whether `|θ̃|` differs from cell to cell, so that u is multiplied by it.
    """

    bits: int = 1
    line: dict[str, Any] = {"bit": 1}
    broadcast: dict[str, Any] = {}
    tilde: dict[str, Any] = {"plus": 1}
    makes_line = Source
    scales: bool = False

    def __init__(self, spec: PerturbationSpec) -> None:
        self.spec = spec

    # What the trainer drives

    def source(self) -> Source:
        """Return the trainer's half."""
        return self.makes_line(self.line, self.broadcast, self.spec.code)

    def shifts(self, fill: Value, perturb: Value) -> Value:
        """When the line shifts: for the initial θ only, but for random codes."""
        return fill

    def strobe(self, fill: Value, perturb: Value) -> Value:
        """When cells hear `perturb`."""
        return perturb

    # What a cell makes of it

    def follow(self, m: Module, state: Signal, bus: Any, line: Any, number: Any) -> None:
        """Move a cell's state on: its neighbour's bits with `fill`, or the next perturbation.

        Parameters
        ----------
        m : Module
        state : Signal
            Of `bits` bits.
        bus : data.View
        line : data.View
            From the neighbour.
        number : int or Value
            By which a periodic code knows the cell; a value, if cells are words of memory.
        """
        raise NotImplementedError

    def pass_on(self, m: Module, state: Value, line: Any) -> None:
        """Drive what the next cell takes."""
        m.d.comb += line.bit.eq(state[-1])

    def decode(self, m: Module, state: Value, tilde: Any) -> None:
        """Drive θ̃."""
        m.d.comb += tilde.plus.eq(state[-1])

    def perturbed(self, m: Module, top: fixed.Value, tilde: Any, tag: Any, name: str) -> Any:
        """Return θ + θ̃ at the multiplier's width, or θ - θ̃, or θ, as the tag says."""
        # Δθ has one bit set, -Δθ all from there up.
        delta = 2.0**self.spec.amplitude
        moved = fixed.signal(fixed.SQ(self.spec.amplitude + 2, -self.spec.amplitude), name)
        with m.If(tag.perturb & self.active(tilde)):
            with m.If(tilde.plus ^ tag.negate):
                m.d.comb += moved.eq(fixed.constant(moved.shape(), delta))
            with m.Else():
                m.d.comb += moved.eq(fixed.constant(moved.shape(), -delta))
        return top + moved

    def active(self, tilde: Any) -> Value:
        """Whether θ̃ is not 0, so that a u concerns the cell."""
        return Const(1)

    def correlated(self, m: Module, u: fixed.Value, tilde: Any, initialise: Value) -> fixed.Value:
        """Return `u·|θ̃|/Δθ` in LSBs of θ; u itself of the initial θ."""
        return u

    def amount(self, u: fixed.Shape) -> fixed.Shape:
        """Shape of what `correlated` returns, for that of u."""
        return u
