"""Estimates, against numbers counted by hand."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from boards import catalogue, flow, multiplier
from boards.build import build
from boards.estimate import estimate, memory_bits, multipliers, require_memory
from boards.top import Top, has_link
from spec.config import Config
from spec.errors import InputError
from tests.configs import FOLDED, perceptron
from tests.configs import xor as make_xor
from tests.conftest import EXAMPLES, examples


def test_xor_on_the_icebreaker(xor: Config) -> None:
    assert estimate(xor, "icebreaker").to_dict() == {
        "board": "icebreaker",
        "device": "iCE40UP5K",
        "verdict": "fits",
        "cells": 9,  # 2 neurons of 2 weights and a bias, 1 of the same
        # 9 cells of XOR in reports/growth.json, of 20 bits instead of 16, and a link
        "logic": round(1356 + 9 * 2.8 * 4 + 1190),
        "logic_available": 5280,
        "multipliers": 3,  # 2 products in the last neuron, 1 squared error
        "multipliers_available": 8,
        "memory_bits": 16,  # 4 samples of 2 inputs, 1 target and 1 class
        "memory_bits_available": 30 * 4096,
        # layers: weight, product, 2 levels of adders, and a clamp (1) or PLAN (2): 5 + 6;
        # cost: error, square, mean: 3; bus: C̃, shift, u: 3;
        # and update, step, baseline, accumulate: 4
        "clocks_per_step": 19,
        "clock_mhz": 12.0,
        "steps_per_second": 631578.9,
    }


def products(config: Config) -> int:
    """Of a board with a serial port."""
    return multipliers(config, linked=has_link(config, BOARD))


def make(task: dict[str, Any], layers: list[int], **network: Any) -> Config:
    return Config.from_dict({"task": task, "network": {"layers": layers} | network})


@pytest.fixture
def fixed(tmp_path: Path) -> Path:
    """Two inputs and two targets that need more than a bit each; five samples."""
    path = tmp_path / "data.csv"
    path.write_text("x0,x1,t0,t1\n" + "0.5,-1,0.25,0\n" * 5)
    return path


def test_multipliers(fixed: Path) -> None:
    parity = {"name": "parity", "bits": 4}
    assert products(make(parity, [4, 1])) == 1
    assert products(make(parity, [4, 8, 1])) == 8 + 1
    assert products(make(parity, [4, 8, 3, 1])) == 8 * 3 + 3 + 1
    # 5 samples: choosing one at random takes a product too
    file = {"name": "file", "path": str(fixed), "inputs": "fixed"}
    assert products(make(file, [2, 2])) == 2 * 2 + 2 + 1
    assert products(make(file, [2, 7, 2])) == 2 * 7 + 7 * 2 + 2 + 1
    file["order"] = "sequential"
    assert products(make(file, [2, 2])) == 2 * 2 + 2


def test_a_mean_of_three_takes_a_multiplier(tmp_path: Path) -> None:
    path = tmp_path / "three.csv"
    path.write_text("x0,t0,t1,t2\n1,0,0,1\n-1,1,0,0\n")
    assert products(make({"name": "file", "path": str(path)}, [1, 3])) == 3 + 1


def yosys_counts(config: Config, work: Path) -> int:
    """Synthesise as far as to the multiplier blocks of an ECP5, and count them."""
    platform: Any = BOARD.platform()
    platform.get_multiplier = multiplier.Offer(BOARD.family)  # of those with registers
    plan = platform.prepare(Top(config, BOARD), emit_src=False)
    plan.extract(work)
    (work / "count.ys").write_text(
        "read_rtlil top.il\nsynth_ecp5 -run begin:map_ram -top top\nflatten\n"
        "tee -o count select -count t:MULT18X18D\n"
    )
    flow.run_tool("yosys", ["-q", "count.ys"], work)
    return int((work / "count").read_text().split()[0])


BOARD = catalogue.find("ulx3s-25f")
QUICK = ("fm", "node", "noisy")
ALL = [
    pytest.param(path.stem, marks=() if path.stem in QUICK else pytest.mark.slow)
    for path in examples()
]
ALONE: dict[str, Any] = {"link": False}
"""Without a link, of which only room for samples makes a product."""
FIXED: dict[str, Any] = {"inputs": "fixed", **ALONE}
OTHERS = {
    "a mean of three": perceptron(2, 3, activation_bits=4, cost_bits=4, **ALONE),
    "two rails": make_xor(update_delay="auto", rails=2, defects=0.125, cost_noise=0.05, **ALONE),
    "sines by nodes": make_xor(perturbation="fm", estimator="node", **ALONE),
    "fixed inputs by nodes": perceptron(2, 3, 1, estimator="node", samples=5, **FIXED),
    "room for samples": perceptron(2, 2, 1, room=16),
    "fixed inputs in sequence": perceptron(3, 3, 2, order="sequential", **FIXED),
    "turns and draws": make_xor(perturbation="tm", cost_noise=0.125),
    "turns and wider draws": make_xor(perturbation="tm", cost_noise=0.06),
}


@pytest.mark.parametrize("name", ALL)
def test_yosys_counts_as_many_for_every_example(name: str, tmp_path: Path) -> None:
    config = Config.load(EXAMPLES / f"{name}.toml")
    assert products(config) == yosys_counts(config, tmp_path)


@pytest.mark.parametrize("config", OTHERS.values(), ids=OTHERS)
def test_yosys_counts_as_many_for_others(config: Config, tmp_path: Path) -> None:
    assert products(config) == yosys_counts(config, tmp_path)


def test_yosys_counts_one_more(tmp_path: Path) -> None:
    """Without noise the estimate would be wrong, and the test above would say so."""
    config = make_xor(cost_noise=0.05, **ALONE)
    assert yosys_counts(config, tmp_path) == products(make_xor()) + 1 == products(config)


def test_two_rails(fixed: Path) -> None:
    """Everything twice, but what belongs to the samples."""
    two = {"training": {"update_delay": "auto"}, "build": {"rails": 2}}
    file = {"name": "file", "path": str(fixed), "inputs": "fixed"}
    tables = {"layers": [2, 4, 2], "hidden": "tanh"}
    one = Config.from_dict({"task": file, "network": tables})
    both = Config.from_dict({"task": file, "network": tables} | two)
    assert products(both) == 2 * (products(one) - 1) + 1
    samples = memory_bits(make(file, [2, 4, 2]))
    assert memory_bits(one) > samples
    assert memory_bits(both) - samples == 2 * (memory_bits(one) - samples)


def test_memory_of_samples(fixed: Path) -> None:
    # a sample: 4 one-bit inputs, a one-bit target, its class
    assert memory_bits(make({"name": "parity", "bits": 4}, [4, 1])) == 16 * (4 + 1 + 1)
    # Q2.8 inputs; targets 0 to 256 of 2**-8, as PLAN's outputs
    file = {"name": "file", "path": str(fixed), "inputs": "fixed"}
    assert memory_bits(make(file, [2, 2])) == 5 * (2 * 10 + 2 * 9 + 1)
    # room for 16, with targets as outputs
    assert memory_bits(perceptron(2, 1, room=16, binary_targets=True)) == 16 * (2 + 9 + 1)


def test_memory_of_tables() -> None:
    parity = {"name": "parity", "bits": 4}
    plain = memory_bits(make(parity, [4, 3, 1]))
    # Δθ = 1/8: 8 / (1/8) = 64 entries up to 256 for sigmoid, half as many for tanh
    assert memory_bits(make(parity, [4, 3, 1], output="sigmoid")) == plain + 64 * 9
    assert memory_bits(make(parity, [4, 3, 1], hidden="tanh")) == plain + 3 * 32 * 9


def test_clock_of_the_board(xor: Config) -> None:
    assert estimate(xor, "orangecrab").steps_per_second == pytest.approx(48e6 / 19, abs=0.1)
    assert estimate(xor, "hx8k").multipliers_available == 0


def test_another_clock(xor: Config, refusal: Callable[..., str]) -> None:
    found = estimate(xor, "ulx3s-25f", clock_mhz=126)
    assert found.clock_mhz == 125
    assert found.steps_per_second == pytest.approx(125e6 / 19, abs=0.1)
    assert "1000 MHz" in refusal(estimate, xor, "ulx3s-25f", clock_mhz=1000)


def test_unknown_board(xor: Config, refusal: Callable[..., str]) -> None:
    assert "must be one of" in refusal(estimate, xor, "none")


def test_what_has_no_gateware(refusal: Callable[..., str], tmp_path: Path) -> None:
    """It is said as a build says it."""
    config, board = perceptron(3, 2, **FOLDED | {"accumulate": True}), "ulx3s-25f"
    said = refusal(estimate, config, board)
    assert said.startswith("build.accumulate = true: parameters in memory have no G in gateware")
    assert refusal(build, config, board, folder=tmp_path) == said


def test_a_memory_that_is_too_large() -> None:
    """It is said by how many bits, and which boards have enough."""
    small, board = perceptron(200, 8, 2, **FOLDED), catalogue.find("icebreaker")
    require_memory(small, board)
    large = perceptron(900, 32, 2, **FOLDED)
    bits, there = memory_bits(large), 30 * 4096
    require_memory(large, catalogue.find("ulx3s-25f"))
    with pytest.raises(InputError) as raised:
        require_memory(large, board)
    said = str(raised.value)
    assert said.startswith(
        f"icebreaker (iCE40UP5K) has 122,880 bits of memory, and parameters, inputs and samples "
        f"take {bits:,}, {bits - there:,} too many; enough have "
    )
    assert "ulx3s-25f" in said
    assert "ice40_hx8k_b_evn" not in said
    with pytest.raises(InputError, match="no board has as many"):
        require_memory(perceptron(4000, 128, 2, **FOLDED), board)
