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
from spec.code import MAX_SINE_FRACTION, Sines, Turns, Walsh
from spec.errors import InputError
from spec.noise import Gaussian
from spec.numbers import Format
from spec.optimizer import MAX_LEFT_SHIFT
from spec.plant import DEFECT_FRACTION
from spec.tables import AUTO, key, read_table
from spec.tasks import Dataset, Inputs, Order
from spec.training import Change, Estimator, Loop, Perturbation, Training, read_training


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
class Hardware:
    """[hardware]: what makes it worse, on purpose; 0 leaves nothing of it in the gateware."""

    cost_noise: float = key(0.0, 0.0, 256.0)  # σ_C: of every perturbed cost
    update_noise: float = key(0.0, 0.0, 256.0)  # of every parameter at every update
    defects: float = key(0.0, 0.0, 1.0)  # σ_a: of a neuron's scales and offsets, for good


@dataclass(frozen=True)
class Build:
    """[build]: how the gateware is laid out; it computes the same for the same update delay."""

    rails: int = key(1, 1, 2)  # 2: an unperturbed and a perturbed evaluation in every clock
    accumulate: bool = key(True)  # False: cells have no G, for τ_θ = 1
    reuse: int = key(1, 1, 64)  # inputs of a neuron that share a cell's adders and a multiplier


TABLES: dict[str, type] = {
    "task": Task,
    "network": NetworkShape,
    "formats": Formats,
    "training": Training,
    "hardware": Hardware,
    "build": Build,
}


@dataclass(frozen=True)
class Config:
    """A checked configuration with its data. Build it with `from_dict` or `load`.

    Attributes
    ----------
    task, network, formats, training, hardware, build
        The tables of the TOML file, every key filled in.
    data : Dataset
        The samples, as integers.
    """

    task: Task
    network: NetworkShape
    formats: Formats
    training: Training
    hardware: Hardware
    build: Build
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
        task, network, formats, hardware, build = (
            read_table(name, TABLES[name], given.get(name, {}))
            for name in TABLES
            if name != "training"
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
        config = cls(task, network, formats, training, hardware, build, data)._with_update_delay()
        check_network(config)
        check_formats(config)
        return config

    @classmethod
    def load(cls, path: Path | str) -> Config:
        """Read a TOML file.

        Raises
        ------
        InputError
            If it cannot be read, or naming the key that is wrong and what is allowed.
        """
        path = Path(path)
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
        config = dataclasses.replace(self, training=read_training(given))._with_update_delay()
        check_formats(config)
        return config

    def _with_update_delay(self) -> Config:
        """Compute an update delay that is not given."""
        if self.training.update_delay != AUTO:
            return self
        from spec.timing import Timing  # which imports this file

        draining = dataclasses.replace(
            self, training=dataclasses.replace(self.training, update_delay=0)
        )
        least = Timing.of(draining).least_update_delay
        training = dataclasses.replace(self.training, update_delay=least)
        return dataclasses.replace(self, training=training)

    @property
    def update_delay(self) -> int:
        """D, in steps, between a step and the use of its u; 0 without overlap."""
        delay = self.training.update_delay
        assert isinstance(delay, int)
        return delay

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
        two Δθ; or, in the analog loop, C̃·η/(Δθ·τ_θ), so that a leaky sum G is what η·G is there.
        """
        return MAX_LEFT_SHIFT - (
            eta
            - self.training.amplitude
            + self.theta.fraction_bits
            - self.formats.cost_bits
            - self.antithetic
            - (self.leak if self.analog else 0)
        )

    @property
    def sine_fraction(self) -> int:
        """Fraction bits of θ̃ in units of Δθ: 0, but for sines."""
        if self.training.perturbation is not Perturbation.FM:
            return 0
        return min(MAX_SINE_FRACTION, self.training.amplitude + self.weight.fraction_bits)

    @property
    def perturbation_bits(self) -> int:
        """Bits of a cell's perturbation: the phase of a sine, or a sign."""
        return (
            self.code.phase_bits
            if isinstance(self.code, Sines)
            else self.training.perturbation.bits
        )

    @property
    def code(self) -> Walsh | Turns | Sines | None:
        """The periodic code of the perturbation; None for random codes."""
        kinds = {
            Perturbation.CM: Walsh,
            Perturbation.TM: Turns,
            Perturbation.FM: Sines,
            Perturbation.FM_SQUARE: Sines,
        }
        kind = kinds.get(self.training.perturbation)
        return kind(self.neurons if self.node else self.parameters) if kind else None

    @property
    def antithetic(self) -> bool:
        """Whether C̃ is the difference of two opposite perturbations."""
        return self.training.estimator is Estimator.ANTITHETIC

    @property
    def node(self) -> bool:
        """Whether only the bias cells perturb, and so the sums of their neurons."""
        return self.training.estimator is Estimator.NODE

    @property
    def shifts(self) -> int:
        """Places by which the delay line moves for a perturbation.

        In the analog loop past all cells: the high-pass remembers the perturbation before, in which
        no cell may have had a bit that another one has now.
        """
        fresh = self.analog and self.training.perturbation is Perturbation.RCM
        return self.parameters if fresh else 1

    @property
    def analog(self) -> bool:
        """Whether the loop is Algorithm 2."""
        return self.training.loop is Loop.ANALOG

    @property
    def leak(self) -> int:
        """An update leaves G - (G >> leak): momentum, or log2(τ_θ) in the analog loop."""
        training = self.training
        return training.tau_theta.bit_length() - 1 if self.analog else training.momentum

    def update_period(self, stage: Training | Change) -> int:
        """Steps between updates: τ_θ, or 1 in the analog loop."""
        return 1 if self.analog else stage.tau_theta

    @property
    def cost_noise(self) -> Gaussian | None:
        """Noise of a perturbed cost, in LSBs of 2**-cost_bits."""
        return self._noise("cost_noise", self.formats.cost_bits)

    @property
    def update_noise(self) -> Gaussian | None:
        """Noise of a cell's update, in LSBs of θ."""
        return self._noise("update_noise", self.theta.fraction_bits)

    @property
    def defects(self) -> Gaussian | None:
        """Deviation of a neuron's scales and offsets, in LSBs of 2**-DEFECT_FRACTION."""
        return self._noise("defects", DEFECT_FRACTION)

    def _noise(self, name: str, fraction_bits: int) -> Gaussian | None:
        sigma = getattr(self.hardware, name)
        return Gaussian.of(sigma, fraction_bits, f"hardware.{name}") if sigma else None

    @property
    def init_bits(self) -> int:
        """Random bits of an initial θ: ±1 ±2 … ±2**(init_bits - 1) LSBs."""
        return self.theta.fraction_bits + self.training.init

    @property
    def layer_shapes(self) -> tuple[tuple[int, int], ...]:
        """(neurons, weights of a neuron, its bias among them) of each layer."""
        sizes = self.network.layers
        return tuple((sizes[k + 1], sizes[k] + 1) for k in range(len(sizes) - 1))

    @property
    def neurons(self) -> int:
        """Number of neurons."""
        return sum(neurons for neurons, _ in self.layer_shapes)

    def neuron_number(self, layer: int, neuron: int) -> int:
        """Number of a neuron in documented order."""
        return sum(neurons for neurons, _ in self.layer_shapes[:layer]) + neuron

    def first_cell(self, layer: int, neuron: int) -> int:
        """Number of a neuron's first cell in documented order."""
        before = sum(neurons * weights for neurons, weights in self.layer_shapes[:layer])
        return before + neuron * self.layer_shapes[layer][1]

    @property
    def parameters(self) -> int:
        """P, the number of synapse cells."""
        return sum(neurons * weights for neurons, weights in self.layer_shapes)

    def sharing(self, layer: int) -> tuple[range, ...]:
        """Which of a neuron's weights share a cell: as few cells as can be, as even as can be."""
        _, weights = self.layer_shapes[layer]
        cells = -(-weights // self.build.reuse)
        ends = [weights * k // cells for k in range(cells + 1)]
        return tuple(range(ends[k], ends[k + 1]) for k in range(cells))

    def activation_of(self, layer: int) -> Activation:
        """Activation of a layer, 0 being the first with neurons."""
        last = layer == len(self.layer_shapes) - 1
        return self.network.output if last else self.network.hidden

    def range_of(self, layer: int) -> tuple[int, int]:
        """Lowest and highest activation of a layer, in LSBs; thrice as wide with defects."""
        low, high = self.activation_of(layer).range(self.formats.activation_bits)
        wider = high - low if self.hardware.defects else 0
        return low - wider, high + wider

    def table_of(self, kind: Activation) -> activation.Table:
        """Table of a tabled activation in this config's formats."""
        return activation.table(kind, self.formats.activation_bits, self.training.amplitude)
