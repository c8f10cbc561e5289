"""What all tests of boards/ need: configs, and the text of a refusal."""

import pytest

from spec.config import Config
from tests.configs import perceptron


@pytest.fixture(scope="session")
def xor() -> Config:
    """XOR in a 2-2-1 network, all else as by default."""
    return Config.from_dict({"task": {"name": "xor"}, "network": {"layers": [2, 2, 1]}})


@pytest.fixture(scope="session")
def small() -> Config:
    """One neuron and no link: for what does not depend on the design, as it elaborates at once."""
    return perceptron(2, 1, link=False)
