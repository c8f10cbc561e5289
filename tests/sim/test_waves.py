"""Waves: changes that are all that records were, and dumps that say the same."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from vcd.reader import TokenKind, tokenize

from model.number.fixed import Ints
from sim import vcd
from sim.packing import pack
from sim.waves import Recording, Waves
from spec.phase import Phase
from spec.probe import Field

FIELDS = (
    Field("phase", 4),
    Field("step", 32),
    Field("u", 5, True),
    Field("theta", 41, True, 3),
)


def values(clocks: int = 60, seed: int = 1) -> dict[str, Ints]:
    """Draw what a probe shows; mostly the same as before."""
    draw, found = np.random.default_rng(seed), {}
    for field in FIELDS:
        low, high = (-(1 << field.width - 1), 1 << field.width - 1) if field.signed else (0, 14)
        table = draw.integers(low, high, (clocks, field.count))
        found[field.name] = table[np.sort(draw.integers(0, clocks // 3, clocks))]
    return found


def expanded(changes: tuple[Ints, Ints], stop: int) -> Ints:
    """The value in each clock, from the first one on."""
    clocks, numbers = changes
    assert (numbers[1:] != numbers[:-1]).all()
    return np.repeat(numbers, np.diff(np.append(clocks, stop)))


@pytest.mark.parametrize("size", [1, 7, 60])
def test_changes_are_all_that_there_was(size: int) -> None:
    """However many records come at once."""
    given, waves = values(), Waves(FIELDS, first=100)
    records = pack(FIELDS, given)
    for k in range(0, len(records), size):
        waves.take(records[k : k + size])
    assert waves.clock == 160
    for field in FIELDS:
        for k in range(field.count):
            found = expanded(waves.changes(field.name, k), 160)
            assert found.tolist() == given[field.name][:, k].tolist()
            some = np.array([100, 117, 159])
            assert waves.at(some, field.name, k).tolist() == found[some - 100].tolist()


CHANGES = (TokenKind.CHANGE_VECTOR, TokenKind.CHANGE_REAL, TokenKind.CHANGE_STRING)


def read(text: str) -> Iterator[tuple[str, int, object]]:
    """The changes of a dump: signal, time, value."""
    names, now = {}, 0
    for token in tokenize(io.BytesIO(text.encode())):
        data: Any = token.data
        if token.kind is TokenKind.VAR:
            names[data.id_code] = data.reference
        elif token.kind is TokenKind.CHANGE_TIME:
            now = data
        elif token.kind in CHANGES:
            yield names[data.id_code], now, data.value


def test_a_dump_says_the_same() -> None:
    given, waves = values(), Waves(FIELDS, first=3)
    waves.take(pack(FIELDS, given))
    clocks, numbers = waves.changes("u")
    half = vcd.Signal("units", "half_u", "real", clocks, (numbers / 2).tolist())
    found: dict[str, list[tuple[int, object]]] = {}
    text = vcd.dump([half, *vcd.probe_signals(waves, "probe")], waves.clock)
    for name, time, value in read(text):
        found.setdefault(name, []).append((time, value))
    assert text.endswith(f"#{10 * waves.clock}\n")
    assert set(found) == {"half_u", "phase", "step", "u", "theta_0", "theta_1", "theta_2"}
    assert found["half_u"] == [(10 * c, n / 2) for c, n in zip(clocks, numbers, strict=True)]
    phases = waves.changes("phase")
    assert found["phase"] == [(10 * c, Phase(n).name) for c, n in zip(*phases, strict=True)]
    for k in range(3):
        raw = [(10 * c, int(n) % 2**64) for c, n in zip(*waves.changes("theta", k), strict=True)]
        assert found[f"theta_{k}"] == raw


def test_what_is_no_phase_is_a_number() -> None:
    assert vcd.phase_names(np.array([9, 16])) == ["STEP", "16"]


RUN = [
    *(Phase.IDLE, Phase.INIT_UPDATE, Phase.UPDATE, Phase.STEP, Phase.ACCUMULATE),
    *(Phase.UPDATE, Phase.CHECK, Phase.STEP, Phase.ACCUMULATE, Phase.UPDATE, Phase.CHECK),
]
STEPS = [0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2]


@pytest.mark.parametrize("size", [1, 2, 5, 11])
@pytest.mark.parametrize(("steps", "clocks"), [(1, 7), (2, 11)])
def test_a_recording_ends_with_its_last_step(size: int, steps: int, clocks: int) -> None:
    """With the clock behind its update, whatever comes at once; it starts with the first step."""
    fields = (Field("phase", 4), Field("step", 32))
    records = pack(fields, {"phase": np.array(RUN)[:, None], "step": np.array(STEPS)[:, None]})
    recording = Recording(fields, steps)
    over = [recording.watch(records[k : k + size]) for k in range(0, len(records), size)]
    first = over.index(True)
    assert not any(over[:first])
    recording = Recording(fields, steps)
    for k in range(first + 1):
        recording.watch(records[k * size : (k + 1) * size])
    assert (recording.start, recording.clock) == (3, clocks)
