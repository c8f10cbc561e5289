"""The cells of the model, against plain Python integers."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np
from hypothesis import given, settings

from model.optimizer.cells import SynapseCells
from spec import derive
from spec.config import Config
from tests.configs import xor
from tests.strategies import networks


def clamp(value: int, bits: int) -> int:
    return min(max(value, -(2 ** (bits - 1))), 2 ** (bits - 1) - 1)


@settings(max_examples=50)
@given(networks(max_layers=1, max_width=2), st.data())
def test_any_sequence(config: Config, draw: st.DataObject) -> None:
    """Two runs with a u of their own, cells with a sign of their own."""
    cells = SynapseCells(derive.bank(config), 2)
    theta = [[0] * config.parameters for _ in range(2)]
    G = [[0] * config.parameters for _ in range(2)]
    u_values = st.integers(derive.bus(config).minimum, derive.bus(config).maximum)
    for accumulate in draw.draw(st.lists(st.booleans(), min_size=5, max_size=30)):
        if accumulate:
            u = [draw.draw(u_values) for _ in range(2)]
            rng = np.random.default_rng(draw.draw(st.integers(0, 99)))
            sign = rng.choice([-1, 1], (2, config.parameters))
            cells.accumulate(np.array(u), sign)
            for run, cell in np.ndindex(sign.shape):
                moved = G[run][cell] + int(sign[run, cell]) * u[run]
                G[run][cell] = clamp(moved, config.formats.gradient_bits)
        else:
            cells.update()
            for run, cell in np.ndindex(2, config.parameters):
                moved = theta[run][cell] - G[run][cell]
                theta[run][cell], G[run][cell] = clamp(moved, derive.theta(config).bits), 0
        assert cells.theta.tolist() == theta
        assert cells.G.tolist() == G


def test_weights_are_the_top_bits_and_the_perturbation() -> None:
    """Truncated towards minus infinity; ±Δθ is added at the multiplier's LSB, and may exceed θ."""
    config = xor(theta="Q2.10", weight_bits=8, amplitude=-3)
    cells = SynapseCells(derive.bank(config), 1)
    theta = np.array([[-2048, -17, -16, -1, 0, 15, 16, 1000, 2047]])
    cells.theta = theta
    top = [math.floor(value / 16) for value in theta[0]]
    assert cells.weights().tolist() == [top]
    sign = np.array([[1, -1, 1, -1, 1, -1, 1, -1, 1]])
    expected = [w + 8 * int(s) for w, s in zip(top, sign[0], strict=True)]  # 8 · 2**-6 = 2**-3
    assert cells.weights(sign).tolist() == [expected]
    assert expected[-1] > derive.weight(config).maximum


def test_keep_goes_on_with_the_chosen_runs() -> None:
    cells = SynapseCells(derive.bank(xor()), 3)
    cells.accumulate(np.array([1, 2, 3]), np.ones((3, 9), dtype=np.int64))
    cells.keep(np.array([True, False, True]))
    assert cells.G[:, 0].tolist() == [1, 3]
    assert cells.theta.shape == (2, 9)
