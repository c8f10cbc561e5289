"""The letters are what they should be, hard for a linear classifier, and held out honestly."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from spec import nist
from spec.config import Config
from spec.tasks import Dataset

Refusal = Callable[..., str]

DRAWN = {
    "N": "#...# ##..# #.#.# #..## #...#",
    "I": "##### ..#.. ..#.. ..#.. #####",
    "S": ".#### #.... .###. ....# ####.",
    "T": "##### ..#.. ..#.. ..#.. ..#..",
}


def config(inputs: str = "unipolar", **network: Any) -> Config:
    task = {"name": "nist7x7", "inputs": inputs}
    return Config.from_dict({"task": task, "network": {"layers": [49, 4, 4], **network}})


def both() -> list[Dataset]:
    held_out = config().held_out
    assert held_out is not None
    return [config().data, held_out]


def templates() -> np.ndarray:
    """Return the letters at their places, shape (letters, places, pixels)."""
    letters = [np.array([list(row) for row in DRAWN[name].split()]) == "#" for name in "NIST"]
    places = [((y, 2 - y), (x, 2 - x)) for y in range(3) for x in range(3)]
    placed = [[np.pad(letter, place) for place in places] for letter in letters]
    return np.array(placed).reshape(4, 9, 49)


def test_every_sample_is_its_letter_with_at_most_two_pixels_flipped_and_no_other() -> None:
    for data in both():
        flipped = templates()[None] != np.array(data.x, dtype=bool)[:, None, None]
        nearest = flipped.sum(axis=3).min(axis=2)
        own = np.arange(4) == np.array(data.classes)[:, None]
        assert set(nearest[own]) <= {0, 1, 2}
        assert (nearest[~own] > 2).all()


def test_letters_take_turns_and_targets_are_one_hot() -> None:
    for data in both():
        assert len(data) == nist.SAMPLES
        assert data.classes == tuple(k % 4 for k in range(len(data)))
        assert set(data.t) == {tuple(256 * (k == letter) for k in range(4)) for letter in range(4)}


def test_no_sample_comes_twice_nor_in_both_sets() -> None:
    training, held_out = both()
    assert len({*training.x, *held_out.x}) == 2 * nist.SAMPLES


def test_the_population() -> None:
    """9 places, 1 + 49 + 49·48/2 flips; of I and T, the 9·6 that are both are gone."""
    assert [len(own) for own in nist.images()] == [11034, 11034 - 54, 11034, 11034 - 54]


def test_the_data_stay_as_they_are() -> None:
    """All that was ever measured on them would have to be measured again."""
    text = repr([data.x for data in both()])
    assert hashlib.sha256(text.encode()).hexdigest() == (
        "53f784ae4c7822a5ea1141bf5d0d4eac2f36de5a8c682273323d03972b62f2c8"
    )


def test_the_draw_is_even() -> None:
    """Each pixel is black as often as in the whole population, to 4 standard deviations."""
    population = [[image >> p & 1 for p in range(49)] for own in nist.images() for image in own]
    expected = np.mean(population, axis=0)
    for data in both():
        spread = np.sqrt(expected * (1 - expected) / len(data))
        assert (np.abs(np.mean(data.x, axis=0) - expected) < 4 * spread).all()


@pytest.mark.parametrize(("inputs", "low", "high"), [("bipolar", -1, 1), ("fixed", -256, 256)])
def test_other_inputs_have_the_same_pixels(inputs: str, low: int, high: int) -> None:
    other = config(inputs)
    assert other.held_out is not None
    for data, coded in zip(both(), (other.data, other.held_out), strict=True):
        assert np.array_equal(np.where(data.x, high, low), coded.x)
        assert data.t == coded.t


def test_a_linear_solve_stays_below_93_percent() -> None:
    training, held_out = both()
    with_bias = [np.column_stack([data.x, np.ones(len(data))]) for data in (training, held_out)]
    solution, *_ = np.linalg.lstsq(with_bias[0], np.array(training.t, dtype=float))
    correct = [
        np.mean((a @ solution).argmax(axis=1) == data.classes)
        for a, data in zip(with_bias, (training, held_out), strict=True)
    ]
    assert max(correct) <= 0.93
    assert correct == pytest.approx([0.859, 0.850], abs=0.001)  # as docs/nist7x7.md says


def test_layers_that_do_not_fit(refusal: Refusal) -> None:
    text = refusal(config, layers=[48, 4, 4])
    assert "must start with 49 and end with 4" in text


def test_other_tasks_hold_nothing_out(xor: Callable[..., Config]) -> None:
    assert xor().held_out is None
