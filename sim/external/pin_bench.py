"""What a bench in C++ and Python say to each other about pins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from amaranth.hdl import Shape
from amaranth.lib.wiring import Member, Out

Sized = tuple[tuple[str, int], ...]
"""Names and widths."""


def sized(members: Mapping[str, Member]) -> Sized:
    """Return the widths of members."""
    return tuple((name, Shape.cast(member.shape).width) for name, member in members.items())


@dataclass(frozen=True)
class PinBench:
    """Pins of a design that Python hears and drives.

    Python is told the clock and all outputs, in 32-bit words, the lowest first; and returns a clock
    and the inputs, 64 bits each. It is told again when one of the watched outputs changes, or in
    that clock.

    Parameters
    ----------
    inputs, outputs : tuple of (str, int)
    watched : tuple of str
    """

    inputs: Sized
    outputs: Sized
    watched: tuple[str, ...]

    @classmethod
    def of_plant(cls, pins: Mapping[str, Member]) -> PinBench:
        """Return the bench of a plant, of the members that lead to it."""
        sent = {name: member for name, member in pins.items() if member.flow is Out}
        heard = {name: member for name, member in pins.items() if member.flow is not Out}
        return cls(sized(heard), sized(sent), watched_of(sent))

    @cached_property
    def output_words(self) -> Sized:
        """Outputs, and the 32-bit words of each."""
        return tuple((name, -(-width // 32)) for name, width in self.outputs)

    @cached_property
    def _record(self) -> np.dtype:
        return np.dtype([("clock", "<u8"), *((n, "<u4", (k,)) for n, k in self.output_words)])

    @property
    def told_bytes(self) -> int:
        """Length of what Python is told."""
        return self._record.itemsize

    def told(self, raw: bytes) -> tuple[int, dict[str, int]]:
        """Read what Python is told: the clock, and the outputs."""
        record = np.frombuffer(raw, self._record)[0]
        outputs = {
            name: int.from_bytes(record[name].tobytes(), "little") for name, _ in self.output_words
        }
        return int(record["clock"]), outputs

    def answer(self, until: int, inputs: Mapping[str, int]) -> bytes:
        """Pack what Python returns: all inputs, and the clock in which it is told again."""
        return np.array([until, *(inputs[name] for name, _ in self.inputs)], dtype="<u8").tobytes()

    # In C++

    @property
    def row(self) -> str:
        """Where what Python returns is kept."""
        return f"uint64_t row[{1 + len(self.inputs)}];"

    def drive(self, indent: str) -> str:
        """Drive the inputs."""
        lines = (f"top.{name} = row[{k}];" for k, (name, _) in enumerate(self.inputs, 1))
        return "\n".join(indent + line for line in lines)

    def tell(self, indent: str) -> str:
        """Tell the outputs, by overloads of `put`."""
        wide = dict(self.outputs)

        def value(name: str) -> str:
            return f"top.{name}" if wide[name] <= 64 else f"top.{name}.data()"

        lines = (f"put({value(name)}, {words});" for name, words in self.output_words)
        return "\n".join(indent + line for line in lines)

    def keep(self, indent: str, kind: str = "") -> str:
        """Keep the outputs that are watched; declare what keeps them, if there is a kind."""
        return "\n".join(f"{indent}{kind}{name}_was = top.{name};" for name in self.watched)

    @property
    def differs(self) -> str:
        """Whether one of them has changed."""
        return " || ".join(f"top.{name} != {name}_was" for name in self.watched)


def watched_of(sent: Mapping[str, Member]) -> tuple[str, ...]:
    """Return the outputs to be watched: all weights at once may change long before they count."""
    return tuple(name for name in sent if name not in ("theta", "sample", "new_sample"))
