"""Every wrong key, type and value is refused in one line that names it and what is allowed."""

import dataclasses
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from spec import derive
from spec.activation import Activation
from spec.config import TABLES, Config
from spec.errors import InputError
from tests.conftest import examples

Build = Callable[..., Config]
Refusal = Callable[..., str]

WRONG_TYPES = {
    int: ("a whole number", (True, 1.0, "1", [1], {})),
    float: ("a number", (True, "1", [1.0])),
    str: ("a string", (1, True, ["xor"], {})),
    tuple[int, ...]: ("a list of whole numbers", (2, "2", [2.0], [True], ["2"], [[2]], {})),
}

TYPE_CASES = [
    (table, field.name, value, WRONG_TYPES[kind][0])
    for table, cls in TABLES.items()
    for field in dataclasses.fields(cls)
    if (kind := typing.get_type_hints(cls)[field.name]) in WRONG_TYPES
    for value in WRONG_TYPES[kind][1]
]


@pytest.mark.parametrize(("table", "key", "value", "allowed"), TYPE_CASES)
def test_wrong_type(
    xor: Build, refusal: Refusal, table: str, key: str, value: Any, allowed: str
) -> None:
    assert refusal(xor, **{table: {key: value}}) == f"{table}.{key} = {value!r}: must be {allowed}"


@pytest.mark.parametrize(
    ("table", "key", "allowed"),
    [
        ("task", "inputs", "'bipolar', 'unipolar', 'fixed'"),
        ("task", "order", "'random', 'sequential'"),
        ("network", "hidden", "'hard_tanh', 'hard_sigmoid', 'plan', 'sigmoid', 'tanh', 'relu'"),
        ("network", "output", "'tanh', 'relu', 'identity'"),
        ("training", "perturbation", "'rcm'"),
    ],
)
@pytest.mark.parametrize("value", ["none", "RANDOM", "", 1, True, ["rcm"], {}])
def test_wrong_choice(
    xor: Build, refusal: Refusal, table: str, key: str, allowed: str, value: Any
) -> None:
    text = refusal(xor, **{table: {key: value}})
    assert text.startswith(f"{table}.{key} = {value!r}: must be one of ")
    assert allowed in text


LIMITS = [  # (table, key, lowest, other keys it needs, highest, other keys it needs)
    (
        "formats",
        "weight_bits",
        0,
        {},
        24,
        {"formats": {"theta": "Q2.22"}, "training": {"eta": -13}},
    ),
    ("formats", "activation_bits", 3, {"formats": {"cost_bits": 6}}, 14, {}),
    (
        *("formats", "cost_bits"),
        *(2, {"training": {"eta": -3}}),
        *(24, {"formats": {"activation_bits": 12}, "training": {"eta": 5}}),
    ),
    ("formats", "bus_bits", 2, {}, 24, {"formats": {"gradient_bits": 24}}),
    ("formats", "gradient_bits", 2, {"formats": {"bus_bits": 2}}, 32, {}),
    ("training", "tau_p", 1, {}, 65535, {}),
    ("training", "tau_x", 1, {}, 65535, {}),
    ("training", "tau_theta", 1, {}, 65535, {}),
    ("training", "steps", 1, {}, 2**32 - 1, {}),
    ("training", "seed", 0, {}, 2**32 - 1, {}),
    ("training", "check_every", 1, {}, 65535, {}),
]


@pytest.mark.parametrize(("table", "key", "low", "with_low", "high", "with_high"), LIMITS)
def test_limits(
    xor: Build,
    refusal: Refusal,
    table: str,
    key: str,
    low: int,
    with_low: dict[str, Any],
    high: int,
    with_high: dict[str, Any],
) -> None:
    for value, others in ((low, with_low), (high, with_high)):
        config = xor(**{**others, table: {**others.get(table, {}), key: value}})
        if (key, value) != ("weight_bits", 0):  # which stands for 8
            assert getattr(getattr(config, table), key) == value
    for value in (low - 1, high + 1):
        text = refusal(xor, **{table: {key: value}})
        name, allowed = text.split(": must be from ")
        assert name.startswith(f"{table}.{key} = ")
        assert [float(word) for word in allowed.split(" to ")] == [low, high]


@pytest.mark.parametrize(
    ("table", "key", "value", "allowed"),
    [
        ("task", "name", "xnor", "one of 'xor', 'parity', 'nist7x7', 'file'"),
        ("task", "bits", 1, "from 2 to 8"),
        ("task", "bits", 9, "from 2 to 8"),
        ("network", "layers", [2, 0, 1], "from 1 to 4096"),
        ("network", "layers", [2, 4097, 1], "from 1 to 4096"),
        ("training", "update_delay", 1, "must be 0"),
        ("training", "update_delay", -1, "must be from 0 to 1024"),
        ("training", "update_delay", "soon", "must be a whole number or 'auto'"),
        ("build", "rails", 3, "must be from 1 to 2"),
        ("build", "rails", 2, "needs an overlapped schedule"),
        ("build", "accumulate", 1, "must be true or false"),
        ("build", "samples", 3, "must be at least 4, the samples of task 'xor', and at most 65536"),
        ("build", "samples", 0, "must be from 1 to 65536"),
        ("build", "samples", 65537, "must be from 1 to 65536"),
        ("build", "samples", "all", "must be a whole number or 'auto'"),
        ("training", "solved_cost", float("nan"), "from -1.0 to 256.0"),
        ("training", "solved_cost", float("inf"), "from -1.0 to 256.0"),
        ("training", "solved_cost", -0.5, "from 0 to 256"),
        ("training", "solved_cost", 256.5, "from -1.0 to 256.0"),
        ("training", "solved_cost", 2**64, "64 bits; must be a number"),
        ("training", "solved_accuracy", -0.5, "from 0 to 1"),
        ("training", "solved_accuracy", 1.5, "to 1.0"),
        ("training", "seed", 1 << 63, "64 bits; must be a whole number"),
        ("network", "layers", [2, 1 << 63, 1], "64 bits; must be a list of whole numbers"),
        ("formats", "theta", "2.6", "a format Qi.f, such as 'Q2.6'"),
        ("formats", "theta", "Q2.6\n", "a format Qi.f"),
        ("formats", "theta", "Q٢.6", "a format Qi.f"),
    ],
)
def test_wrong_value(
    xor: Build, refusal: Refusal, table: str, key: str, value: Any, allowed: str
) -> None:
    text = refusal(xor, **{table: {key: value}})
    assert text.startswith(f"{table}.{key}")
    assert allowed in text


def test_room_needs_a_link(xor: Build, refusal: Refusal) -> None:
    assert xor(build={"samples": 4}).build.samples == 4
    assert xor(build={"samples": 65536, "link": True}).build.samples == 65536
    text = refusal(xor, build={"samples": 4, "link": False})
    assert text.startswith("build.samples = 4: needs build.link = true or 'auto'")


@pytest.mark.parametrize(
    ("samples", "allowed"),
    [
        (1, "build.samples = 1: must be from 2 (or 4, all samples of task 'xor') to 65536"),
        (2, None),
        (3, None),
    ],
)
def test_a_folded_engine_needs_room_for_two_samples(
    xor: Build, refusal: Refusal, samples: int, allowed: str | None
) -> None:
    """The others come while it trains; not without a link."""
    build = {"engine": "folded", "accumulate": False, "samples": samples}
    if allowed:
        assert refusal(xor, build=build) == allowed
        return
    assert derive.ring(xor(build=build)) == samples
    text = refusal(xor, build=build | {"link": False})
    assert text.startswith(f"build.samples = {samples}: needs build.link = true or 'auto'")


XOR = {"task": {"name": "xor"}, "network": {"layers": [2, 2, 1]}}


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"tusk": {}}, "[tusk]: unknown table; allowed are task, network, formats, training"),
        ({"task": 1}, "[task]: must be a table"),
        ({"task": [{"name": "xor"}]}, "[task]: must be a table"),
        ({"task": {"nome": "xor"}}, "task.nome: unknown key; allowed are name, bits, path"),
        (
            {**XOR, "build": {"reuse": 25}},
            'build.reuse: is gone; the folded engine replaces it: [build] engine = "folded"',
        ),
        (
            {**XOR, "training": {"tau": 1}},
            "training.tau: unknown key; allowed are loop, perturbation",
        ),
        ({}, "task.name: is missing; it must be a string"),
        ({"task": {"name": "xor"}}, "network.layers: is missing; it must be a list of whole"),
        (
            {"task": {"name": "file"}, "network": {"layers": [1, 1]}},
            "task.path: is missing; a 'file' task needs a file of samples",
        ),
    ],
)
def test_wrong_tables_and_keys(refusal: Refusal, tables: dict[str, Any], message: str) -> None:
    assert refusal(Config.from_dict, tables).startswith(message)


TOML = b'task.name = "xor"\nnetwork.layers = [2, 2, 1]\n'


def test_load(tmp_path: Path, xor: Build) -> None:
    path = tmp_path / "xor.toml"
    path.write_bytes(TOML.replace(b"\n", b"\r\n"))
    assert Config.load(path) == Config.load(str(path)) == xor()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'[task]\nname = "xor', "not valid TOML: "),
        (b"task", "not valid TOML: "),
        (TOML + b'task.name = "xor"', "not valid TOML: "),
        (b"[task]\nname = '\xff'", "not valid TOML: 'utf-8' codec can't decode"),
        (b"a = " + b"9" * 5000, "not valid TOML: "),
        (b"a = " + b"[" * 9999, "not valid TOML: "),
        (TOML + b"task.bits = 0x" + b"f" * 9999, "task.bits: the number is beyond 64 bits"),
        (b'task."a\\nb" = 1', "task.a b: unknown key; allowed are name,"),
        (b'["a\\nb"]', "[a b]: unknown table; allowed are task,"),
        (b"task.name = 2020-01-01", "task.name = datetime.date(2020, 1, 1): must be a string"),
        (b"task = 1", "[task]: must be a table"),
        (b"", "task.name: is missing; it must be a string"),
    ],
)
def test_malformed_file(tmp_path: Path, refusal: Refusal, content: bytes, message: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(content)
    assert refusal(Config.load, path).startswith(f"{path}: {message}")


def test_missing_file_or_folder(tmp_path: Path, refusal: Refusal) -> None:
    path = tmp_path / "none.toml"
    assert refusal(Config.load, path) == f"{path}: there is no such config file"
    assert refusal(Config.load, tmp_path) == f"{tmp_path}: Is a directory"


@pytest.mark.parametrize("path", examples(), ids=lambda path: path.stem)
def test_examples_load_and_come_back_from_plain_values(path: Path) -> None:
    config = Config.load(path)
    again = Config.from_dict(config.to_dict(), path.parent)
    assert again == config
    assert again.to_dict() == config.to_dict()


def test_config_is_frozen(xor: Build) -> None:
    config = xor()
    for part, key in ((config, "task"), (config.training, "eta"), (config.data, "x")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(part, key, None)


def test_with_training_checks_again(xor: Build, refusal: Refusal) -> None:
    config = xor().with_training(eta=-3, seed=7)
    assert config == xor(training={"eta": -3, "seed": 7})
    assert refusal(config.with_training, eto=1).startswith("training.eto: unknown key; allowed")
    assert refusal(config.with_training, tau_p=0).startswith("training.tau_p = 0: must be from 1")
    assert refusal(config.with_training, eta=60).startswith("training.eta = 60: must be from")


def test_with_tables_checks_again(xor: Build, refusal: Refusal) -> None:
    """Every table but that of the task, and each with the others."""
    tables = {
        "formats": {"theta": "Q3.5"},
        "training": {"tau_x": 2, "update_delay": "auto"},
        "hardware": {"cost_noise": 0.5},
        "build": {"rails": 2, "link": False},
    }
    assert xor().with_tables(tables) == xor(**tables)
    for table, text in (
        ({"lanes": 2}, "build.lanes = 2: does nothing without"),
        ({"samples": 2}, "build.samples = 2: must be at least 4"),
        ({"accumulate": False}, "build.accumulate = false: needs training.tau_theta = 1"),
        ({"rail": 2}, "build.rail: unknown key; allowed"),
    ):
        made = xor(training={"tau_theta": 2})
        assert refusal(made.with_tables, {"build": table}).startswith(text)


def test_defaults_and_what_follows_from_them(xor: Build) -> None:
    config = xor()
    assert (config.formats.weight_bits, config.training.solved_accuracy) == (8, 1)
    assert (str(derive.theta(config)), str(derive.weight(config))) == ("Q2.6", "Q2.6")
    bus, gradient = derive.bus(config), derive.gradient(config)
    assert (bus.bits, gradient.bits, bus.fraction_bits) == (8, 12, 6)
    assert (derive.cell(config).amplitude_lsbs, derive.init_bits(config)) == (8, 5)
    assert (config.layer_shapes, config.parameters) == (((2, 3), (1, 3)), 9)
    assert config.network.activations == (Activation.HARD_TANH, Activation.PLAN)
    assert xor(formats={"theta": "Q2.2"}, training={"amplitude": -2}).formats.weight_bits == 4
    wide = xor(formats={"theta": "Q3.10"}, training={"eta": -6})
    assert (str(derive.weight(wide)), derive.cell(wide).amplitude_lsbs, derive.init_bits(wide)) == (
        "Q3.5",
        4,
        9,
    )


@given(st.integers(-6, 0), st.integers(2, 24), st.integers(6, 18), st.integers(0, 15))
def test_eta_shift_turns_a_change_of_cost_into_an_update(
    xor: Build, refusal: Refusal, amplitude: int, cost_bits: int, fraction_bits: int, shift: int
) -> None:
    formats = {"theta": f"Q2.{fraction_bits}", "weight_bits": 8}
    formats |= {"cost_bits": cost_bits, "activation_bits": 14}
    highest = amplitude + cost_bits - fraction_bits + 4
    eta = highest - shift
    config = xor(formats=formats, training={"amplitude": amplitude, "eta": eta})
    assert derive.eta_shift(config) == shift
    u = 2.0 ** (4 - shift)  # of a C̃ of one LSB, in LSBs of θ
    assert u * 2.0**-fraction_bits == 2.0**-cost_bits * 2.0**eta / 2.0**amplitude
    for wrong in (highest + 1, highest - 16):
        text = refusal(xor, formats=formats, training={"amplitude": amplitude, "eta": wrong})
        assert text.startswith(
            f"training.eta = {wrong}: must be from {highest - 15} to {highest} with this amplitude"
        )


KEYS = sorted({field.name for cls in TABLES.values() for field in dataclasses.fields(cls)})
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@given(
    st.dictionaries(
        st.sampled_from([*TABLES, "other"]),
        st.dictionaries(st.sampled_from([*KEYS, "other"]), VALUES) | VALUES,
    )
)
def test_whatever_a_file_holds_the_answer_is_a_config_or_one_line(
    tmp_path: Path, tables: dict[str, Any]
) -> None:
    try:
        text = Config.from_dict(XOR | tables, tmp_path).formats.theta
    except InputError as error:
        text = str(error)
    assert len(text.splitlines()) == 1


def test_a_schedule_inherits_what_it_does_not_set(xor: Build) -> None:
    changes = [{"step": 5, "eta": -3}, {"step": 9, "tau_x": 4}]
    training = xor(training={"tau_p": 2, "schedule": changes}).training
    found = [(s.eta, s.tau_p, s.tau_x, s.tau_theta) for s in training.stages]
    assert found == [(-2, 2, 1, 1), (-3, 2, 1, 1), (-3, 2, 4, 1)]
    assert [change.step for change in training.schedule] == [5, 9]


@pytest.mark.parametrize(
    ("schedule", "named"),
    [
        (5, "training.schedule: must be tables"),
        ([5], "training.schedule: must be tables"),
        ([{}], "training.schedule[0].step: is missing"),
        ([{"step": 0}], "training.schedule[0].step = 0: must be from 1"),
        ([{"step": 5}, {"step": 5}], "training.schedule[1].step = 5: must come after step 5"),
        ([{"step": 1, "tau_x": 0}], "training.schedule[0].tau_x = 0: must be from 1"),
        ([{"step": 1, "eta": 9}], "training.eta = 9: must be from"),
        ([{"step": 1, "seed": 9}], "training.schedule[0].seed: unknown key; allowed are step, eta"),
    ],
)
def test_a_wrong_schedule(xor: Build, refusal: Refusal, schedule: Any, named: str) -> None:
    assert refusal(xor, training={"schedule": schedule}).startswith(named)


def test_a_config_is_made_again_from_its_tables(xor: Build) -> None:
    config = xor(training={"schedule": [{"step": 5, "eta": -3}]})
    assert Config.from_dict(config.to_dict()) == config
    assert config.with_training(seed=7).training.schedule == config.training.schedule
