"""Waveforms of the folded engine."""

from __future__ import annotations

from typing import Any

from hdl.folded.access import Access
from hdl.folded.drain import Drain
from hdl.folded.engine import Engine
from hdl.folded.inputs import Inputs
from hdl.folded.lane import Lane
from hdl.folded.operands import Operands
from hdl.folded.orders import Orders
from hdl.folded.samples import FoldedSamples
from hdl.folded.schedule import FoldedSchedule
from hdl.folded.sequencer import Sequencer
from hdl.folded.signs import Signs
from hdl.folded.single_port import SinglePort
from hdl.folded.trainer import FoldedTrainer
from hdl.folded.window import Window
from spec import derive
from spec.config import Config
from spec.folded import MEMORY_LATENCY, POOL_LATENCY, SAMPLE_LATENCY, FoldedSpec
from tests.configs import FOLDED
from tests.hdl.waveforms.optimizer import REGISTERS, small
from tests.hdl.waveforms.scenario import Claim, Scenario, at


def config(*layers: int, **keys: Any) -> Config:
    """Configure a folded network with few bits and two lanes."""
    given = {"lanes": 2, "inputs": "fixed", "output": "hard_tanh"}
    return small(*layers, **FOLDED | given | keys)


def folded(*layers: int, **keys: Any) -> FoldedSpec:
    """Return the spec of a folded engine."""
    return derive.folded(config(*layers, **keys))


IMAGE: dict[str, Any] = {
    "shape": [5, 5, 1],
    "layer": [
        {"kind": "conv", "channels": 1},
        {"kind": "dense", "neurons": 1, "activation": "hard_tanh"},
    ],
}
"""A convolution of 5 × 5 pixels, with 3 × 3 places."""

SCENARIOS = {
    Sequencer: Scenario(
        make=lambda: Sequencer(folded(2, 2, 1)),
        caption=(
            "A pass of a 2-2-1 network with two lanes: the words of the first layer are visited, "
            "{0} after `start`, one for each input and one for the bias. The second layer's follow "
            "as soon as its first input is in memory in time, each in two clocks, one for each "
            "evaluation."
        ),
        inputs={"start": at(1)},
        shows=(
            "start visit.valid visit.address visit.input visit.first visit.last "
            "visit.bias visit.layer visit.group visit.rail"
        ),
        clocks=24,
        claims=[Claim("start", "visit.valid", 1)],
    ),
    Window: Scenario(
        make=lambda: Window(folded(25, 1, network=IMAGE)),
        caption=(
            "An image of 5 × 5: at the first place, the inputs of three rows of three, each {0} "
            "after `cell`; then, with `place`, those of the next place, one to the right."
        ),
        inputs={"restart": at(1), "cell": "000" + "1" * 8 + "00" + "1" * 6 + "0", "place": at(12)},
        shows="restart cell place input first_place last_place opens closes",
        clocks=22,
        claims=[Claim("cell", "input", 1)],
    ),
    SinglePort: Scenario(
        make=lambda: SinglePort(8, 4),
        caption=(
            "Two words are written, one a clock, and then read: each is there {0} after its "
            "`address`. In a clock with `write`, nothing is read."
        ),
        inputs={
            "address": [0, 1, 2, 1, 1, 2, 1],
            "write": at(1, 2),
            "data": [0, 0xA5, 0x3C, 0],
        },
        shows="address write data:#x found:#x",
        clocks=10,
        claims=[Claim("address", "found", 1, nth=3)],
    ),
    Inputs: Scenario(
        make=lambda: Inputs(folded(2, 2, 1)),
        caption=(
            "Activations, unperturbed and perturbed, are written to two places, and are there {0} "
            "after their `address`."
        ),
        inputs={
            "write": at(1, 2),
            "write_address": [0, 0, 1, 0],
            "write_x": [[0, 0], [0.5, 0.75], [-1, -0.5], [0, 0]],
            "address": [0, 0, 0, 0, 0, 0, 1, 0],
        },
        shows="write write_address write_x address x",
        clocks=11,
        claims=[Claim("address", "x", lambda _: MEMORY_LATENCY)],
    ),
    Operands: Scenario(
        make=lambda: Operands(folded(2, 2, 1)),
        caption=(
            "Three visits of the first layer: two ask for inputs of the sample, which come later, "
            "the third has the 1 of its bias. Each has its x {0} after it."
        ),
        inputs={
            "visit.valid": "01110",
            "visit.first_group": "1",
            "visit.input": [0, 0, 1, 2, 0],
            "visit.bias": "00010",
            "sample": [0] * 5 + [0.5, -0.5, 0],
        },
        shows="visit.valid visit.input visit.bias sample next_input x.0",
        clocks=11,
        settle=5,
        claims=[Claim("visit.valid", "x.0")],
    ),
    Orders: Scenario(
        make=lambda: Orders(folded(2, 2, 1)),
        caption=(
            "Orders for words, {0} after their visit: with `update` they move by u, with `draw` "
            "they get new bits, both at their first visit in a pass. The second layer has one "
            "neuron, so that only one lane writes. At the end, someone else's θ is stored."
        ),
        inputs={
            "visit.valid": "0110110",
            "visit.first_place": "1",
            "visit.layer": [0, 0, 0, 0, 1, 1, 1, 0],
            "visit.group": [0, 0, 0, 0, 1, 1, 1, 0],
            "update": "0111110",
            "draw": "0010010",
            "u": [0.25],
            "stores": at(8),
            "chosen": [0b10],
            "theta": [13],
        },
        shows=(
            "visit.valid visit.layer update draw u stores orders.take orders.update orders.draw "
            "orders.replace amount write:02b given"
        ),
        clocks=11,
        claims=[Claim("visit.valid", "orders.take")],
    ),
    Lane: Scenario(
        make=lambda: Lane(folded(2, 2)),
        caption=(
            "Two words are stored, then visited in one pass: each is found {0} after its address; "
            "θ moves by the amount, and the sum of its products with x grows."
        ),
        inputs={
            "address": [0, 0, 1, 2, 2, 2, 2, 2, 0, 1, 2],
            "write": "00011000001100",
            "orders.take": "00011000001100",
            "orders.replace": "00011000000000",
            "orders.update": "00000000001100",
            "given": [0, 0, 0, 0.5, -0.25, 0],
            "plus": "1",
            "amount": [0.25],
            "turn.first": at(12),
            "turn.perturbed": "1",
            "x": [[0, 0]] * 12 + [[1, 1], [-1, -1], [0, 0]],
        },
        shows=(
            "address write orders.replace orders.update given amount turn.first x.0 found "
            "kept.theta sums.0"
        ),
        clocks=17,
        claims=[Claim("address", "found", lambda _: MEMORY_LATENCY, 2)],
    ),
    Signs: Scenario(
        make=lambda: Signs(folded(2, 2, 1)),
        caption=(
            "The bits of three neurons, two of them of the first group: `take` changes them, and "
            "{0} later `now` shows it. `before` is what was there with the last `hold`; `above`, "
            "those of the neurons in front, of which the first has `entering`."
        ),
        inputs={
            "entering": "1",
            "take": [0, 0b11, 0, 0b01, 0, 0, 0b10, 0],
            "bits": [0, 0b01, 0, 0b01, 0, 0, 0b10, 0],
            "group": [0, 0, 0, 1, 1, 0, 0, 0],
            "group_now": [0, 0, 0, 0, 0, 1, 0, 0],
            "hold": at(8),
        },
        shows="hold group entering take:02b bits:02b group_now before:02b above:02b now:02b",
        clocks=12,
        claims=[Claim("take", "now", 1)],
    ),
    Drain: Scenario(
        make=lambda: Drain(folded(2, 2)),
        caption=(
            "After `soon`, the sums of two lanes are complete for a clock. The activations of "
            "their neurons leave one after the other, the first one {0} after `soon`: unperturbed "
            "and perturbed."
        ),
        inputs={
            "restart": at(0),
            "soon": at(1),
            "perturb": "1",
            "last_group": "1",
            "group.last": "1",
            "group.closes": "1",
            "group.opens": "1",
            "group.ends": "1",
            "sums.0": [[0, 0]] * 3 + [[0.5, 0], [0, 0]],
            "sums.1": [[0, 0]] * 3 + [[-0.5, 0], [0, 0]],
            "change": [[0, 0]] * 3 + [[1, -1], [0, 0]],
        },
        shows="soon sums.0.0 sums.1.0 change perturb puts_out a done",
        clocks=13,
        settle=6,
        claims=[
            Claim("soon", "puts_out", "spec.leaving", more=2 + POOL_LATENCY),
        ],
    ),
    Access: Scenario(
        make=lambda: Access(folded(2, 2)),
        caption=(
            "A word of lane 1 is asked for while the engine has no use for the memories: it comes "
            "{0} later. The next request, of lane 0, has to wait until they are `free`."
        ),
        inputs={
            "request.ask": "01111111001111111110",
            "request.lane": [1] * 9 + [0],
            "request.address": [2] * 9 + [1],
            "free": "11111111100001",
            "found": [[0, 0]] * 5 + [[3, 9]] + [[0, 0]] * 10 + [[5, 7], [0, 0]],
        },
        shows="request.ask request.lane request.address free found granted address word came",
        clocks=21,
        claims=[Claim("request.ask", "came")],
    ),
    FoldedSamples: Scenario(
        make=lambda: FoldedSamples(
            derive.folded_samples(config(2, 1, inputs="bipolar", binary_targets=True, data_seed=1))
        ),
        caption=(
            "The inputs of a sample come one after the other: after `first` from the beginning, "
            "each {0} after `next`. `advance` moves on to the next sample."
        ),
        inputs={
            "seed": [0x2545F491],
            "restart": at(0),
            "advance": at(3, 12),
            "first": at(6, 15),
            "next": at(7, 8, 16, 18),
        },
        shows="restart advance first next index x t",
        clocks=23,
        claims=[Claim("next", "x", lambda _: SAMPLE_LATENCY, 2)],
    ),
    Engine: Scenario(
        make=lambda: Engine(folded(2, 1)),
        caption=(
            "A pass of a neuron with two inputs, whose weights were filled before: the sample's "
            "inputs are asked for, and `done` comes {0} after `start`; then both outputs are "
            "there, unperturbed and perturbed."
        ),
        inputs={
            "fill": at(1, 20, 40, 60),
            "bit_of_theta": [0] * 19 + [1] * 20 + [2] * 20 + [3] * 20,
            "random": "01100101110100101101" * 4,
            "start": at(81),
            "perturb": "0" * 80 + "1",
            "draw": "0" * 80 + "1",
            "entering": "1",
            "sample": [0] * 88 + [0.5, -0.5, 0],
        },
        shows="start perturb draw entering sample first_input next_input y.0.0 y.1.0 done",
        first=80,
        clocks=24,
        claims=[Claim("start", "done", "spec.pass_clocks", more=-1)],
    ),
    FoldedSchedule: Scenario(
        make=lambda: FoldedSchedule(derive.schedule(config(2, 2))),
        caption=(
            "A step: the next sample and new bits, a pass, which `begin` starts, and a wait until "
            "u is `ready`; the next pass, of step 1, updates θ."
        ),
        inputs={k: v for k, v in REGISTERS.items() if k != "tau_theta"}
        | {"filled": at(3, 5, 7, 9), "ready": at(19)},
        shows="ready phase:phase step begin update perturb draw advance perturbs next_step",
        first=11,
        clocks=14,
    ),
    FoldedTrainer: Scenario(
        make=lambda: FoldedTrainer(config(2, 1), control=True),
        caption=(
            "Two steps: the pass of each makes both evaluations at once, so that C0 and C come "
            "together; the next step's pass corrects the words by what they found."
        ),
        inputs={
            "start": "10",
            "steps": [1000],
            "check_every": [100],
            "seed": [0x79F6E5D1],
            "eta_shift": [8],
        },
        shows="busy step y.0 C C0",
        first=58,
        every=2,
        clocks=24,
    ),
}
