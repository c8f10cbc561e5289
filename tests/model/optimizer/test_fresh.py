"""Fresh bits: drawn in the documented order, and no two parameters ever share a sequence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.optimizer.perturbation.fresh import FreshCode
from model.trainer import Trainer
from spec import derive
from spec.config import Config
from spec.errors import InputError
from spec.lfsr import FRESH, seed_register
from tests.configs import FOLDED, perceptron

KEYS: dict[str, Any] = FOLDED | {"perturbation": "fresh"}


def fresh(*layers: int, **keys: Any) -> Config:
    return perceptron(*layers, **KEYS | keys)


def sequence(seed: int, length: int) -> list[int]:
    """Shift a register of FRESH bit by bit, as `Lfsr` describes it; return its output."""
    state, bits = FRESH.load(seed), []
    tapped = sum(1 << tap - 1 for tap in FRESH.taps)
    for _ in range(length):
        bits.append(state >> FRESH.width - 1)
        state = (state << 1 | (state & tapped).bit_count() & 1) & (1 << FRESH.width) - 1
    return bits


def drawn(config: Config, bits: list[int]) -> list[list[int]]:
    """Draw all perturbations that the bits are enough for, lane by lane; -1: none of its own."""
    source, lanes, found = iter(bits), config.build.lanes, []
    while True:
        line: dict[tuple[int, int, int], int] = {}
        try:
            for layer, (neurons, weights) in enumerate(config.layer_shapes):
                if config.training.node:
                    for neuron in range(neurons):
                        line[layer, neuron, weights - 1] = next(source)
                    continue
                for first in range(0, neurons, lanes):
                    for weight in range(weights):
                        for lane in range(lanes):
                            bit = next(source)
                            if first + lane < neurons:
                                line[layer, first + lane, weight] = bit
        except StopIteration:
            return found
        shape = config.layer_shapes
        cells = [
            (k, n, w) for k, (ns, ws) in enumerate(shape) for n in range(ns) for w in range(ws)
        ]
        found.append([line.get(cell, -1) for cell in cells])


@given(
    st.lists(st.integers(1, 5), min_size=2, max_size=4),
    st.integers(1, 7),
    st.sampled_from(["weight", "node"]),
    st.integers(0, 2**32 - 1),
)
def test_the_order_in_which_bits_are_drawn(
    layers: list[int], lanes: int, estimator: str, seed: int
) -> None:
    config = fresh(*layers, lanes=lanes, estimator=estimator)
    code = FreshCode(derive.bank(config), [seed])
    code.line += 5  # a cell that draws nothing keeps what it has
    expected = drawn(config, sequence(seed, 1000))
    for line in expected[: 1 + len(expected) // 2]:
        code.perturb()
        held = code.line[0].tolist()
        assert held == [5 if bit < 0 else bit for bit in line]


def lines(config: Config, steps: int) -> np.ndarray:
    """±1 of each parameter in each perturbation, shape (P, steps)."""
    code = FreshCode(derive.bank(config), [seed_register(1)])
    found = []
    for _ in range(steps):
        code.perturb()
        found.append(code.polarity[0])
    return np.array(found).T


def likest(signs: np.ndarray) -> float:
    """Return how much alike any two parameters are at any lag, or one is to itself at another.

    The largest correlation over all lags, in standard deviations of what chance gives.
    """
    steps = signs.shape[1]
    spectra = np.fft.rfft(signs, 2 * steps)
    most = 0.0
    for k, spectrum in enumerate(spectra):
        found = np.abs(np.fft.irfft(spectra[k:] * spectrum.conj(), 2 * steps))
        found[0, 0] = 0  # itself, now
        most = max(most, float(found.max()))
    return most / np.sqrt(steps)


@pytest.mark.parametrize("lanes", [1, 4, 16, 64])
def test_no_two_parameters_share_a_sequence(lanes: int) -> None:
    """40 parameters, 10⁴ steps, all lags: 1.6·10⁷ pairs, of which chance makes one 5.4 σ."""
    config = fresh(4, 5, 2, 1, lanes=lanes)
    assert config.parameters == 40
    assert likest(lines(config, 10_000)) < 7


def test_a_line_of_bits_would_be_found() -> None:
    steps, bits = 10_000, np.array(sequence(1, 10_040)) * 2 - 1
    assert likest(np.array([bits[40 - k :][:steps] for k in range(40)])) > 90


def test_a_perturbation_lasts_as_long_as_any_other() -> None:
    config = fresh(2, 2, 1, tau_p=3, tau_x=3, steps=12, eta=-6)
    trainer, held = Trainer(config, [1]), []
    for phase in trainer.phases():
        if phase.name == "PERTURBED":
            held.append(tuple(trainer.code.line[0].tolist()))
    assert [held[k] == held[k - 1] for k in range(1, 12)] == [k % 3 > 0 for k in range(1, 12)]


def test_the_initial_parameters_are_those_of_the_line() -> None:
    start = [fresh(3, 2, 1, perturbation=kind) for kind in ("rcm", "fresh")]
    thetas = []
    for config in start:
        trainer = Trainer(config, [1, 2])
        list(trainer.initialise())
        thetas.append(trainer.cells.theta.tolist())
    assert thetas[0] == thetas[1]


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"engine": "spatial"}, 'training.perturbation = "fresh": needs build.engine = "folded"'),
        ({"lanes": 65}, "build.lanes = 65: must be at most 64 with training.perturbation"),
    ],
)
def test_what_has_no_fresh_bits_is_refused(keys: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError) as caught:
        fresh(2, 2, 1, **keys)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_by_node_any_number_of_lanes_will_do() -> None:
    assert fresh(2, 2, 1, lanes=256, estimator="node").build.lanes == 256
