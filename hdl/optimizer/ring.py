"""Registers of the parameters that share a cell, which go round and take turns."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Array, Module, Signal, Value

from hdl.number import fixed


class Ring:
    """A register for each parameter; the last is where the cell reads, the first where it writes.

    In a turn, the last one's value goes to the first, unless something is written. One parameter
    has a plain register. There is no reset: who has one writes it.

    Parameters
    ----------
    m : Module
        Where the registers go.
    shape : fixed.Shape or int
    parameters : int
    turn : value-like
        Whether a parameter's clock is now.
    name : str
    reset_less : bool
        Whether a reset leaves the registers as they are.
    """

    def __init__(
        self, m: Module, shape: Any, parameters: int, turn: Value, name: str, *,
        reset_less: bool = True,
    ) -> None:  # fmt: skip
        self.shape = shape
        width = shape.storage if isinstance(shape, fixed.Shape) else shape
        self.registers = [
            Signal(width, name=name, reset_less=reset_less) for _ in range(parameters)
        ]
        if parameters > 1:
            with m.If(turn):
                m.d.sync += self.shift(self.registers[-1])

    @property
    def value(self) -> Any:
        """What the cell reads."""
        last = self.registers[-1]
        return fixed.Value(self.shape, last) if isinstance(self.shape, fixed.Shape) else last

    def write(self, value: Any) -> Any:
        """Statement that writes."""
        if isinstance(self.shape, fixed.Shape):
            return fixed.Value(self.shape, self.registers[0]).eq(value)
        return self.registers[0].eq(value)

    def shift(self, entering: Value) -> list[Any]:
        """Statements that move all registers on by one."""
        before = [entering, *self.registers[:-1]]
        return [register.eq(value) for register, value in zip(self.registers, before, strict=True)]

    def zero(self) -> list[Any]:
        """Statements that zero all registers."""
        return [register.eq(0) for register in self.registers]


def of_parameter(k: int, registers: list[Value], place: Value) -> Value:
    """Bits of parameter k, wherever it is in a ring that has moved on by `place`."""
    count = len(registers)
    if count == 1:
        return registers[0]
    return Array([registers[(k + p) % count] for p in range(count)])[place]
