"""Scaling, splitting and coding of classes: what holds for any data."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from spec.data import scaling, split
from spec.data.labels import Targets
from spec.data.preparation import Preparation
from spec.data.scaling import Linear
from spec.data.table import Column, column_of_words
from spec.tasks import Dataset, Kind, Scale

FORMAT = (-2.0, 2 - 2.0**-8)

COLUMN = st.one_of(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30),
    st.lists(st.floats(-1e100, 1e100), min_size=1, max_size=30),
    st.floats(-1e100, 1e100).map(lambda value: [value] * 5),
)


@given(COLUMN, st.sampled_from(Scale))
def test_what_is_scaled_comes_back(values: list[float], scale: Scale) -> None:
    column = np.array(values)
    (one,) = scaling.fit(scale, column[:, None], FORMAT)
    scaled = one.apply(column)
    assert np.isfinite(scaled).all()
    size = np.abs(column).max()
    assert np.allclose(one.undo(scaled), column, rtol=1e-12, atol=1e-12 * size)
    assert Preparation.from_dict(
        Preparation(("a",), (one,), Targets(("t",), Kind.NUMBERS), (one,)).to_dict()
    ).scaling == (one,)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30))
def test_what_scaling_is_for(values: list[float]) -> None:
    column, varies = np.array(values), np.ptp(values) > 1e-3
    (standard,) = scaling.fit(Scale.STANDARD, column[:, None], FORMAT)
    (minmax,) = scaling.fit(Scale.MINMAX, column[:, None], FORMAT)
    scaled = standard.apply(column)
    assert abs(scaled.mean()) < 1e-6
    assert scaled.std() == pytest.approx(1.0 if varies else 0.0, abs=1e-6) or not varies
    ends = minmax.apply(column)
    assert (ends.min(), ends.max()) == pytest.approx((-1, 1) if varies else (0, 0)) or not varies
    assert (ends >= -1 - 1e-9).all()
    assert (ends <= 1 + 1e-9).all()


@pytest.mark.parametrize("value", [0.0, 7.0, -1e9, 0.1])
@pytest.mark.parametrize("scale", [Scale.STANDARD, Scale.MINMAX])
def test_a_constant_becomes_0(value: float, scale: Scale) -> None:
    (one,) = scaling.fit(scale, np.full((7, 1), value), FORMAT)
    assert one == Linear(value, 1.0)


@pytest.mark.parametrize(
    ("columns", "scaled"),
    [
        ([[-2, 1], [1.9, -1]], False),
        ([[-2, 1], [2, -1]], True),  # out of range
        ([[0, 0.1], [1, 0]], False),
        ([[0, 0.09], [1, 0]], True),  # one more than 10 times another
        ([[0, 7], [1, 7]], True),  # out of range, though it is constant
        ([[0, 1], [1, 1]], False),
        ([[0.0, 0.1], [0.1, 0]], True),  # both small
        ([[1, 1], [1, 1]], False),
    ],
)
def test_when_auto_scales(columns: list[list[float]], scaled: bool) -> None:
    array = np.array(columns, dtype=float)
    found = scaling.fit(Scale.AUTO, array, FORMAT)
    assert found == scaling.fit(Scale.STANDARD if scaled else Scale.NONE, array, FORMAT)


STRATA = st.lists(st.integers(0, 5), min_size=2, max_size=200)


@given(STRATA, st.floats(0.001, 0.999), st.integers(0, 2**32 - 1))
def test_a_split(strata: list[int], fraction: float, seed: int) -> None:
    """Both parts are all samples, none twice; and each has its share of every class."""
    array = np.array(strata)
    train, test = split.split(fraction, array, seed)
    assert sorted([*train, *test]) == list(range(len(strata)))
    assert len(train) > 0
    assert len(test) > 0
    assert list(test) == sorted(test)
    share = len(test) / len(strata)
    assert abs(len(test) - fraction * len(strata)) <= 1
    for stratum in range(6):
        there = int((array == stratum).sum())
        assert abs(int((array[test] == stratum).sum()) - share * there) < 1
    again = split.split(fraction, array, seed)
    assert all((a == b).all() for a, b in zip((train, test), again, strict=True))


def test_a_split_is_the_same_everywhere() -> None:
    """And another with another seed."""
    strata = np.arange(20) % 3
    assert split.split(0.25, strata, 1)[1].tolist() == [2, 3, 6, 10, 16]
    assert split.split(0.25, strata, 2)[1].tolist() != [2, 3, 6, 10, 16]


def targets(cells: list[float] | list[str]) -> tuple[Targets, np.ndarray]:
    """Make targets of a column, and their numbers."""
    column = column_of_words("y", [str(cell) for cell in cells])
    found = Targets.of([column], str)
    return found, found.numbers([column], str)


@given(st.lists(st.text("abc", min_size=1, max_size=2), min_size=2).filter(lambda w: len({*w}) > 1))
def test_classes_become_outputs_and_come_back(words: list[str]) -> None:
    found, numbers = targets(words)
    assert found.classes == tuple(sorted({*words}))
    wanted = found.wanted(numbers)
    assert wanted.shape == (len(words), found.outputs)
    assert set(wanted.ravel()) == {0.0, 1.0}
    assert found.outputs == (1 if len(found.classes) == 2 else len(found.classes))
    rows = tuple(tuple(int(v) << 8 for v in row) for row in wanted)
    data = Dataset(((0,),) * len(words), rows, 8)
    assert data.binary_targets
    assert [found.classes[k] for k in data.classes] == words


@pytest.mark.parametrize(
    ("cells", "kind", "classes"),
    [
        ([0, 1], Kind.CLASSES, ("0", "1")),
        ([1, -1, 1], Kind.CLASSES, ("-1", "1")),
        ([0.5, 1.5, 0.5], Kind.CLASSES, ("0.5", "1.5")),
        ([10, 9, 9, 10, 8, 8], Kind.CLASSES, ("8", "9", "10")),
        ([10, 9, 9, 10, 8], Kind.NUMBERS, ()),  # three of five
        (list(range(20)) * 2, Kind.CLASSES, tuple(map(str, range(20)))),
        (list(range(21)) * 2, Kind.NUMBERS, ()),
        ([0.5, 1.5, 2, 0.5, 1.5, 2], Kind.NUMBERS, ()),
        (["1", "2", "two"], Kind.CLASSES, ("1", "2", "two")),
        (["1.0", "1", "two"], Kind.CLASSES, ("1", "two")),
        (["a  b", "a b", "c"], Kind.CLASSES, ("a b", "c")),
        (["True", "False"], Kind.CLASSES, ("False", "True")),
    ],
)
def test_what_a_column_is(
    cells: list[float] | list[str], kind: Kind, classes: tuple[str, ...]
) -> None:
    found, _ = targets(cells)
    assert (found.kind, found.classes) == (kind, classes)


@pytest.mark.parametrize(
    ("rows", "coded", "kind", "classes"),
    [
        ([[0, 1], [1, 0]], False, Kind.CLASSES, ("p", "q")),
        ([[0, 1], [1, 1]], False, Kind.NUMBERS, ()),
        ([[0, 0.5], [1, 0]], False, Kind.NUMBERS, ()),
        ([[0, 1], [1, 0]], True, Kind.CLASSES, ("0", "1")),
        ([[0, 0.5], [1, 0]], True, Kind.NUMBERS, ()),
        ([[0], [1]], True, Kind.CLASSES, ("0", "1")),
        ([[0], [0.5]], True, Kind.NUMBERS, ()),
    ],
)
def test_what_several_columns_are(
    rows: list[list[float]], coded: bool, kind: Kind, classes: tuple[str, ...]
) -> None:
    cells = np.array(rows, dtype=float)
    columns = [Column(name, column) for name, column in zip("pq", cells.T, strict=False)]
    found = Targets.of(columns, str, coded=coded)
    assert (found.kind, found.classes) == (kind, classes)
    assert found.wanted(found.numbers(columns, str)).tolist() == rows
