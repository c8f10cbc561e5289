from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.packing import integer, pack, unpack
from spec.probe import Field


@st.composite
def fields_and_values(draw: st.DrawFn) -> tuple[list[Field], dict[str, np.ndarray]]:
    clocks = draw(st.integers(1, 5))
    fields, values = [], {}
    for k in range(draw(st.integers(1, 6))):
        field = Field(
            f"f{k}", draw(st.integers(1, 40)), draw(st.booleans()), draw(st.integers(1, 5))
        )
        low = -(1 << field.width - 1) if field.signed else 0
        high = (1 << field.width - field.signed) - 1
        rows = st.lists(st.integers(low, high), min_size=field.count, max_size=field.count)
        table = draw(st.lists(rows, min_size=clocks, max_size=clocks))
        fields.append(field)
        values[field.name] = np.array(table, dtype=np.int64)
    return fields, values


@given(fields_and_values())
def test_what_is_packed_is_unpacked(case: tuple[list[Field], dict[str, np.ndarray]]) -> None:
    fields, values = case
    words = pack(fields, values)
    for clock, word in enumerate(words):
        assert unpack(fields, integer(word)) == {
            f.name: list(values[f.name][clock]) for f in fields
        }


def test_the_first_field_is_the_lowest_bit() -> None:
    fields = [Field("a", 4), Field("b", 3, signed=True, count=2)]
    values = {"a": np.array([[5]]), "b": np.array([[-1, 2]])}
    assert [integer(word) for word in pack(fields, values)] == [5 | 7 << 4 | 2 << 7]
