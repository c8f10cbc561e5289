"""Waveforms of what an external plant needs."""

from __future__ import annotations

from typing import Any

from hdl.external.adc import AdcReader
from hdl.external.costs import ParallelCost, StreamCost
from hdl.external.dac import DacWriter
from hdl.external.device import ExternalDevice
from hdl.external.exchange import Exchange
from hdl.external.frame import FrameClock
from hdl.external.samples import SampleOrder, TaskSamples
from hdl.external.spi import SpiCost, SpiWeights
from hdl.external.tally import Tally
from hdl.external.trainer import ExternalTrainer
from hdl.external.weights import ParallelWeights, StreamWeights
from spec import derive
from spec.external.converter import AdcShape, DacShape
from spec.external.exchange import ExchangeSpec
from spec.external.plant import Way
from spec.map import Control, address_of
from spec.numbers import Format
from tests.configs import xor
from tests.hdl.waveforms.optimizer import EXTERNAL, REGISTERS
from tests.hdl.waveforms.scenario import Claim, Scenario, at

CLOCK_HZ = 10e6

DAC = DacShape(
    frame_bits=7, value_bits=6, channel_bits=1, channel_at=6, channels=2, load=True, sclk_ns=200
)
"""A bit in two clocks: a channel, then a value."""

ADC = AdcShape(frame_bits=7, value_bits=4, sclk_ns=200, command=0b1000000)

CHIP = "0" * 8 + "11001111" + "0"
"""What the ADC answers: 0b1011, a bit after each falling edge of SCLK."""

WEIGHT = Format(2, 4)


def exchange(weights: Way = Way.PARALLEL, cost: Way = Way.PARALLEL, **keys: Any) -> ExchangeSpec:
    """Return the spec of an exchange of two weights."""
    given: dict[str, Any] = {"average": 0, "settling": 0, "handshake": False, "timeout": 0}
    given |= {"cost_width": 4, "clock_hz": CLOCK_HZ, "dac": DAC, "adc": ADC}
    if weights is not Way.SPI:
        given["dac"] = None
    if cost is not Way.SPI:
        given["adc"] = None
    return ExchangeSpec(parameters=2, weight=WEIGHT, weights=weights, cost=cost, **given | keys)


SCENARIOS = {
    FrameClock: Scenario(
        make=lambda: FrameClock(DAC, CLOCK_HZ),
        caption=(
            "A frame of seven bits begins {0} after `start`; SCLK is low first, then high and low "
            "for each bit. `shift` says when the next bit is due."
        ),
        inputs={"start": at(1)},
        shows="start running shift last sclk",
        clocks=20,
        claims=[Claim("start", "running", 1)],
    ),
    DacWriter: Scenario(
        make=lambda: DacWriter(DAC, 1, CLOCK_HZ),
        caption=(
            "Value 0b110011 goes to channel 1: CS falls {0} after it was taken, and the bits go "
            "out, the highest first. `load` is remembered, and LDAC falls after the frame."
        ),
        inputs={"valid": at(1), "value": [0b110011], "channel": [1], "load": at(1)},
        shows="value:06b channel valid load ready busy cs_n sclk mosi ldac_n",
        clocks=22,
        claims=[Claim("valid", "cs_n", 1)],
    ),
    AdcReader: Scenario(
        make=lambda: AdcReader(ADC, CLOCK_HZ),
        caption=(
            "A reading: the command goes out on `mosi`, the value comes in on `miso`, and is there "
            "{0} after `start`. The chip puts out a bit after each falling edge of SCLK."
        ),
        inputs={"start": at(1), "miso": CHIP},
        shows="start miso busy cs_n sclk mosi done value",
        clocks=24,
        claims=[Claim("start", "done", lambda _: ADC.read_clocks(CLOCK_HZ))],
    ),
    ParallelWeights: Scenario(
        make=lambda: ParallelWeights(exchange()),
        caption="All weights at once; `sent` comes {0} after `send`, in which they are there.",
        inputs={"send": at(1, 4), "words": [[0, 0]] * 2 + [[0.5, -0.25]] * 3 + [[0.25, 0.75]]},
        shows="words send sent theta",
        clocks=8,
        claims=[Claim("send", "sent", 1)],
    ),
    StreamWeights: Scenario(
        make=lambda: StreamWeights(exchange(Way.STREAM)),
        caption=(
            "First both weights go, one after the other, each when the plant is `ready`; then, "
            "with only one of them changed, that one alone. `sent` comes {0} after `send`, if the "
            "plant is always ready."
        ),
        inputs={
            "send": at(1, 10),
            "words.weight": [0.5] * 3 + [-0.25] * 8 + [0.5, 0.75],
            "weight_ready": "000011111",
        },
        shows=(
            "words.weight send weight_ready words.number weight_valid weight_address weight sent"
        ),
        clocks=16,
        claims=[Claim("send", "sent", "spec.send_clocks", 2)],
    ),
    SpiWeights: Scenario(
        make=lambda: SpiWeights(exchange(Way.SPI)),
        caption=(
            "The DACs have both weights; now the second one changes: a frame for that channel "
            "only, and then LDAC, after which `sent` says that the plant has all."
        ),
        inputs={
            "send": at(1, 51),
            "words.weight": [0.5] * 3 + [-0.25] * 49 + [0.5, 0.75],
        },
        shows="words.weight send words.number sent dac_cs_n dac_sclk dac_mosi dac_ldac_n",
        first=50,
        clocks=24,
    ),
    ParallelCost: Scenario(
        make=lambda: ParallelCost(exchange()),
        caption="A conversion in every clock in which one is asked for, of what the port has then.",
        inputs={"ask": "01100100", "cost": [5, 5, 6, 7, 8, 9, 10]},
        shows="ask cost came value",
        clocks=9,
    ),
    StreamCost: Scenario(
        make=lambda: StreamCost(exchange(cost=Way.STREAM)),
        caption=(
            "A conversion of the evaluation that is asked about comes at once; one of an earlier "
            "evaluation, or that nobody asked for, is dropped, and `unasked` says so."
        ),
        inputs={
            "ask": "0111110000",
            "round": [3],
            "cost_valid": "0010100100",
            "cost_round": [0, 0, 2, 2, 3, 3, 3],
            "cost": [0, 0, 9, 9, 5, 5, 5, 7, 7],
        },
        shows="ask round cost_valid cost_round cost cost_ready came value unasked",
        clocks=10,
    ),
    SpiCost: Scenario(
        make=lambda: SpiCost(exchange(cost=Way.SPI)),
        caption=(
            "While a conversion is asked for, the ADC is read; its value is there {0} after `ask`, "
            "when `came` says so."
        ),
        inputs={"ask": "0" + "1" * 19 + "0", "adc_miso": CHIP},
        shows="ask adc_miso adc_cs_n adc_sclk adc_mosi came value",
        clocks=23,
        claims=[Claim("ask", "came", "spec.convert_clocks", more=-1)],
    ),
    Tally: Scenario(
        make=lambda: Tally(4, 6),
        caption="Costs are summed up, {0} later; `target_met` as long as the sum is below 20.",
        inputs={
            "clear": at(1, 8),
            "cost": [0, 0, 8, 8, 9, 9, 9, 5],
            "count": "001010010",
            "solved_below": [20],
        },
        shows="clear cost count solved_below cost_sum target_met",
        clocks=11,
        claims=[Claim("count", "cost_sum", 1)],
    ),
    SampleOrder: Scenario(
        make=lambda: SampleOrder(derive.samples(xor())),
        caption=(
            "Four samples in a random order: `advance` draws the next one, {0} later. In a check, "
            "`sample` is the one at `address` at once."
        ),
        inputs={
            "seed": [0x2545F491],
            "restart": at(1),
            "advance": at(4, 6, 7, 8),
            "sweep": "00000000000111100",
            "address": [0] * 12 + [1, 2, 3, 0],
        },
        shows="restart advance sweep address index sample",
        clocks=17,
        claims=[Claim("advance", "index", 1)],
    ),
    TaskSamples: Scenario(
        make=lambda: TaskSamples(derive.samples(xor()), WEIGHT),
        caption=(
            "XOR's samples for a plant that takes inputs: x and t are there {0} after `read`, x in "
            "the format of weights."
        ),
        inputs={
            "seed": [0x2545F491],
            "restart": at(1),
            "read": "00001101111100",
            "advance": "00001100000010",
            "sweep": "00000001111000",
            "address": [0] * 8 + [1, 2, 3, 0],
        },
        shows="restart read advance sweep address index sample x t",
        clocks=15,
        claims=[Claim("read", "x", 1)],
    ),
    Exchange: Scenario(
        make=lambda: Exchange(exchange(settling=3, average=1)),
        caption=(
            "An evaluation: weights go out, the plant has three clocks to settle, two conversions "
            "are summed up, and the answer comes {0} after the tag."
        ),
        inputs={
            "tag_i.perturb": "0111111110",
            "words": [[0, 0], [0, 0], [0.5, -0.25]],
            "cost": [9, 9, 9, 9, 7, 6, 5, 4, 4, 4],
        },
        shows="tag_i.perturb words cost theta evaluate means tag.perturb round",
        clocks=12,
        claims=[Claim("tag_i.perturb", "tag.perturb", "spec.clocks")],
    ),
    ExternalTrainer: Scenario(
        make=lambda: ExternalTrainer(EXTERNAL),
        caption=(
            "A step: weights without and with perturbation are put out, with `evaluate`, and the "
            "plant's `cost` of each is taken; then the next step begins."
        ),
        inputs={**REGISTERS, "tau_x": [1], "tau_theta": [1], "eta_shift": [6], "seed": [0x4C8D159C]}
        | {"cost": [100] * 29 + [100, 100, 120]},
        shows="cost busy step sample new_sample theta evaluate",
        first=23,
        clocks=24,
    ),
    ExternalDevice: Scenario(
        make=lambda: ExternalDevice(EXTERNAL, int(CLOCK_HZ)),
        caption=(
            "A link writes 1 to `control`: once the write is done, the trainer is busy, and goes "
            "on by itself."
        ),
        inputs={
            "bus.address": [0, address_of("control")],
            "bus.write_data": [0, Control.START],
            "bus.write": "01111110",
        },
        shows="bus.address:#x bus.write_data bus.write bus.done bus.refused busy",
        clocks=12,
    ),
}
