"""Waveforms of the optimizer."""

from __future__ import annotations

from typing import Any

from hdl.number import fixed
from hdl.optimizer import perturbation
from hdl.optimizer.bank import Bank
from hdl.optimizer.cell import Cell
from hdl.optimizer.change import ChangeInCost
from hdl.optimizer.optimizer import Optimizer
from hdl.optimizer.perturbation.base import Source
from hdl.optimizer.perturbation.ternary import TwoBits
from hdl.optimizer.perturbation.turns import Rota
from hdl.optimizer.perturbation.walsh import Columns
from hdl.optimizer.schedule.drained import Schedule
from hdl.optimizer.schedule.initial import InitialTheta
from hdl.optimizer.schedule.overlapped import OverlappedSchedule
from hdl.optimizer.schedule.patient import PatientSchedule
from hdl.optimizer.schedule.plan import Plan
from spec import derive
from spec.config import Config
from spec.external import derive as derive_external
from spec.optimizer import Stage
from tests.configs import perceptron
from tests.hdl.waveforms.scenario import Claim, Scenario, at
from tests.plants import external

EXTERNAL = external(parameters=2, samples=2, cost_width=8)

FORMATS: dict[str, Any] = {"theta": "Q2.4", "weight_bits": 5, "bus_bits": 4, "gradient_bits": 5}
FORMATS |= {"amplitude": -2, "init": 0, "eta": -1}


def small(*layers: int, **keys: Any) -> Config:
    """Configure a network with few bits."""
    return perceptron(*layers, **FORMATS | keys)


def source(kind: str) -> Any:
    """Return the source of a kind of perturbation, for three cells."""
    return perturbation.of(derive.perturbation(small(2, 1, perturbation=kind))).source()


def _cell() -> Cell:
    config = small(1, 1)
    return Cell(derive.cell(config), fixed.of(derive.bus(config)))


REGISTERS: dict[str, Any] = {"tau_p": [1], "tau_x": [2], "tau_theta": [2], "check_every": [100]}
REGISTERS |= {"steps": [1000], "start": "10"}
"""Of a schedule; it starts in the first clock."""


SCENARIOS = {
    Cell: Scenario(
        make=_cell,
        caption=(
            "`accumulate` adds contributions to G, which saturates; `update` moves θ by −G. A tag "
            "with `perturb` puts θ + θ̃ on the weight, {0} later; with `negate`, θ − θ̃."
        ),
        inputs={
            "bus.perturb": "010",
            "line_i.bit": "1",
            "contribution": [0, 0, -0.25, -0.25, -0.4375, -0.4375, 0],
            "strobes.accumulate": "00111100",
            "strobes.update": "0000000100",
            "strobes.write": "0000000100",
            "tags.0.perturb": "00000000001100",
            "tags.0.negate": "00000000000100",
        },
        shows=(
            "bus.perturb line_i.bit contribution strobes.accumulate strobes.update tags.0.perturb "
            "tags.0.negate tilde.plus state.theta state.G weights.0"
        ),
        clocks=15,
        claims=[Claim("tags.0.perturb", "weights.0"), Claim("strobes.update", "state.theta")],
    ),
    Bank: Scenario(
        make=lambda: Bank(derive.bank(small(1, 1))),
        caption=(
            "Two cells in a line: each `perturb` moves the bits on by a cell. Both hear the same u "
            "and add it up by the sign of their own bit; an evaluation with `perturb` sees both "
            "weights perturbed, {0} later."
        ),
        inputs={
            "line.bit": "1100",
            "bus.perturb": "011000",
            "tag.perturb": "00001000",
            "bus.u": [0, 0, 0, 0, 0, 0, 0.25, 0],
            "bus.accumulate": "0000001000",
            "bus.update": "000000001000",
        },
        shows=(
            "line.bit bus.perturb tag.perturb bus.u bus.accumulate bus.update cells.0.perturbation "
            "cells.1.perturbation cells.0.G cells.1.G cells.0.theta cells.1.theta weights.block_0"
        ),
        clocks=11,
        claims=[Claim("tag.perturb", "weights.block_0")],
    ),
    ChangeInCost: Scenario(
        make=lambda: ChangeInCost(derive.change(small(1, 1))),
        caption=(
            "A cost that is held becomes C0; of a perturbed one, C̃ = C − C0, and {1} after C it "
            "is u, scaled and rounded. From the cost to C it is {0}. The second C̃ is too large: u "
            "saturates, and `saturated` says so."
        ),
        inputs={
            "eta_shift": [7],
            "tag_i.hold": "010000000",
            "tag_i.perturb": "001000010",
            "costs": [[0], [0.125], [0.25], [0], [0], [0], [0], [1], [0]],
        },
        shows="costs tag_i C C0 C_tilde u ready saturated",
        clocks=15,
        claims=[
            Claim("costs", "C", "spec.register_latency"),
            Claim("C", "u", "spec.latency", 1),
        ],
    ),
    Source: Scenario(
        make=lambda: source("rcm"),
        caption=(
            "The head of the line of random bits: each `shift` brings the next one, {0} later; "
            "`load` starts over from the seed."
        ),
        inputs={"seed": [0xA5F00000], "load": "010", "shift": "00011111111111110"},
        shows="seed:#x load shift line.bit",
        clocks=18,
        claims=[Claim("load", "line.bit")],
    ),
    TwoBits: Scenario(
        make=lambda: source("ternary"),
        caption=(
            "Two random bits a `shift`: the sign, and whether θ̃ is not 0, unrelated to it. After "
            "`load`, the bits of the seed are there {0} later."
        ),
        inputs={"seed": [0xA5F00000], "load": "010", "shift": "00011111111111110"},
        shows="seed:#x load shift line.bit line.active",
        clocks=18,
        claims=[Claim("load", "line.bit")],
    ),
    Rota: Scenario(
        make=lambda: source("tm"),
        caption=(
            "Three cells in turn: whose turn it is changes {0} after `perturb`, and comes round "
            "again; the seed says where it begins, and with which stride."
        ),
        inputs={"seed": [0x60000001], "load": "010", "perturb": "000101110110"},
        shows="seed:#x load perturb broadcast.turn_of",
        clocks=13,
        claims=[Claim("perturb", "broadcast.turn_of")],
    ),
    Columns: Scenario(
        make=lambda: source("cm"),
        caption=(
            "The columns of a Walsh code for three cells: 0, then the others in the order of an "
            "LFSR, then all with the other sign; the next one is there {0} after `perturb`."
        ),
        inputs={"seed": [0xCAFE0003], "load": "010", "perturb": "00011111111110"},
        shows="seed:#x load perturb broadcast.column broadcast.negative",
        clocks=14,
        claims=[Claim("perturb", "broadcast.column")],
    ),
    InitialTheta: Scenario(
        make=lambda: InitialTheta(derive.schedule(small(1, 1, init=1))),
        caption=(
            "The bus carries ever higher bits of the initial θ; those above its range as bursts of "
            "its largest bit: `again` says that the same update is to come once more."
        ),
        inputs={"end": "0101010101010101010101"},
        shows="end init_u again last",
        clocks=22,
        claims=[Claim("end", "init_u", 1)],
    ),
    Plan: Scenario(
        make=lambda: Plan((Stage(2, 1, 8, 1, 6), Stage(4, 1, 8, 4, 7))),
        caption=(
            "The registers hold until step 2; then τ_x, τ_θ and η are those of the plan. `restart` "
            "comes with the `end` of the step before, in the same clock; the new values {0} later."
        ),
        inputs={
            "tau_p_i": [1],
            "tau_x_i": [4],
            "tau_theta_i": [1],
            "eta_shift_i": [5],
            "step": [0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 5, 0],
            "end": "00101010101010",
            "clear": "10000000000001",
        },
        shows="clear step end tau_x_i tau_theta_i eta_shift_i restart tau_x tau_theta eta_shift",
        clocks=16,
        claims=[Claim("restart", "eta_shift", 1)],
    ),
    Schedule: Scenario(
        make=lambda: Schedule(derive.schedule(small(1, 1))),
        caption=(
            "Two steps after the initialisation, τ_x = τ_θ = 2. In the first one the sample is "
            "new, so it is evaluated without perturbation, too. Each step waits until u is "
            "`ready`, however long that takes, and accumulates {0} later. θ is updated in step 2."
        ),
        inputs=REGISTERS | {"ready": at(26, 31)},
        shows=(
            "ready phase:phase step tag.hold tag.perturb read advance perturb accumulate update "
            "next_step"
        ),
        first=20,
        clocks=15,
        claims=[Claim("ready", "accumulate", 1)],
    ),
    OverlappedSchedule: Scenario(
        make=lambda: OverlappedSchedule(derive.schedule(small(1, 1, update_delay="auto"))),
        caption=(
            "Two evaluations a step, and no gap between steps: what the first step finds is "
            "accumulated {0} after that began, which is D steps; {1} later, θ is updated. Other "
            "steps have long begun by then."
        ),
        inputs=REGISTERS | {"tau_x": [1], "tau_theta": [1]},
        shows="step tag.hold tag.perturb read advance next_step perturb accumulate update",
        first=18,
        clocks=24,
        claims=[
            Claim("next_step", "accumulate", "spec.flight"),
            Claim("accumulate", "update", 1, 1),
        ],
    ),
    PatientSchedule: Scenario(
        make=lambda: PatientSchedule(derive_external.optimizer(EXTERNAL).schedule),
        caption=(
            "An evaluation lasts until it is `answered`, and the next one begins {0} later. One "
            "that never will be is given up: the run ends, {1} later."
        ),
        inputs=REGISTERS | {"answered": at(28), "given_up": at(36)},
        shows="answered given_up phase:phase tag.hold tag.perturb busy done",
        first=24,
        clocks=15,
        claims=[Claim("answered", "tag.perturb", 1), Claim("given_up", "done", 1)],
    ),
    Optimizer: Scenario(
        make=lambda: Optimizer(derive.optimizer(small(1, 1))),
        caption=(
            "A step of two cells. The plant answers both evaluations; their costs differ by C̃, u "
            "is broadcast, G of each cell follows by the sign of its own perturbation, and then θ."
        ),
        inputs=REGISTERS
        | {
            "tau_theta": [1],
            "seed": [0x4C8D159C],
            "eta_shift": [8],
            "tag_i.hold": at(25),
            "tag_i.perturb": at(26),
            "costs": [[0]] * 25 + [[0.25], [0.375], [0]],
        },
        shows=(
            "costs tag_i phase:phase tag weights.block_0.0.0 weights.block_0.0.1 C_tilde u "
            "cells.0.G cells.1.G cells.0.theta cells.1.theta"
        ),
        first=20,
        clocks=14,
    ),
}
