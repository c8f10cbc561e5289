"""A neuron's copy of the bus, or of the inputs, is a register of its own in the netlist, too."""

import json
from pathlib import Path
from typing import Any

import pytest

from boards import catalogue, flow, scripts
from hdl.plant.layer import dense
from tests.configs import perceptron

NARROW = {"theta": "Q2.4", "weight_bits": 6, "activation_bits": 4, "cost_bits": 4, "bus_bits": 4}
CONFIG = perceptron(1, 2, update_delay=40, accumulate=False, link=False, **NARROW)


@pytest.fixture(autouse=True)
def _two_neurons_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that each has a copy of the inputs."""
    monkeypatch.setattr(dense, "MOST", 2)


def merged(board: str, work: Path) -> list[str]:
    """Synthesise; return which copies of the first two neurons share a flip-flop."""
    flow.synthesise(CONFIG, catalogue.find(board), work)
    netlist: dict[str, Any] = json.loads((work / "top.json").read_text())["modules"]["top"]
    nets = {name: set(net["bits"]) for name, net in netlist["netnames"].items()}
    copies = [f"trainer.optimizer.bank.{name}_0_" for name in ("perturb", "bus_of")]
    copies.append("trainer.network_0.layer_0.x_of_")
    return [name for name in copies if nets[f"{name}0"] & nets[f"{name}1"]]


@pytest.mark.parametrize("board", ["icebreaker", "ulx3s-25f"])
def test_synthesis_keeps_copies_apart(board: str, tmp_path: Path) -> None:
    assert merged(board, tmp_path) == []


def test_left_alone_it_makes_one_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault."""
    merging = scripts.COPIES.partition("setattr")[0]
    monkeypatch.setitem(scripts.FLOWS["ECP5"].overrides, "script_after_read", merging)
    assert len(merged("ulx3s-25f", tmp_path)) == 3
