"""The trainer as its users meet it: ports, registers, starting over; and the loop bit for bit."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from amaranth.back import verilog

from hdl.trainer import Trainer
from model.trace import Trace
from model.trainer import Trainer as Golden
from sim.packing import integer, pack, unpack
from spec import probe
from spec.config import Config
from spec.phase import Phase
from spec.registers import UNSOLVABLE, registers
from tests.configs import perceptron, xor
from tests.hdl.helpers import Row, stream


def start(config: Config, clocks: int, **inputs: int) -> list[Row]:
    """Load the registers of a config, start, and wait."""
    loaded = {register.name: register.value for register in registers(config)}
    return [{"start": 1, "stop": 0} | loaded | inputs, *[{"start": 0}] * clocks]


def fields(config: Config, row: Row) -> dict[str, list[int]]:
    """Unpack a probe; it has been read as one number."""
    return unpack(probe.fields(config), row["probe"])


# Bit for bit


CONFIGS = {
    "xor": xor(steps=25, check_every=10, seed=3),
    "three layers": perceptron(2, 3, 2, 2, steps=15, tau_x=3, tau_theta=2, tau_p=2, hidden="plan"),
    "several outputs": perceptron(
        *(3, 3), samples=5, steps=25, check_every=7, inputs="fixed", output="sigmoid", tau_theta=3
    ),
    "one sample": perceptron(1, 1, samples=1, steps=20, order="sequential", output="relu"),
}


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_every_state_in_every_clock(config: Config) -> None:
    """The golden model's, to the end of the run."""
    expected = [
        integer(word)
        for chunk in Trace(config).chunks()
        for word in pack(probe.fields(config), chunk)
    ]
    rows = start(config, len(expected), solved_correct=UNSOLVABLE)
    found = stream(Trainer(config, probe=True), rows, ["probe"])[1:]
    for clock, (row, word) in enumerate(zip(found, expected, strict=True)):
        if row["probe"] != word:
            pytest.fail(f"clock {clock}: {fields(config, row)}")
    assert fields(config, found[-1])["phase"] == [Phase.DONE]


def test_registers_need_no_new_bitstream() -> None:
    """One trainer makes the runs of other τ, η, seeds, steps and checks."""
    built = xor(eta=-2)
    trainer = Trainer(built, probe=True)
    other: dict[str, Any] = {"tau_p": 2, "tau_x": 3, "tau_theta": 5, "seed": 8, "steps": 22}
    for config in (
        built.with_training(steps=15),
        built.with_training(**other, eta=-4, check_every=4),
    ):
        [run] = Golden(config, [config.training.seed], stop_when_solved=False).run()
        rows = start(config, run.clocks + 10, solved_correct=UNSOLVABLE)
        found = stream(trainer, rows, ["probe", "done", "step"])
        assert [row["done"] for row in found].index(1) == run.clocks + 1
        assert fields(config, found[-1])["theta"] == run.theta.tolist()
        assert found[-1]["step"] == config.training.steps


def test_starts_over_with_another_seed_as_from_reset() -> None:
    """Nothing of the run before is left, at the latest after the first check."""
    configs = [xor(steps=20, check_every=5, seed=seed) for seed in (1, 2)]
    runs = [Golden(config, [config.training.seed]).run()[0] for config in configs]
    rows = [start(config, run.clocks + 9) for config, run in zip(configs, runs, strict=True)]
    outputs = ["probe", "checked", "correct", "cost_sum", "solved", "done", "step"]
    fresh = stream(Trainer(configs[1], probe=True), rows[1], outputs)
    again = stream(Trainer(configs[1], probe=True), rows[0] + rows[1], outputs)[len(rows[0]) :]
    theta = [[fields(configs[1], row)["theta"] for row in seen] for seen in (fresh, again)]
    # What the last layer holds is as late as the bus reaches it.
    assert theta[0][30:] == theta[1][30:]
    assert theta[0][0] != theta[1][0]
    check = [row["checked"] for row in fresh].index(1)
    assert again[check:] == fresh[check:]
    assert theta[1][-1] == runs[1].theta.tolist()


def test_stops_when_solved() -> None:
    """At the step at which the model does; the outputs are the last check's score."""
    config = xor(seed=11)
    [run] = Golden(config, [11]).run()
    assert run.solved
    assert run.steps < config.training.steps
    rows = start(config, run.clocks + 30)
    last = stream(
        Trainer(config, probe=True),
        rows,
        ["solved", "done", "step", "correct", "cost_sum", "probe"],
    )[-1]
    assert (last["solved"], last["done"], last["step"]) == (1, 1, run.steps)
    assert (last["correct"], last["cost_sum"]) == (run.correct, run.cost_sum)
    np.testing.assert_array_equal(fields(config, last)["theta"], run.theta)


# Ports


def documented() -> list[str]:
    """Return the names in the Members section of the trainer's docstring."""
    text = Trainer.__doc__ or ""
    section = text.split("Members\n    -------\n")[1]
    lines = re.findall(r"^    (\S.*?) : (?:array of )?(?:In|Out)", section, re.MULTILINE)
    return [name for line in lines for name in line.split(", ")]


def verilog_ports(source: str) -> dict[str, tuple[str, int]]:
    """Return direction and width of each port of the top module."""
    top = re.search(r"^module trainer\((.*?)\);(.*?)^endmodule", source, re.MULTILINE | re.DOTALL)
    assert top is not None
    declared = re.findall(r"^  (input|output) (?:\[(\d+):0\] )?(\w+);", top[2], re.MULTILINE)
    ports = {name: (way, int(high or 0) + 1) for way, high, name in declared}
    assert set(ports) == set(re.split(r"\s*,\s*", top[1].strip()))
    return ports


@pytest.mark.parametrize("room", [None, 5])
@pytest.mark.parametrize(
    ("with_probe", "control"), [(False, False), (True, False), (False, True), (True, True)]
)
def test_verilog_has_the_documented_ports(
    with_probe: bool, control: bool, room: int | None
) -> None:
    """No more, no less, none renamed; the registers are as wide as `spec.registers` says."""
    config = perceptron(2, 3, samples=3, room=room)
    trainer = Trainer(config, probe=with_probe, control=control)
    source = verilog.convert(trainer, name="trainer", strip_internal_attrs=True)
    ports = verilog_ports(source)
    names = [name for name in documented() if room or name != "samples_in_use"]
    place = names.index("probe")
    expected = set(names[:place] + (["probe"] if with_probe else []))
    expected |= set(names[place + 1 :]) if control else set()
    arrays = {re.sub("__[0-9]+$", "", port) for port in ports}
    assert arrays - {"clk", "rst"} == expected
    for register in registers(config):
        assert ports[register.name] == ("input", register.width)
    assert ports["step"] == ("output", 32)
    if with_probe:
        assert ports["probe"] == ("output", probe.width(config))


EXPORT = """
import hashlib
from amaranth.back import verilog
from hdl.trainer import Trainer
from tests.configs import xor
print(hashlib.sha256(verilog.convert(Trainer(xor())).encode()).hexdigest())
"""


def test_verilog_is_the_same_in_every_process() -> None:
    """Builds are kept by its hash, and a user's diff shows what has changed."""
    digests = set()
    for seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            [sys.executable, "-c", EXPORT], env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        digests.add(done.stdout)
    assert len(digests) == 1
