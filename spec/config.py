"""Config: everything a training run is made of, read from TOML, checked and frozen."""

from __future__ import annotations

import dataclasses
import enum
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from spec import tasks
from spec.check import check_idle, check_network, check_room, check_task, check_training
from spec.errors import InputError
from spec.eta import eta_number
from spec.keys import AUTO, Columns, key, read_table
from spec.network import LayerEstimator, NetworkShape, read_network
from spec.numbers import Format
from spec.plant import Engine, Multipliers, Pipeline
from spec.tasks import Dataset, Inputs, Kind, Missing, Order, Scale
from spec.timing import Timing
from spec.training import Training, read_training

if TYPE_CHECKING:
    from spec.data.own import OwnData
    from spec.data.table import Source


@dataclass(frozen=True)
class Task:
    """[task]: what to learn."""

    name: str = key(None)  # xor, parity, nist7x7, file, or one of tasks.IMAGES
    bits: int = key(2, 2, 8)  # parity only: inputs
    path: str = key("")  # tasks.OWN only, as all below `order`; relative to the config
    inputs: Inputs = key(Inputs.BIPOLAR)
    order: Order = key(Order.RANDOM)
    target: Columns = key(())  # what is to be learnt
    columns: Columns = key(())  # the inputs; none: all others
    kind: Kind = key(Kind.AUTO)  # of the target
    scale: Scale = key(Scale.NONE)  # of the inputs
    missing: Missing = key(Missing.REFUSE)
    test: float = key(0.0, 0.0, 1.0)  # fraction of the samples for the test
    test_path: str = key("")  # or a file of them
    validation: float = key(0.0, 0.0, 1.0)  # fraction of the others that decides, untrained
    split_seed: int = key(1, 0, 2**32 - 1)  # draws the samples for both


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

    engine: Engine = key(Engine.SPATIAL)
    lanes: int = key(1, 1, 256)  # folded only: neurons at once
    lane_multipliers: int = key(1, 1, 2)  # folded only: 2, and both evaluations go on at once
    serial_cost: bool = key(False)  # folded only: one output after the other, in less logic
    word_ports: int = key(2, 1, 2)  # folded only: 1, and words are read, or written, in a clock
    rails: int = key(1, 1, 2)  # 2: an unperturbed and a perturbed evaluation in every clock
    accumulate: bool = key(True)  # False: cells have no G, for τ_θ = 1
    multipliers: Multipliers = key(Multipliers.INFERRED)
    pipeline: Pipeline = key(Pipeline.DEEP)  # between registered multipliers
    link: bool | str = key(AUTO)  # whether a computer can talk to it; auto: if there is a port
    baud: int = key(1_000_000, 9_600, 12_000_000)  # bits a second of the link
    samples: int | str = key(AUTO, 1, tasks.MAX_SAMPLES)  # room for so many; auto: the task's


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
    own : OwnData or None
        What was made of the user's files, if the task is one of `tasks.OWN`.
    """

    task: Task
    network: NetworkShape
    formats: Formats
    training: Training
    hardware: Hardware
    build: Build
    data: Dataset
    own: OwnData | None = None

    @classmethod
    def from_dict(
        cls, given: Mapping[str, Any], folder: Path = Path(), source: Source | None = None
    ) -> Self:
        """Check a mapping of tables.

        Parameters
        ----------
        given : mapping
            As a TOML file would give it.
        folder : Path
            Where a relative task.path starts.
        source : Source, optional
            The samples of a task "file", in place of those of a file.

        Raises
        ------
        InputError
            Naming the key that is wrong and what is allowed.
        """
        tables = _read_tables(given)
        task, network, fa = tables["task"], tables["network"], tables["formats"].activation_bits
        check_task(task)
        own = None
        if task.name in tasks.OWN:
            from spec.data import own as own_data  # only here: spec/ is plain Python but for that
            from spec.data.coding import Coding

            coding = Coding(task.inputs, network.output, fa)
            own = own_data.prepare(task, folder, coding, network, source)
            data = own.train.data
        else:
            data = tasks.dataset(tasks.task_rows(task), task.inputs, fa, network.output.range(fa))
        goal = tables["training"].with_goal(own=own is not None, binary=data.binary_targets)
        config = cls(**tables | {"training": goal}, data=data, own=own)
        check_idle(config)
        check_network(config)
        check_room(config)
        config = config._with_update_delay()
        check_training(config)
        return config

    @classmethod
    def without_samples(cls, given: Mapping[str, Any]) -> Self:
        """Return the tables alone, without data: enough to evaluate a network, not to train one.

        Raises
        ------
        InputError
            Naming the key that is wrong by itself; keys are not checked against each other.
        """
        tables = _read_tables(given)
        return cls(**tables, data=Dataset((), (), tables["formats"].activation_bits))

    @classmethod
    def load(cls, path: Path | str, data: Path | None = None) -> Self:
        """Read a TOML file.

        Parameters
        ----------
        path : Path or str
        data : Path, optional
            Where the samples are, in place of its task.path; relative to the current folder.

        Raises
        ------
        InputError
            If it cannot be read, or naming the key that is wrong and what is allowed.
        """
        path = Path(path)
        given = read_toml(path)
        if data is not None and isinstance(given.get("task"), dict):
            given["task"]["path"] = str(data.absolute())
        try:
            return cls.from_dict(given, path.parent)
        except InputError as error:
            raise InputError(f"{path}: {error}") from None

    def with_training(self, **values: Any) -> Self:
        """Copy the config with other keys of [training], checked again."""
        given = dataclasses.asdict(self.training) | values
        own, binary = self.own is not None, self.data.binary_targets
        training = read_training(given).with_goal(own=own, binary=binary)
        config = dataclasses.replace(self, training=training)._with_update_delay()
        check_training(config)
        return config

    def with_tables(self, given: Mapping[str, Mapping[str, Any]]) -> Self:
        """Copy the config with other keys of any table but [task], checked again.

        The samples stay as they are: no key may change that says how they are coded.

        Raises
        ------
        InputError
            Naming the key that is wrong and what is allowed.
        """
        tables = self.to_dict()
        read = _read_tables(
            {name: {**keys, **given.get(name, {})} for name, keys in tables.items()}
        )
        config = dataclasses.replace(self, **read | {"training": self.training})
        assert config.task == self.task
        shape, other = self.network, config.network
        assert (shape.sizes[0], shape.sizes[-1]) == (other.sizes[0], other.sizes[-1])
        assert shape.output is other.output
        assert self.formats.activation_bits == config.formats.activation_bits
        check_room(config)
        config = config.with_training(**given.get("training", {}))
        check_idle(config)
        return config

    def _with_update_delay(self) -> Self:
        """Compute an update delay that is not given."""
        if self.training.update_delay != AUTO:
            return self
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

    @property
    def eta(self) -> int:
        """log2 η at the start, which must be chosen by now (`model.eta.chosen`)."""
        return eta_number(self.training.eta)

    def to_dict(self) -> dict[str, dict[str, Any]]:
        """Return the tables as plain values, as a TOML file would give them."""
        return plain_tables({name: getattr(self, name) for name in TABLES})

    @cached_property
    def held_out(self) -> Dataset | None:
        """Samples of the task that training never sees, if it has any."""
        if self.own:
            return self.own.test and self.own.test.data
        fa, rows = self.formats.activation_bits, tasks.held_out_rows(self.task)
        limits = self.network.output.range(fa)
        return tasks.dataset(rows, self.task.inputs, fa, limits) if rows else None

    @property
    def layer_shapes(self) -> tuple[tuple[int, int], ...]:
        """(neurons, weights of a neuron, its bias among them) of each layer that has some."""
        return self.network.weights

    @property
    def by_node(self) -> tuple[bool, ...]:
        """Whether each of these layers perturbs its neurons' sums, and not its weights."""
        usual = LayerEstimator.NODE if self.training.node else LayerEstimator.WEIGHT
        return tuple(layer.by_node(usual) for layer in self.network.all if layer.trained)

    @property
    def parameters(self) -> int:
        """P, the number of synapse cells."""
        return sum(neurons * weights for neurons, weights in self.layer_shapes)

    @property
    def samples(self) -> int:
        """How many samples training has, all of which a check evaluates."""
        return len(self.data)

    @property
    def perturbed(self) -> int:
        """How many of them a periodic code tells apart: with node perturbation, the neurons."""
        return sum(self.network.sizes[1:]) if self.training.node else self.parameters


def plain_tables(tables: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return tables as plain values, as a TOML file would give them."""

    def plain(value: Any) -> Any:
        if isinstance(value, enum.Enum):
            return value.value
        if isinstance(value, dict):
            return {k: plain(v) for k, v in value.items()}
        return [plain(v) for v in value] if isinstance(value, (tuple, list)) else value

    return {name: plain(dataclasses.asdict(table)) for name, table in tables.items()}


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file, unchecked.

    Raises
    ------
    InputError
        If it cannot be read, or is no TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such config file") from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:  # a number too long, brackets too deep
        raise InputError(f"{path}: not valid TOML: {error}") from None


def _read_tables(given: Mapping[str, Any]) -> dict[str, Any]:
    """Read the tables, each by itself."""
    for name in given:
        if name not in TABLES:
            raise InputError(f"[{name}]: unknown table; allowed are {', '.join(TABLES)}")
    tables = {
        name: read_table(name, cls, given.get(name, {}))
        for name, cls in TABLES.items()
        if name not in ("network", "training")
    }
    tables["network"] = read_network(given.get("network", {}))
    tables["training"] = read_training(given.get("training", {}))
    formats = tables["formats"]
    theta = Format.parse(formats.theta, "formats.theta")
    if formats.weight_bits == 0:
        bits = min(max(8, theta.integer_bits), theta.bits)
        tables["formats"] = dataclasses.replace(formats, weight_bits=bits)
    return tables
