"""Waveforms of arithmetic."""

from __future__ import annotations

from hdl.number.accumulator import Accumulator
from hdl.number.fixed import SQ
from hdl.number.lfsr import LfsrRegister
from hdl.number.multiplier import Multiplier
from hdl.number.noise import NoiseSource
from spec.lfsr import Lfsr
from spec.noise import COST_NOISE, Gaussian
from spec.plant import Multipliers
from tests.hdl.waveforms.scenario import Claim, Scenario, at

SCENARIOS = {
    LfsrRegister: Scenario(
        make=lambda: LfsrRegister(Lfsr(8, (8, 6, 5, 4))),
        caption="`load` takes the seed; then each `shift` moves `state` by a bit, {0} later.",
        inputs={"seed": [0x35], "load": "010", "shift": "00010111110"},
        shows="seed:#x load shift state:08b",
        clocks=12,
        claims=[Claim("load", "state"), Claim("shift", "state")],
    ),
    Accumulator: Scenario(
        make=lambda: Accumulator(SQ(2, 2), SQ(2, 2), SQ(6, 4), Multipliers.INFERRED),
        caption="The sum has a product {0} after its factors, if they count; `clear` begins anew.",
        inputs={
            "a": [0, 0, 1.5, -0.25, -2, 1, 0],
            "b": [0, 0, 0.5, 1, -2, 1, 0],
            "adds": "0011101",
            "clear": at(8),
        },
        shows="a b adds clear total",
        clocks=11,
        claims=[
            Claim("a", "total", lambda unit: unit.multipliers.latency + 1),
            Claim("clear", "total", 1),
        ],
    ),
    Multiplier: Scenario(
        make=lambda: Multiplier(SQ(2, 2), SQ(2, 2)),
        caption="Each product comes {0} after its operands, one in every clock.",
        inputs={"a": [0, 0, 1.5, -0.25, -2, 0], "b": [0, 0, 0.5, 1, -2, 0]},
        shows="a b product",
        clocks=10,
        claims=[Claim("a", "product")],
    ),
    NoiseSource: Scenario(
        make=lambda: NoiseSource(Gaussian.of(16, 0, "sigma"), COST_NOISE, 4),
        caption=(
            "After `load` the first draw is 0; `advance` makes the next one, {0} later, and "
            "without it a draw stays. The same seed makes the same draws."
        ),
        inputs={"seed": [0xCAFE], "load": "0100000010", "advance": "00011101100110"},
        shows="seed:#x load advance sample",
        clocks=13,
        claims=[Claim("advance", "sample", 1)],
    ),
}
