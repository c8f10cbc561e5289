"""The sample memory draws the model's samples and shows any of them on demand."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from hdl.plant.samples import SampleMemory as Gateware
from model.plant.samples import SampleMemory as Golden
from spec import derive
from spec.config import Config
from spec.lfsr import seed_register
from spec.plant import SamplesSpec
from tests.configs import perceptron, xor
from tests.hdl.helpers import Row, stream

COUNTS = [1, 2, 3, 4, 5, 16]


def contents(config: Config, index: int) -> Row:
    """Return a sample as the gateware's ports show it."""
    data = config.data
    x, t = data.x[index], data.t[index]
    return {
        "x": [int(v > 0) for v in x] if config.task.inputs.binary else list(x),
        "t": [v >> data.fraction_bits for v in t] if data.binary_targets else list(t),
        "label": data.classes[index],
    }


def start(seed: int) -> list[Row]:
    """Restart from a seed; the two clocks after must not advance."""
    quiet = {"restart": 0, "read": 0, "advance": 0, "sweep": 0}
    return [quiet | {"restart": 1, "seed": seed}, quiet, quiet]


@pytest.mark.parametrize("inputs", ["bipolar", "unipolar", "fixed"])
@pytest.mark.parametrize("order", ["random", "sequential"])
@pytest.mark.parametrize("samples", COUNTS)
def test_any_reads(samples: int, order: str, inputs: str) -> None:
    """Next, current, swept and no read at random, from one seed and then from another."""
    config = perceptron(3, 2, samples=samples, order=order, inputs=inputs)
    rng = random.Random(samples)
    shown = None
    rows: list[Row] = []
    expected: list[Row | None] = []
    indices = []
    for seed in (1, 0xCAFEF00D):
        golden = Golden(derive.samples(config), [seed])
        rows += start(seed)
        expected += [shown] * 3
        indices += [None] * 3
        for _ in range(150):
            kind = rng.choice(["next", "next", "current", "sweep", "none"])
            address = rng.randrange(samples)
            rows.append(
                {
                    "read": kind != "none",
                    "advance": kind == "next",
                    "sweep": kind == "sweep",
                    "address": address,
                }
            )
            expected.append(shown)
            indices.append(int(golden.index[0]))
            if kind == "next":
                golden.advance()
            if kind != "none":
                shown = contents(config, address if kind == "sweep" else int(golden.index[0]))
    found = stream(Gateware(derive.samples(config)), rows, ["sample", "index"])
    for row, sample, index in zip(found, expected, indices, strict=True):
        assert sample is None or row["sample"] == sample
        assert index is None or row["index"] == index
    assert None not in expected[-150:]


@pytest.mark.parametrize("samples", COUNTS)
def test_sequential_order(samples: int) -> None:
    """0, 1, 2, … and again from 0."""
    config = perceptron(3, 2, samples=samples, order="sequential")
    rows = start(5) + [{"read": 1, "advance": 1}] * 40
    found = [row["index"] for row in stream(Gateware(derive.samples(config)), rows, ["index"])]
    assert found[4:] == [k % samples for k in range(39)]


@pytest.mark.parametrize("order", ["random", "sequential"])
@pytest.mark.parametrize("room", [5, 7, 8])
def test_fewer_samples_than_there_is_room_for(room: int, order: str) -> None:
    """The order of as many as are in use, with any of them, and more of them after a restart."""
    rows: list[Row] = []
    expected = []
    for count in (1, 3, 5, 2):
        config = perceptron(3, 2, samples=count, room=room, order=order)
        golden = Golden(derive.samples(config), [9])
        rows += [row | {"last": count - 1} for row in start(9)]
        rows += [{"read": 1, "advance": 1}] * 60
        expected += [None] * 3
        for _ in range(60):
            expected.append(int(golden.index[0]))
            golden.advance()
    most = perceptron(3, 2, samples=5, room=room, order=order)
    found = stream(Gateware(derive.samples(most)), rows, ["index"])
    pairs = list(zip(found, expected, strict=True))
    assert all(wanted is None or row["index"] == wanted for row, wanted in pairs)


def test_random_order_depends_on_the_seed_only() -> None:
    """The same order after a restart, another one from another seed."""
    advance: list[Row] = [{"read": 1, "advance": 1}] * 60
    orders = []
    for seed in (seed_register(9), seed_register(9), seed_register(10)):
        rows = start(77) + advance[:7] + start(seed) + advance
        found = stream(Gateware(derive.samples(xor())), rows, ["index"])
        orders.append([row["index"] for row in found[-50:]])
    assert orders[0] == orders[1] != orders[2]
    assert set(orders[0]) == {0, 1, 2, 3}


def test_a_sweep_leaves_the_order_alone() -> None:
    """A check in the middle of training does not change the samples after it."""
    config = perceptron(3, 2, samples=5)
    advance: list[Row] = [{"read": 1, "advance": 1, "sweep": 0}] * 20
    sweep: list[Row] = [{"read": 1, "advance": 0, "sweep": 1, "address": k} for k in range(5)]
    plain = stream(Gateware(derive.samples(config)), start(3) + advance * 2, ["index"])
    swept = stream(
        Gateware(derive.samples(config)), start(3) + advance + sweep + advance, ["index", "sample"]
    )
    assert [row["index"] for row in plain[23:]] == [row["index"] for row in swept[28:]]
    assert [row["sample"] for row in swept[24:29]] == [contents(config, k) for k in range(5)]


def writable(config: Config) -> SamplesSpec:
    """Return the spec of a sample memory that can be written."""
    return replace(derive.samples(config), writable=True)


@pytest.mark.parametrize(("inputs", "layers"), [("fixed", (5, 2)), ("bipolar", (3, 1))])
def test_written_words_are_read(inputs: str, layers: tuple[int, ...]) -> None:
    """Word after word in any order, of samples that are then swept; the others stay."""
    config = perceptron(*layers, samples=5, inputs=inputs)
    other = perceptron(*layers, samples=5, inputs=inputs, data_seed=1)
    spec, packed = writable(config), derive.samples(other).rows()
    assert spec.words == (3 if inputs == "fixed" else 1)
    rng = random.Random(3)
    changed = [0, 2, 4]
    quiet = {"enable": 0, "row": 0, "word": 0, "data": 0}
    writes = [
        {"enable": 1, "row": k, "word": w, "data": packed[k] >> 32 * w & 0xFFFF_FFFF}
        for k in changed
        for w in range(spec.words)
    ]
    rng.shuffle(writes)
    rows: list[Row] = [*start(1), *({"write": write} for write in writes)]
    rows += [{"write": quiet | {"row": 1, "data": 0xFFFF_FFFF}}]
    rows += [{"write": quiet, "read": 1, "sweep": 1, "address": k} for k in range(5)] + [{}]
    found = [row["sample"] for row in stream(Gateware(spec), rows, ["sample"])][-5:]
    expected = [contents(other if k in changed else config, k) for k in range(5)]
    assert found == expected
    assert found != [contents(config, k) for k in range(5)]  # or nothing has been tested


def test_a_write_leaves_what_was_read() -> None:
    """The sample that is shown stays until the next read, and so does the order."""
    config = perceptron(3, 2, samples=4)
    write = {"enable": 1, "row": 2, "word": 0, "data": 0}
    rows: list[Row] = [*start(7), *[{"read": 1, "advance": 1}] * 3, {"read": 0, "advance": 0}]
    rows += [{"write": write | {"row": k}} for k in range(4)]
    found = stream(Gateware(writable(config)), rows, ["sample", "index"])
    assert len({str(row) for row in found[-4:]}) == 1
