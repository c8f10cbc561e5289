"""What all tests of boards/ need: configs, and the text of a refusal."""

from collections.abc import Callable
from typing import Any

import pytest

from spec.config import Config
from spec.errors import InputError


@pytest.fixture(scope="session")
def xor() -> Config:
    """XOR in a 2-2-1 network, all else as by default."""
    return Config.from_dict({"task": {"name": "xor"}, "network": {"layers": [2, 2, 1]}})


@pytest.fixture(scope="session")
def refusal() -> Callable[..., str]:
    """Call something that must raise an InputError of one line; return that line."""

    def call(function: Callable[..., object], *args: Any, **kwargs: Any) -> str:
        with pytest.raises(InputError) as caught:
            function(*args, **kwargs)
        text = str(caught.value)
        assert len(text.splitlines()) == 1
        return text

    return call
