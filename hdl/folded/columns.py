"""The columns: what lanes have found, one lane after the other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from amaranth.hdl import Array, Mux, Signal, Value

from hdl.folded.near import near
from hdl.number import fixed
from hdl.number.delay import copy, delay
from spec.folded import FoldedSpec


class Columns:
    """Shift registers, which take in what all lanes of a group have, and put out a lane's a clock.

    Latency: a clock from `load` to the first lane. Throughput: a lane a clock.

    Parameters
    ----------
    m : Module
        Where they go.
    spec : FoldedSpec
    soon : Signal
        Strobe, two clocks before what comes out of the lanes is complete.

    Attributes
    ----------
    load : Signal
        Strobe, in the clock in which it is.
    """

    def __init__(self, m: Any, spec: FoldedSpec, soon: Signal) -> None:
        self._m, self._spec, self._before = m, spec, soon
        self._soon = delay(m, soon, 1, 1, "soon")
        self.load = delay(m, self._soon, 1, 1, "load")

    @cached_property
    def _loads(self) -> list[Signal]:
        """A strobe of each lane's own, from one near it."""
        m, lanes = self._m, self._spec.lanes
        soon = near(m, self._before, 1, lanes, "soon_near")
        return [copy(m, soon[k], 1, f"load_{k}") for k in range(lanes)]

    def of(self, values: Sequence[fixed.Value], name: str) -> list[fixed.Value]:
        """Return each bank's column of a number that every lane has."""
        size = self._spec.lanes // self._spec.banks
        if self._spec.sums_stay:
            return [
                self._chosen(values[start:], f"{name}_{start}")
                for start in range(0, self._spec.lanes, size)
            ]
        m = self._m
        registers = [fixed.signal(values[0].shape(), f"{name}_{k}") for k in range(len(values))]
        for k, (value, load) in enumerate(zip(values, self._loads, strict=True)):
            with m.If(load):
                m.d.sync += registers[k].eq(value)
            if k + 1 < len(values):
                with m.Else():
                    m.d.sync += registers[k].eq(registers[k + 1])
        return registers[::size]

    def of_bits(self, bits: Signal) -> Value:
        """Return the column of a bit that every lane has."""
        m, held = self._m, Signal(self._spec.lanes, name="signs")
        with m.If(self.load):
            m.d.sync += held.eq(bits)
        with m.Else():
            m.d.sync += held.eq(held >> 1)
        return held[0]

    def _chosen(self, values: Sequence[fixed.Value], name: str) -> fixed.Value:
        """Return the column of numbers that stay where they are."""
        place = Signal(range(max(2, len(values))), name=f"{name}_place")
        register = fixed.signal(values[0].shape(), name)
        self._m.d.sync += [
            place.eq(Mux(self._soon, 0, place + 1)),
            register.as_value().eq(Array(value.as_value() for value in values)[place]),
        ]
        return register
