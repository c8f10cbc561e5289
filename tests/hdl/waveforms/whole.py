"""Waveforms of what is put together of all parts."""

from __future__ import annotations

from hdl.device import Device
from hdl.inference import Inference
from hdl.trainer import Trainer
from spec import derive
from spec.map import address_of
from tests.configs import perceptron
from tests.hdl.waveforms.optimizer import small
from tests.hdl.waveforms.plant import NUMBERS
from tests.hdl.waveforms.scenario import Claim, Scenario, at

SCENARIOS = {
    Inference: Scenario(
        make=lambda: Inference(derive.network(perceptron(2, 1, **NUMBERS)), [128, -64, 32]),
        caption=(
            "Three samples, one after the other, and their outputs {0} later, each with `valid_o`; "
            "all numbers in LSBs."
        ),
        inputs={
            "valid_i": "01110",
            "x0": [0, 256, 0, 256, 0],
            "x1": [0, 0, 256, 256, 0],
        },
        shows="valid_i x0 x1 valid_o y0",
        clocks=10,
        claims=[Claim("valid_i", "valid_o", "spec.latency")],
    ),
    Trainer: Scenario(
        make=lambda: Trainer(small(1, 1), control=True),
        caption=(
            "A step of two cells and a neuron: the sample is evaluated twice, without perturbation "
            "and with; both outputs come, and their costs; what differs moves each G by the sign "
            "of its cell, and θ."
        ),
        inputs={
            "start": "10",
            "steps": [1000],
            "check_every": [100],
            "seed": [0x1F234567],
            "eta_shift": [8],
        },
        shows=(
            "phase:phase step answered y C C0 cells.0.G cells.1.G cells.0.theta:.2g "
            "cells.1.theta:.2g"
        ),
        first=22,
        clocks=16,
    ),
    Device: Scenario(
        make=lambda: Device(small(1, 1), 10_000_000),
        caption=(
            "`start` is pressed, and the trainer is busy. A link reads the state: `done` comes {0} "
            "after the read began, and bit 0 of `read_data` says that it is busy."
        ),
        inputs={
            "start": at(1),
            "bus.address": [0] * 3 + [address_of("state")],
            "bus.read": "0" * 3 + "1" * 12 + "0",
        },
        shows="start bus.address:#x bus.read bus.read_data:#x bus.done bus.refused busy",
        clocks=17,
        claims=[Claim("bus.read", "bus.done", "registers.reader.latency")],
    ),
}
