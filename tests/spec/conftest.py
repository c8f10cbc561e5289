"""What all tests of spec/ need: a config to vary, and the text of a refusal."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from spec.config import Config


@pytest.fixture(scope="session")
def xor() -> Callable[..., Config]:
    """Build the XOR config with other values in its tables, as xor(training={"eta": -3})."""

    def build(**tables: Mapping[str, Any]) -> Config:
        given: dict[str, Any] = {"task": {"name": "xor"}, "network": {"layers": [2, 2, 1]}}
        for name, values in tables.items():
            given[name] = {**given.get(name, {}), **values}
        return Config.from_dict(given)

    return build
