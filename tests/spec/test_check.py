"""Each check across keys, at both sides of its limit."""

from collections.abc import Callable
from typing import Any

import pytest

from spec.config import Config
from tests.configs import FOLDED

Tables = dict[str, dict[str, Any]]


def formats(**values: Any) -> Tables:
    return {"formats": values}


def training(**values: Any) -> Tables:
    return {"training": values}


def layers(*sizes: int) -> Tables:
    return {"network": {"layers": list(sizes)}}


PARITY3 = {"task": {"name": "parity", "bits": 3}}
FINE = {"theta": "Q2.14", "weight_bits": 16}  # Δθ down to 2**-14
COARSE = {"theta": "Q2.6", "weight_bits": 4}  # the multiplier's LSB is 2**-2
SIGMOID = {"network": {"output": "sigmoid"}, "formats": {**FINE, "activation_bits": 12}}
TANH = {"network": {"hidden": "tanh"}, "formats": {**FINE, "activation_bits": 12}}


def hardware(**values: Any) -> Tables:
    return {"hardware": values}


def analog(**values: Any) -> Tables:
    return training(loop="analog", **{"tau_x": 2} | values)


SINES = {"perturbation": "fm", "eta": -4}
CHANGE = {"step": 9, "eta": -2, "tau_x": 2}
EXACT = [  # (allowed, refused, the refusal)
    (
        *(PARITY3 | layers(3, 1), {"task": {"name": "xor", "bits": 3}}),
        "task.bits: is for task.name = 'parity' only, and 'xor' has no use for it",
    ),
    (
        *({"task": {"path": ""}}, {"task": {"path": "data.csv"}}),
        "task.path: is for task.name = 'file', 'mnist', 'fashion_mnist' or 'cifar10' only, and "
        "'xor' has no use for it",
    ),
    (
        *(analog(tau_hp=4), training(tau_hp=4)),
        'training.tau_hp = 4: does nothing without training.loop = "analog"; leave it out',
    ),
    (
        *({"build": {"baud": 9600}}, {"build": {"baud": 9600, "link": False}}),
        "build.baud = 9600: does nothing without a link, build.link = true or 'auto'; leave it out",
    ),
    (
        *({"build": FOLDED | {"word_ports": 1}}, {"build": {"word_ports": 1}}),
        'build.word_ports = 1: does nothing without build.engine = "folded"; leave it out',
    ),
    (
        {"build": {"multipliers": "registered", "pipeline": "short"}},
        {"build": {"pipeline": "short"}},
        "build.pipeline = 'short': does nothing without build.engine = \"spatial\" and "
        'build.multipliers other than "inferred"; leave it out',
    ),
    (
        *({"build": FOLDED}, {"build": FOLDED | {"serial_cost": True}}),
        'build.serial_cost = true: needs training.cost = "cross_entropy", not "mse"',
    ),
    (
        *(training(schedule=[CHANGE]), training(schedule=[CHANGE, {"step": 10, "tau_x": 2}])),
        "training.schedule[1]: changes nothing at step 10; at least one of eta, tau_p, tau_x, "
        "tau_theta must be another than before",
    ),
    (
        *(training(**SINES, amplitude=-4), training(**SINES, amplitude=-5)),
        "training.amplitude = -5: a sine needs at least 4 LSBs of the multiplier, so -4 or more "
        'with this formats.weight_bits; or use training.perturbation = "fm_square"',
    ),
    (
        *(training(estimator="antithetic"), analog(estimator="antithetic")),
        'training.estimator = "antithetic": needs training.loop = "discrete"; the analog loop has '
        "one evaluation a step",
    ),
    (
        *(training(estimator="node", update_delay=20),),
        *(training(estimator="antithetic", update_delay=20),),
        'training.estimator = "antithetic": an overlapped schedule (training.update_delay = 20) '
        'needs "weight" or "node"',
    ),
    (
        *(training(momentum=2), analog(momentum=2)),
        'training.momentum = 2: must be 0 with training.loop = "analog", whose G leaks by '
        "tau_theta",
    ),
    (
        *(analog(perturbation="fm", tau_x=3), analog(perturbation="cm")),
        'training.perturbation = "cm": must be "rcm", "fm" or "fm_square" with training.loop = '
        '"analog"; its high-pass remembers slots before, in which other cells were perturbed as a '
        "cell is now",
    ),
    (
        *(analog(), analog(perturbation="tm")),
        'training.perturbation = "tm": must be "rcm", "fm" or "fm_square" with training.loop = '
        '"analog"; its high-pass remembers slots before, in which other cells were perturbed as a '
        "cell is now",
    ),
    (
        *(
            analog(perturbation="fm", tau_x=6, tau_p=2),
            analog(perturbation="fm_square", tau_x=4, tau_p=2),
        ),
        "training.tau_x = 4: must not have more factors of two than training.tau_p = 2 with sines "
        "in the analog loop (as 6 has not); new samples would meet some cells' waves always at the "
        "same places",
    ),
    (
        *(analog(tau_hp=4), analog(tau_hp=3)),
        'training.tau_hp = 3: must be a power of two with training.loop = "analog"',
    ),
    (
        *(analog(tau_theta=8), analog(tau_theta=6)),
        'training.tau_theta = 6: must be a power of two with training.loop = "analog"',
    ),
    (
        *(analog(tau_x=2), analog(tau_x=1)),
        'training.tau_x = 1: must be at least 2 with training.loop = "analog"; the step in cost '
        "by a new sample does not pass its high-pass, so that nothing would",
    ),
    (
        *(
            analog(schedule=[{"step": 5, "tau_x": 3}]),
            analog(schedule=[{"step": 5, "tau_theta": 2}]),
        ),
        "training.schedule: tau_theta is fixed when an analog loop is built, and cannot change "
        "to 2",
    ),
    (
        *(hardware(cost_noise=2**-10), hardware(cost_noise=2**-11)),
        "hardware.cost_noise = 0.00048828125: must be 0, or from 0.000976562 (a quarter of an LSB) "
        "to 128, in these formats",
    ),
    (
        *(hardware(update_noise=2**-8), hardware(update_noise=2**-9)),
        "hardware.update_noise = 0.001953125: must be 0, or from 0.00390625 (a quarter of an LSB) "
        "to 512, in these formats",
    ),
    (
        *(hardware(cost_noise=128.0), hardware(cost_noise=129.0)),
        "hardware.cost_noise = 129.0: must be 0, or from 0.000976562 (a quarter of an LSB) to 128, "
        "in these formats",
    ),
    (
        *({**hardware(defects=0.1), **training(init=-3)},),
        *({**hardware(defects=0.1), **training(init=-4)},),
        "hardware.defects = 0.1: 20 random draws are needed, but the initial θ makes 18; use a "
        "larger training.init or a finer formats.theta",
    ),
    (
        {**layers(2, 1024, 60, 1), **training(perturbation="cm")},  # 64,633 parameters
        {**layers(2, 1024, 61, 1), **training(perturbation="cm")},
        'training.perturbation = "cm": has codes for at most 65,536 parameters, not 65,659',
    ),
]


@pytest.mark.parametrize(("allowed", "refused", "message"), EXACT)
def test_the_whole_refusal(
    xor: Callable[..., Config],
    refusal: Callable[..., str],
    allowed: Tables,
    refused: Tables,
    message: str,
) -> None:
    xor(**allowed)
    assert refusal(xor, **refused) == message


CASES = [  # (allowed, refused, the refusal's beginning, what it says is allowed)
    (layers(2, 1), layers(2), "network.layers = [2]", "at least one layer of neurons"),
    (layers(2, 1), layers(), "network.layers = []", "at least one layer of neurons"),
    (layers(2, 5, 1), layers(3, 5, 1), "network.layers = [3, 5, 1]", "start with 2 and end with 1"),
    (layers(2, 5, 1), layers(2, 5, 2), "network.layers = [2, 5, 2]", "targets of task 'xor'"),
    (
        *(PARITY3 | layers(3, 1), PARITY3 | layers(2, 1)),
        *("network.layers = [2, 1]", "start with 3 and end with 1"),
    ),
    (
        *({**formats(theta="Q1.1"), **training(amplitude=-1, init=0)}, formats(theta="Q1.0")),
        *("formats.theta = 'Q1.0'", "2 to 24 bits in all"),
    ),
    (
        *({**formats(theta="Q2.22"), **training(eta=-16)}, formats(theta="Q2.23")),
        *("formats.theta = 'Q2.23'", "2 to 24 bits in all"),
    ),
    (
        *({**formats(theta="Q1.7"), **training(amplitude=-3)}, formats(theta="Q0.8")),
        *("formats.theta = 'Q0.8'", "at least 1 integer bit"),
    ),
    (
        *({**formats(theta="Q3.5", weight_bits=3), **training(amplitude=0, eta=0)},),
        *(formats(theta="Q3.5", weight_bits=2), "formats.weight_bits = 2", "from 3 (θ's integer"),
    ),
    (
        *({**formats(theta="Q1.7", weight_bits=2), **training(amplitude=-1)},),
        *(formats(theta="Q1.7", weight_bits=1), "formats.weight_bits = 1", "from 2 (θ's integer"),
    ),
    (
        *(formats(weight_bits=8), formats(weight_bits=9)),
        *("formats.weight_bits = 9", "to 8 (all of θ)"),
    ),
    (
        *(formats(bus_bits=12, gradient_bits=12), formats(bus_bits=13, gradient_bits=12)),
        *("formats.bus_bits = 13", "must not exceed formats.gradient_bits = 12"),
    ),
    (
        *({**formats(activation_bits=8, cost_bits=16)}, formats(activation_bits=8, cost_bits=17)),
        *("formats.cost_bits = 17", "must not exceed twice formats.activation_bits = 16"),
    ),
    (
        *({**formats(**COARSE), **training(amplitude=-2)},),
        *({**formats(**COARSE), **training(amplitude=-3)},),
        *("training.amplitude = -3", "from -2 (the multiplier's LSB, from formats.weight_bits)"),
    ),
    (
        *(training(amplitude=0), training(amplitude=1)),
        *("training.amplitude = 1", "to 0 (half of θ's range)"),
    ),
    (training(eta=3), training(eta=4), "training.eta = 4", "from -12 to 3 with this amplitude"),
    (training(eta=-12), training(eta=-13), "training.eta = -13", "from -12 to 3"),
    (training(init=1), training(init=2), "training.init = 2", "from -5 to 1"),
    (training(init=-5), training(init=-6), "training.init = -6", "from -5 to 1"),
    (
        *(training(solved_accuracy=0.0), training(solved_accuracy=-0.01)),
        *("training.solved_accuracy = -0.01", "from 0 to 1"),
    ),
    (
        *({**SIGMOID, **training(amplitude=-9, eta=-14)},),
        *({**SIGMOID, **training(amplitude=-10, eta=-14)},),
        *("training.amplitude = -10", "sigmoid table would need 8192 entries, at most 4096"),
    ),
    (
        *({**TANH, **training(amplitude=-10, eta=-14)},),
        *({**TANH, **training(amplitude=-11, eta=-14)},),
        *("training.amplitude = -11", "tanh table would need 8192 entries, at most 4096"),
    ),
]


@pytest.mark.parametrize(("allowed", "refused", "beginning", "says"), CASES)
def test_both_sides_of_a_limit(
    xor: Callable[..., Config],
    refusal: Callable[..., str],
    allowed: Tables,
    refused: Tables,
    beginning: str,
    says: str,
) -> None:
    xor(**allowed)
    text = refusal(xor, **refused)
    assert text.startswith(beginning)
    assert says in text
