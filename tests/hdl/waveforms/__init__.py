"""A waveform for each component of the gateware, drawn from a simulation, for its documentation.

A scenario is a component as small as can be, with stimuli of a few clocks; a file here has those of
a folder of `hdl`. They are tests, too: what a caption says of latencies is measured
(`tests/hdl/test_waveforms.py`).
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil

from amaranth.lib import wiring

import hdl
from hdl.external.costs import Receiver
from hdl.external.weights import Sender
from tests.hdl.waveforms import (
    external,
    folded,
    link,
    memory,
    number,
    optimizer,
    plant,
    registers,
    whole,
)
from tests.hdl.waveforms.scenario import Scenario

SCENARIOS: dict[type, Scenario] = {
    component: scenario
    for folder in (number, optimizer, memory, plant, link, registers, external, folded, whole)
    for component, scenario in folder.SCENARIOS.items()
}
"""By component."""

WITHOUT: dict[type, str] = {
    Receiver: "what all ways have in common: there is nothing to simulate",
    Sender: "what all ways have in common: there is nothing to simulate",
}
"""Components that have none, and why."""


def components() -> list[type]:
    """List the public components of the gateware."""
    found = []
    for module in pkgutil.walk_packages(hdl.__path__, "hdl."):
        members = vars(importlib.import_module(module.name)).values()
        found += [
            member
            for member in members
            if inspect.isclass(member)
            and issubclass(member, wiring.Component)
            and member.__module__ == module.name
            and not member.__name__.startswith("_")
        ]
    return found
