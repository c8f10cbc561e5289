"""What a recording shows, in the units of the loop: samples, θ̃, costs, C̃ and u, G and θ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from model.folded import places
from model.number.fixed import Ints
from model.optimizer import perturbation
from model.optimizer.cells import SynapseCells
from model.optimizer.schedule import PERIODS, Schedule
from sim.waves import Changes, Recording
from spec import derive, probe
from spec.config import Config
from spec.external import derive as external
from spec.external.config import ExternalConfig
from spec.external.registers import probe as external_probe
from spec.external.registers import values as external_values
from spec.folded import FoldedSpec
from spec.optimizer import MAX_LEFT_SHIFT, OptimizerSpec
from spec.phase import Phase
from spec.plant import Engine, SamplesSpec
from spec.probe import Field
from spec.registers import register_values

MOST_SEEN = 4
"""Inputs, or targets, of a sample that are shown; of larger samples, only their numbers are."""


@dataclass(frozen=True)
class Subject:
    """What is recorded, and what its numbers mean.

    Parameters
    ----------
    config : Config or ExternalConfig
    title : str
    fields : tuple of Field
        Of the probe.
    optimizer : OptimizerSpec
    registers : mapping of str to int
    samples : SamplesSpec or None
        None if the plant keeps them to itself.
    folded : FoldedSpec or None
        None of a spatial engine.
    """

    config: Config | ExternalConfig
    title: str
    fields: tuple[Field, ...]
    optimizer: OptimizerSpec
    registers: Mapping[str, int]
    samples: SamplesSpec | None
    folded: FoldedSpec | None = None

    @classmethod
    def of(cls, config: Config, name: str) -> Self:
        """Return that of a network of ours, whose config has this name."""
        folded = config.build.engine is Engine.FOLDED
        return cls(
            config,
            f"{name}, {config.network.title}",
            probe.fields(config),
            derive.optimizer(config),
            register_values(config),
            derive.samples(config),
            derive.folded(config) if folded else None,
        )

    @classmethod
    def of_external(cls, config: ExternalConfig, name: str) -> Self:
        """Return that of an external plant, whose config has this name."""
        return cls(
            config,
            name,
            external_probe(config),
            external.optimizer(config),
            external_values(config),
            external.samples(config) if config.data else None,
        )

    @property
    def in_steps(self) -> bool:
        """Whether clocks are counted in steps: they overlap, or are passes of a folded engine."""
        return bool(self.optimizer.bank.update_delay or self.folded)

    @property
    def gain(self) -> float:
        """What u is for a C̃ of 1, as long as it is neither rounded nor saturated, nor η changed."""
        change, shift = self.optimizer.change, self.registers["eta_shift"]
        exponent = MAX_LEFT_SHIFT - shift + change.cost_fraction_bits - change.bus.fraction_bits
        return 2.0**exponent


@dataclass(frozen=True)
class Line:
    """A signal over time, in its unit.

    Parameters
    ----------
    name : str
        x, t, sample, C, C0, C_tilde, u, theta_tilde, G or theta.
    place : int or None
        Which input, target or cell it is of.
    clocks : array of int
        From which on it has the values, ascending.
    values : array of float
    """

    name: str
    place: int | None
    clocks: Ints
    values: np.ndarray

    @property
    def full_name(self) -> str:
        """Its name, with the place."""
        return self.name if self.place is None else f"{self.name}_{self.place}"

    def since(self, start: int) -> Line:
        """Return the same from a clock on."""
        clocks, values = since(start, (self.clocks, self.values))
        return Line(self.name, self.place, clocks, values)


def since(start: int, changes: Changes) -> Changes:
    """Return changes from a clock on; the first one is to the value that was there before."""
    clocks, values = changes
    first = max(0, int(np.searchsorted(clocks, start, side="right")) - 1)
    return clocks[first:].clip(start), values[first:]


def lines(subject: Subject, recording: Recording, cells: Sequence[int]) -> list[Line]:
    """Return what the gateware did, from its first clock on; of cells, these."""
    change, shown = subject.optimizer.change, _samples(subject, recording)
    fractions = {"C": change.cost_fraction_bits}
    if not change.analog:  # which has C of the step before there
        fractions["C0"] = change.cost_fraction_bits
    fractions["C_tilde"] = change.cost_fraction_bits + change.guard
    fractions["u"] = change.bus.fraction_bits
    for name, fraction in fractions.items():
        shown.append(_scaled(name, None, recording.changes(name), 2.0**-fraction))
    return shown + _cells(subject, recording, cells)


def _scaled(name: str, place: int | None, changes: Changes, unit: float) -> Line:
    clocks, values = changes
    return Line(name, place, clocks, values * unit + 0.0)  # no -0


def _samples(subject: Subject, recording: Recording) -> list[Line]:
    """Inputs and targets, or the sample's number."""
    clocks, number = recording.changes("sample")
    spec = subject.samples
    if spec is None or not 0 < spec.data.inputs <= MOST_SEEN or spec.data.outputs > MOST_SEEN:
        return [_scaled("sample", None, (clocks, number), 1.0)]
    found, data = [], spec.data
    for name, table, fraction in (
        ("x", data.x, spec.input.fraction_bits), ("t", data.t, data.fraction_bits)
    ):  # fmt: skip
        columns = np.array(table)[number].T
        found += [
            _scaled(name, k, (clocks, column), 2.0**-fraction) for k, column in enumerate(columns)
        ]
    return found


def _cells(subject: Subject, recording: Recording, cells: Sequence[int]) -> list[Line]:
    """θ̃, G and θ of cells, as far as the probe has them.

    Words of memory are seen in sweeps, and have another θ̃ before they are seen again.
    """
    bank = subject.optimizer.bank
    spec, found = bank.cell, []
    stored = subject.folded.stored_bits if subject.folded else not bank.memory
    if stored:
        code, units = perturbation.of(bank, [1]), SynapseCells(bank, 1).unit
        for cell in cells:
            clocks, held = _changes(subject, recording, "perturbation", cell)
            code.line = held[None]  # a sign, a code or a phase, of which it makes θ̃
            unit = float(units[cell]) * 2.0**-spec.weight.fraction_bits
            found.append(_scaled("theta_tilde", cell, (clocks, code.theta_tilde[0]), unit))
    if subject.folded is None and spec.accumulate:
        unit = 2.0**-spec.gradient.fraction_bits
        found += [
            _scaled("G", cell, _changes(subject, recording, "G", cell), unit) for cell in cells
        ]
    unit = 2.0**-spec.theta.fraction_bits
    return found + [
        _scaled("theta", cell, _changes(subject, recording, "theta", cell), unit) for cell in cells
    ]


def _changes(subject: Subject, recording: Recording, name: str, cell: int) -> Changes:
    """Return what a cell holds; if that is a word of memory, as it was written into it."""
    if subject.folded is not None:
        field, (address, lane) = "address", (int(each[cell]) for each in places(subject.folded))
    elif subject.optimizer.bank.memory:
        field, address, lane = "number", cell, 0
    else:
        return recording.changes(name, cell)
    moved = [recording.changes(seen, lane)[0] for seen in ("written", name)]
    clocks = np.unique(np.concatenate([recording.changes(field)[0], *moved]))
    here = recording.at(clocks, field) == address
    clocks = clocks[here & (recording.at(clocks, "written", lane) == 1)]
    values = recording.at(clocks, name, lane)
    new = np.append(True, values[1:] != values[:-1])
    return clocks[new], values[new]


def step_clocks(subject: Subject, recording: Recording) -> list[int]:
    """Return the clocks in which the steps 0 … N begin: item 2 of the loop; with overlap, item 3.

    The last one ends the recording.
    """
    clocks, step = recording.changes("step")
    began = dict(zip(step.tolist(), clocks.tolist(), strict=True))
    ahead = 1 if subject.optimizer.bank.update_delay else 0  # `step` is, of an evaluation
    assert recording.start is not None
    return [
        max(recording.start, began.get(n + ahead, recording.clock))
        for n in range(recording.steps + 1)
    ]


def strobes(subject: Subject, recording: Recording) -> dict[str, list[int]]:
    """Return in which clocks τ_p, τ_x and τ_θ elapse.

    What is due in which step is the schedule's; in which clock that is, the gateware's. The change
    is seen in the next clock at the earliest. With overlap, an update comes D steps after the step
    that it ends.
    """
    schedule = Schedule(subject.optimizer, subject.registers)
    overlaps, flight = subject.optimizer.bank.update_delay > 0, subject.optimizer.schedule.flight
    changed, phase = recording.changes("phase")
    readings = changed[phase == Phase.STEP]
    found: dict[str, list[int]] = {name: [] for name in PERIODS}
    began = step_clocks(subject, recording)
    for n, clock in enumerate(began):
        if n and schedule.update():
            found["tau_theta"].append(began[n - 1] + flight if overlaps else clock)
        if n < recording.steps:
            reads = clock if overlaps else int(readings[np.searchsorted(readings, clock)])
            if schedule.perturb():
                found["tau_p"].append(reads)
            if schedule.sample():
                found["tau_x"].append(reads)
        schedule.next_step()
    return {name: [k for k in clocks if k < recording.clock] for name, clocks in found.items()}
