"""Yosys and netlists of these tests say what Amaranth's own do."""

from __future__ import annotations

import gc

import pytest
from amaranth._toolchain import yosys as amaranth_s
from amaranth.back import verilog
from amaranth.hdl import _nir

from hdl.trainer import Trainer
from sim.simulators import to_verilog
from tests import netlists, yosys
from tests.configs import xor


def test_the_same_verilog(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = [
        to_verilog(Trainer(xor(), probe=True)) for _ in range(2)
    ]  # nothing is left of the first
    monkeypatch.setattr(verilog, "find_yosys", amaranth_s.find_yosys)
    for kind, name, original, _ in netlists.REPLACED:
        assert getattr(kind, name) is not original
        monkeypatch.setattr(kind, name, original)
    assert ours == 2 * [to_verilog(Trainer(xor(), probe=True))]


def test_nothing_is_left_of_a_netlist() -> None:
    """Without the garbage collector."""

    def left() -> int:
        return sum(type(each) is _nir.FlipFlop for each in gc.get_objects())

    before = left()
    to_verilog(Trainer(xor(), probe=True))
    assert left() <= before


def test_the_same_error(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for yosys_s in (yosys.find, amaranth_s.find_yosys):
        with pytest.raises(amaranth_s.YosysError) as caught:
            yosys_s(lambda version: version >= (0, 40)).run(["-q", "-"], "no_such_command\n")
        found.append(str(caught.value))
    assert found[0] == found[1]
    assert "no_such_command" in found[0]
