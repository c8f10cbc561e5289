"""What all tests of boards/ need: configs, and the text of a refusal."""

import pytest

from spec.config import Config


@pytest.fixture(scope="session")
def xor() -> Config:
    """XOR in a 2-2-1 network, all else as by default."""
    return Config.from_dict({"task": {"name": "xor"}, "network": {"layers": [2, 2, 1]}})
