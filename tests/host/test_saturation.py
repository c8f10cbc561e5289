"""What is at an end of its range is counted: of θ, of G, and of what neurons put out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from host import golden, weights
from host.device import Device
from model.number.fixed import Ints
from model.trainer import Trainer
from tests.configs import perceptron, xor
from tests.host.conftest import XOR, read_json, run


def test_both_ends_count_and_what_is_beside_them_does_not() -> None:
    """θ has 8 bits, G 12."""
    theta = np.array([127, -128, 126, -127, 0, 127, 1, 2, 3])
    G = np.array([2047, 2046, -2047, -2048, 0, 128, -128, 5, 2047])
    found = golden.rails(XOR, theta, G)
    assert (found.theta, found.G) == (3, 3)
    nothing = np.zeros(9, dtype=np.int64)
    assert golden.rails(XOR, nothing, nothing).theta == golden.rails(XOR, nothing, nothing).G == 0


def test_cells_without_G() -> None:
    config = xor(accumulate=False)
    assert golden.rails(config, np.zeros(9, dtype=np.int64), np.zeros(9, dtype=np.int64)).G is None


def test_activations_layer_by_layer() -> None:
    """Hard tanh and PLAN, of 5 samples: a bias of ±2 and no weight is at a rail, or not."""
    config = perceptron(2, 2, 1, samples=5)
    theta = np.zeros(9, dtype=np.int64)
    assert golden.rails(config, theta, theta).activations == ((0, 10), (0, 5))
    theta[2] = 127  # bias of the first neuron: 1.98, which hard tanh makes 1
    assert golden.rails(config, theta, theta).activations == ((5, 10), (0, 5))


def test_a_board_with_weights_at_their_ends(port: str, folder: Path) -> None:
    """What a look tells is what was brought there; the rest is the golden network's."""
    theta = np.array([127, -128, 5, 127, -128, 0, 127, 126, -127])
    weights.write(folder / "w.npz", XOR, theta)
    assert run("weights", "load", "xor", "w.npz", "--port", port) == 0
    assert run("watch", "xor", "--once", "--port", port, "--json", "out.json") == 0
    made = read_json(folder / "out.json")
    assert made["theta"] == theta.tolist()
    assert (made["theta_saturated"], made["G_saturated"]) == (5, 0)
    expected = golden.rails(XOR, theta, np.zeros(9, dtype=np.int64)).activations
    assert [(row["saturated"], row["of"]) for row in made["activations_saturated"]] == [*expected]
    assert (made["correct"], made["accuracy"], made["cost"]) == (None, None, None)
    assert (made["busy"], made["step"]) == (False, 0)


def test_after_a_run(port: str, folder: Path) -> None:
    assert run("train", "xor", "--engine", "board", "--port", port) == 0
    assert run("watch", "xor", "--once", "--port", port, "--json", "out.json") == 0
    made, (run_of_it,) = read_json(folder / "out.json"), Trainer(XOR, [1]).run()
    assert (made["solved"], made["done"], made["step"]) == (True, True, run_of_it.steps)
    assert made["theta"] == run_of_it.theta.tolist()
    assert made["costs"][-1] == made["cost"] == run_of_it.cost_sum / 4 / 2**XOR.formats.cost_bits


def test_G_at_its_ends(port: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a board that shows a G at either end, and one beside."""

    def shown(device: Device) -> Ints:
        return np.array([2047, -2048, 2046, 0, 0, 0, 0, 0, 0])

    monkeypatch.setattr(Device, "G", shown)
    assert run("watch", "xor", "--once", "--port", port, "--json", "out.json") == 0
    assert read_json(folder / "out.json")["G_saturated"] == 2
