"""What all tests of boards/ need: configs, and the text of a refusal."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest
from amaranth.hdl import Elaboratable, Module

from hdl.trainer import Trainer
from spec.config import Config
from tests.configs import perceptron

# Of a hollow trainer, nothing is elaborated.
Elaboratable._MustUse__silence = True  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def xor() -> Config:
    """XOR in a 2-2-1 network, all else as by default."""
    return Config.from_dict({"task": {"name": "xor"}, "network": {"layers": [2, 2, 1]}})


@pytest.fixture(scope="session")
def small() -> Config:
    """One neuron and no link: for what does not depend on the design, as it elaborates at once."""
    return perceptron(2, 1, link=False)


@contextmanager
def hollow() -> Iterator[None]:
    """Let a trainer have ports and nothing behind them: for what lies around it on a board."""
    with mock.patch.object(Trainer, "elaborate", _nothing):
        yield


def _nothing(trainer: Trainer, platform: Any) -> Module:
    return Module()
