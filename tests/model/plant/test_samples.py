"""The order of the samples: fair, seeded, and each run's own."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pytest

from model.plant.samples import SampleMemory
from spec import derive
from spec.lfsr import Lfsr, seed_register
from tests.configs import perceptron, xor


def draws(
    samples: int, seed: int, count: int, order: str = "random", room: int | None = None
) -> list[int]:
    config = perceptron(2, 1, samples=samples, order=order, room=room)
    memory = SampleMemory(derive.samples(config), [seed_register(seed)])
    indices = []
    for _ in range(count):
        memory.advance()
        indices.append(int(memory.index[0]))
    return indices


@pytest.mark.parametrize("room", [None, 100, 128])
@pytest.mark.parametrize("samples", [1, 2, 3, 4, 5, 7, 16, 100])
def test_random_draws_are_uniform(samples: int, room: int | None) -> None:
    """Each sample as often as the others, within five standard deviations."""
    count = 200 * samples
    counts = Counter(draws(samples, 1, count, room=room))
    assert set(counts) == set(range(samples))
    assert all(abs(number - 200) < 5 * np.sqrt(200) for number in counts.values())


def test_a_draw_is_a_share_of_the_same_random_number() -> None:
    """With room for 128, of 15 bits: however many samples are in use, they are drawn alike."""
    finest = np.array(draws(128, 1, 500, room=128))
    for samples in (1, 3, 64, 100):
        found = np.array(draws(samples, 1, 500, room=128))
        assert np.all(np.isin(found - finest * samples // 128, (0, 1)))
    assert finest.tolist() != draws(128, 1, 500)  # of 7 bits


@pytest.mark.parametrize("samples", [2, 3, 4, 5])
def test_a_draw_says_nothing_about_the_next(samples: int) -> None:
    """All pairs of successive draws, and of draws two apart, are as frequent."""
    indices = draws(samples, 2, 200 * samples**2)
    for apart in (1, 2):
        counts = Counter(zip(indices, indices[apart:], strict=False))
        assert len(counts) == samples**2
        assert all(abs(number - 200) < 5 * np.sqrt(200) for number in counts.values())


def equal_draws(samples: int, apart: int) -> float:
    """How much more often draws so far apart are the same sample than by chance, in σ."""
    memory = SampleMemory(
        derive.samples(perceptron(2, 1, samples=samples)), [seed_register(k) for k in range(400)]
    )
    indices = []
    for _ in range(1000):
        memory.advance()
        indices.append(memory.index)
    same = [np.mean(a == b) for a, b in zip(indices[1:], indices[1 + apart :], strict=False)]
    chance = 1 / samples
    spread = np.sqrt(chance * (1 - chance) / (len(same) * 400))
    return float((np.mean(same) - chance) / spread)


@pytest.mark.parametrize("apart", [1, 2, 3])
@pytest.mark.parametrize("samples", [7, 65])
def test_a_sample_comes_again_as_often_as_by_chance(samples: int, apart: int) -> None:
    assert abs(equal_draws(samples, apart)) < 5


@pytest.mark.parametrize(("samples", "apart"), [(7, 3), (65, 2)])
def test_a_trinomial_would_not_draw_so(
    samples: int, apart: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("model.plant.samples.ORDER", Lfsr(31, (31, 28)))
    assert equal_draws(samples, apart) > 10


def test_seeds_give_orders_of_their_own() -> None:
    assert draws(4, 1, 100) == draws(4, 1, 100)
    orders = [draws(4, seed, 100) for seed in range(20)]
    for a, b in itertools.combinations(orders, 2):
        same = sum(x == y for x, y in zip(a, b, strict=True))
        assert same < 25 + 5 * np.sqrt(100 * 3 / 16)


@pytest.mark.parametrize("samples", [1, 2, 3, 16])
def test_sequential_order(samples: int) -> None:
    assert draws(samples, 1, 40, "sequential") == [k % samples for k in range(40)]


@pytest.mark.parametrize("order", ["random", "sequential"])
def test_runs_draw_for_themselves(order: str) -> None:
    """Also after others have left."""
    config = xor(order=order)
    together = SampleMemory(derive.samples(config), [11, 12, 13])
    alone = SampleMemory(derive.samples(config), [12])
    for k in range(50):
        if k == 20:
            together.keep(np.array([False, True, False]))
        together.advance()
        alone.advance()
        assert together.index[1 if k < 20 else 0] == alone.index[0]


def test_contents_are_the_data() -> None:
    config = perceptron(3, 2, samples=5, inputs="fixed")
    memory = SampleMemory(derive.samples(config), [1])
    assert memory.x.tolist() == [list(row) for row in config.data.x]
    assert memory.t.tolist() == [list(row) for row in config.data.t]
