"""Config: everything a training run is made of, read from TOML, checked and frozen."""

from __future__ import annotations

import dataclasses
import enum
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from spec import activation, tasks
from spec.activation import Activation
from spec.check import check_formats, check_network
from spec.code import Turns, Walsh
from spec.errors import InputError
from spec.numbers import Format
from spec.tables import key, read_table, require_table
from spec.tasks import Dataset, Inputs, Order


class Perturbation(enum.Enum):
    """How the cells perturb themselves."""

    RCM = "rcm"  # random code: a fresh ±Δθ for every cell
    CM = "cm"  # Walsh code: ±Δθ, exact after each full period
    TM = "tm"  # time multiplexing: one cell after the other, +Δθ


class Estimator(enum.Enum):
    """What C̃ is the difference of."""

    WEIGHT = "weight"  # C(θ + θ̃) - C(θ), the latter held while nothing changes
    ANTITHETIC = "antithetic"  # C(θ + θ̃) - C(θ - θ̃), halved; both measured in every step


@dataclass(frozen=True)
class Task:
    """[task]: what to learn."""

    name: str = key(None)  # xor, parity, nist7x7 or file
    bits: int = key(2, 2, 8)  # parity only: inputs
    path: str = key("")  # file only: CSV or NPZ, relative to the config
    inputs: Inputs = key(Inputs.BIPOLAR)
    order: Order = key(Order.RANDOM)


@dataclass(frozen=True)
class NetworkShape:
    """[network]: a multilayer perceptron."""

    layers: tuple[int, ...] = key(None, 1, 1024)  # inputs, neurons of each layer
    hidden: Activation = key(Activation.HARD_TANH)
    output: Activation = key(Activation.PLAN)


@dataclass(frozen=True)
class Formats:
    """[formats]: numbers; see design notes in docs/numbers.md."""

    theta: str = key("Q2.6")
    weight_bits: int = key(0, 0, 24)  # bits of θ the multiplier sees; 0: 8, or all if fewer
    activation_bits: int = key(8, 3, 14)  # fraction bits
    cost_bits: int = key(8, 2, 24)  # fraction bits
    bus_bits: int = key(8, 2, 24)  # u, in LSBs of θ
    gradient_bits: int = key(12, 2, 32)  # G, in LSBs of θ


@dataclass(frozen=True)
class Change:
    """[[training.schedule]]: values from a step on; a key left out stays as it was."""

    step: int = key(None, 1, 2**32 - 1)
    eta: int = key(None, -64, 64)
    tau_p: int = key(None, 1, 65535)
    tau_x: int = key(None, 1, 65535)
    tau_theta: int = key(None, 1, 65535)


@dataclass(frozen=True)
class Training:
    """[training]: the optimiser."""

    perturbation: Perturbation = key(Perturbation.RCM)
    estimator: Estimator = key(Estimator.WEIGHT)
    amplitude: int = key(-3, -24, 24)  # Δθ = 2**amplitude; the formats narrow it
    eta: int = key(-2, -64, 64)  # η = 2**eta; the η/Δθ shifter narrows it
    tau_p: int = key(1, 1, 65535)  # steps between perturbations
    tau_x: int = key(1, 1, 65535)  # steps between samples
    tau_theta: int = key(1, 1, 65535)  # steps between updates
    momentum: int = key(0, 0, 15)  # m: an update leaves G - G/2**m; 0 leaves nothing
    update_delay: int = key(0, 0, 0)  # D, in periods
    steps: int = key(10_000, 1, 2**32 - 1)
    seed: int = key(1, 0, 2**32 - 1)
    init: int = key(-1, -24, 24)  # initial θ in ±2**init; formats.theta narrows it
    check_every: int = key(20, 1, 65535)  # steps between checks for a solution
    solved_accuracy: float = key(-1.0, -1.0, 1.0)  # -1: 1 if all targets are 0 or 1, else 0
    solved_cost: float = key(0.04, 0.0, 256.0)  # mean cost over all samples
    schedule: tuple[Change, ...] = ()  # by step

    @property
    def stages(self) -> tuple[Training | Change, ...]:
        """Everything that holds η and the time constants: the table itself, then its changes."""
        return (self, *self.schedule)


def read_training(given: Mapping[str, Any]) -> Training:
    """Read [training] and its schedule; a change inherits what it does not set."""
    require_table("training", given)
    plain = {name: value for name, value in given.items() if name != "schedule"}
    training = read_table("training", Training, plain)
    listed = given.get("schedule", [])
    if not isinstance(listed, (list, tuple)) or not all(isinstance(c, Mapping) for c in listed):
        raise InputError("training.schedule: must be tables, written as [[training.schedule]]")
    changes: list[Change] = []
    names = [name for name in Change.__dataclass_fields__ if name != "step"]
    for k, values in enumerate(listed):
        before = changes[-1] if changes else training
        inherited = {name: getattr(before, name) for name in names}
        change = read_table(f"training.schedule[{k}]", Change, inherited | dict(values))
        if changes and change.step <= changes[-1].step:
            raise InputError(
                f"training.schedule[{k}].step = {change.step}: must come after step "
                f"{changes[-1].step}, the change before"
            )
        changes.append(change)
    return dataclasses.replace(training, schedule=tuple(changes))


TABLES: dict[str, type] = {
    "task": Task,
    "network": NetworkShape,
    "formats": Formats,
    "training": Training,
}


@dataclass(frozen=True)
class Config:
    """A checked configuration with its data. Build it with `from_dict` or `load`.

    Attributes
    ----------
    task, network, formats, training
        The tables of the TOML file, every key filled in.
    data : Dataset
        The samples, as integers.
    """

    task: Task
    network: NetworkShape
    formats: Formats
    training: Training
    data: Dataset

    @classmethod
    def from_dict(cls, given: Mapping[str, Any], folder: Path = Path()) -> Config:
        """Check a mapping of tables; `folder` is where a relative task.path starts.

        Raises
        ------
        InputError
            Naming the key that is wrong and what is allowed.
        """
        for name in given:
            if name not in TABLES:
                raise InputError(f"[{name}]: unknown table; allowed are {', '.join(TABLES)}")
        task, network, formats = (
            read_table(name, TABLES[name], given.get(name, {}))
            for name in ("task", "network", "formats")
        )
        training = read_training(given.get("training", {}))
        theta = Format.parse(formats.theta, "formats.theta")
        if formats.weight_bits == 0:
            bits = min(max(8, theta.integer_bits), theta.bits)
            formats = dataclasses.replace(formats, weight_bits=bits)
        rows = tasks.task_rows(task, folder)
        fa = formats.activation_bits
        data = tasks.dataset(rows, task.inputs, fa, network.output.range(fa))
        if training.solved_accuracy == -1:
            accuracy = 1.0 if data.binary_targets else 0.0
            training = dataclasses.replace(training, solved_accuracy=accuracy)
        config = cls(task, network, formats, training, data)
        check_network(config)
        check_formats(config)
        return config

    @classmethod
    def load(cls, path: Path) -> Config:
        """Read a TOML file."""
        try:
            given = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise InputError(f"{path}: there is no such config file") from None
        except OSError as error:
            raise InputError(f"{path}: {error.strerror}") from None
        except (ValueError, RecursionError) as error:  # a number too long, brackets too deep
            raise InputError(f"{path}: not valid TOML: {error}") from None
        try:
            return cls.from_dict(given, path.parent)
        except InputError as error:
            raise InputError(f"{path}: {error}") from None

    def with_training(self, **values: Any) -> Config:
        """Copy the config with other keys of [training], checked again."""
        given = dataclasses.asdict(self.training) | values
        config = dataclasses.replace(self, training=read_training(given))
        check_formats(config)
        return config

    def to_dict(self) -> dict[str, dict[str, Any]]:
        """Return the tables as plain values, as a TOML file would give them."""

        def plain(value: Any) -> Any:
            if isinstance(value, enum.Enum):
                return value.value
            return list(value) if isinstance(value, tuple) else value

        return {
            name: {k: plain(v) for k, v in dataclasses.asdict(getattr(self, name)).items()}
            for name in TABLES
        }

    @cached_property
    def held_out(self) -> Dataset | None:
        """Samples of the task that training never sees, if it has any."""
        fa, rows = self.formats.activation_bits, tasks.held_out_rows(self.task)
        limits = self.network.output.range(fa)
        return tasks.dataset(rows, self.task.inputs, fa, limits) if rows else None

    @cached_property
    def theta(self) -> Format:
        """Format of a parameter."""
        return Format.parse(self.formats.theta, "formats.theta")

    @cached_property
    def gradient(self) -> Format:
        """Format of G: LSBs of θ."""
        return Format.of_bits(self.formats.gradient_bits, self.theta.fraction_bits)

    @cached_property
    def bus(self) -> Format:
        """Format of u: LSBs of θ."""
        return Format.of_bits(self.formats.bus_bits, self.theta.fraction_bits)

    @cached_property
    def weight(self) -> Format:
        """Format of what the multiplier sees of θ: its top bits. θ ± Δθ needs one bit more."""
        return Format(self.theta.integer_bits, self.formats.weight_bits - self.theta.integer_bits)

    @property
    def amplitude_lsbs(self) -> int:
        """Δθ in LSBs of the multiplier's weight."""
        return 1 << (self.training.amplitude + self.weight.fraction_bits)

    @property
    def eta_shift(self) -> int:
        """Value of the `eta_shift` register at the start."""
        return self.eta_shift_of(self.training.eta)

    def eta_shift_of(self, eta: int) -> int:
        """Value of the `eta_shift` register for an η: u = RNE(C̃ · 2**(MAX_LEFT_SHIFT - eta_shift)).

        C̃ counts 2**-cost_bits, u counts LSBs of θ, and u = C̃·η/Δθ; or half of that, if C̃ spans
        two Δθ.
        """
        return MAX_LEFT_SHIFT - (
            eta
            - self.training.amplitude
            + self.theta.fraction_bits
            - self.formats.cost_bits
            - self.antithetic
        )

    @property
    def code(self) -> Walsh | Turns | None:
        """The periodic code of the perturbation; None for random codes."""
        kinds = {Perturbation.CM: Walsh, Perturbation.TM: Turns}
        kind = kinds.get(self.training.perturbation)
        return kind(self.parameters) if kind else None

    @property
    def antithetic(self) -> bool:
        """Whether C̃ is the difference of two opposite perturbations."""
        return self.training.estimator is Estimator.ANTITHETIC

    @property
    def init_bits(self) -> int:
        """Random bits of an initial θ: ±1 ±2 … ±2**(init_bits - 1) LSBs."""
        return self.theta.fraction_bits + self.training.init

    @property
    def layer_shapes(self) -> tuple[tuple[int, int], ...]:
        """(neurons, weights of a neuron, its bias among them) of each layer."""
        sizes = self.network.layers
        return tuple((sizes[k + 1], sizes[k] + 1) for k in range(len(sizes) - 1))

    def first_cell(self, layer: int, neuron: int) -> int:
        """Number of a neuron's first cell in documented order."""
        before = sum(neurons * weights for neurons, weights in self.layer_shapes[:layer])
        return before + neuron * self.layer_shapes[layer][1]

    @property
    def parameters(self) -> int:
        """P, the number of synapse cells."""
        return sum(neurons * weights for neurons, weights in self.layer_shapes)

    def activation_of(self, layer: int) -> Activation:
        """Activation of a layer, 0 being the first with neurons."""
        last = layer == len(self.layer_shapes) - 1
        return self.network.output if last else self.network.hidden

    def table_of(self, kind: Activation) -> activation.Table:
        """Table of a tabled activation in this config's formats."""
        return activation.table(kind, self.formats.activation_bits, self.training.amplitude)


MAX_LEFT_SHIFT = 4
"""C̃ is shifted left by this much and right by eta_shift, 0 to 15."""

ETA_SHIFT_BITS = 4
