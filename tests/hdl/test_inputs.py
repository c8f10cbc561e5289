"""Inputs that lie side by side in block RAM are the same inputs."""

from __future__ import annotations

import random
from types import SimpleNamespace

from amaranth.back import verilog
from amaranth.hdl import Module

from hdl.folded.inputs import Inputs
from spec import derive
from tests.configs import FOLDED, perceptron
from tests.hdl.helpers import Row, stream

SPEC = derive.folded(perceptron(30, 5, 1, inputs="fixed", lanes=2, **FOLDED))


class SideBySide(Inputs):
    """As on a board whose blocks have 2 bits of each of 64 words."""

    def elaborate(self, platform: object) -> Module:
        return super().elaborate(SimpleNamespace(block_bits=128))


def test_side_by_side() -> None:
    """Whatever is written is read, in the clocks in which one memory has it."""
    depth, rng = SPEC.stored_inputs, random.Random(1)
    bits = Inputs(SPEC).both.size // 2
    rows: list[Row] = []
    for _ in range(300):
        place = rng.randrange(depth)
        rows.append(
            {
                "write": rng.randrange(2),
                "write_address": place,
                "write_x": [rng.randrange(1 << bits - 1) for _ in range(2)],
                "address": rng.choice([k for k in range(depth) if k != place]),
            }
        )
    found = [stream(kind(SPEC), rows, ["x"]) for kind in (Inputs, SideBySide)]
    assert found[0] == found[1]
    assert len({str(row["x"]) for row in found[0]}) > 50


def test_as_many_blocks_as_it_takes() -> None:
    """A memory for every 2 bits, where a block has so many words of 2 bits; else one for all."""

    bits = Inputs(SPEC).both.size
    text = verilog.convert(SideBySide(SPEC))
    assert sum(f"part_{k}_now" in text for k in range(bits)) == -(-bits // 2)
    assert "part_" not in verilog.convert(Inputs(SPEC))
    assert "part_" not in verilog.convert(
        Inputs(SPEC), platform=SimpleNamespace(block_bits=1 << 14)
    )
