"""A device does what the golden model does, whatever is read and written meanwhile."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from host.device import Device
from model.trainer import Trainer
from spec.config import Config
from spec.identity import constants
from spec.map import LIVE, MAGIC, TRACE_DEPTH, Kind, address_of, in_map
from spec.registers import entries, register_values, registers
from tests.bus import CLOCK_HZ, Bus, Refused
from tests.configs import xor
from tests.host import scenarios
from tests.host.scenarios import XOR

HAS = entries(XOR)


def readable() -> list[int]:
    """All addresses of XOR's device that can be read."""
    counts = {"theta": XOR.parameters, "G": XOR.parameters, "y": 1, "sample": 1}
    return [
        entry.address + word
        for entry in HAS
        if entry.kind is not Kind.COMMAND
        for word in range(counts.get(entry.name, entry.words))
    ]


def test_reading_changes_no_bit_and_no_clock(device: Device, bus: Bus) -> None:
    """Everything that can be read is, again and again, to the end of the run."""
    config = XOR.with_training(seed=5, steps=300)
    expected = scenarios.golden(config, 5)
    device.configure(config)
    device.start()
    asked = random.Random(1)
    places, reads = readable(), 0
    while device.state().busy or not reads:
        for _ in range(20):
            bus.read(asked.choice(places))
            reads += 1
    scenarios.same(device.result(5, device.state()), expected)
    assert bus.busy_clocks() == expected.clocks
    assert reads > 100


def test_what_is_read_of_theta_is_theirs_of_some_step(device: Device, bus: Bus) -> None:
    """No word is torn: each value of a cell is one that it has had."""
    config = XOR.with_training(seed=scenarios.SEED, steps=300)
    trainer = Trainer(config, [scenarios.SEED])
    had: list[set[int]] = [set() for _ in range(XOR.parameters)]
    for _ in trainer.phases():
        if trainer.cells.theta.size:
            for values, theta in zip(had, trainer.cells.theta[0], strict=True):
                values.add(int(theta))
    device.configure(config)
    device.start()
    seen = 0
    while device.state().busy:
        for values, theta in zip(had, device.theta(), strict=True):
            assert theta in values | {0}
            seen += 1
    assert seen > 50


def test_constants(device: Device, bus: Bus) -> None:
    for name, value in constants(XOR, CLOCK_HZ).items():
        if name != "identity":
            assert device.get(name) == value
    assert device.clock_hz == CLOCK_HZ
    assert bus.read(address_of("magic")) == [MAGIC]


def test_all_that_is_not_in_the_map_is_refused(device: Device, bus: Bus) -> None:
    """Every address of the page, those beside each window and with one bit wrong, and others."""
    good = set(readable())
    beside = {address + step for address in good for step in (-1, 1)}
    flipped = {address ^ 1 << bit for address in good for bit in range(16)}
    others = set(random.Random(7).sample(range(1 << 16), 300))
    for address in sorted((set(range(128)) | beside | flipped | others) & set(range(1 << 16))):
        if address in good:
            bus.read(address)
        else:
            with pytest.raises(Refused):
                bus.read(address)


def test_nothing_else_can_be_written(device: Device, bus: Bus) -> None:
    """Neither what is only read nor what is not there; and no register changes by it."""
    writable = {e.address for e in HAS if e.kind in (Kind.REGISTER, Kind.COMMAND)}
    names = [register.name for register in registers(XOR)]
    before = [device.get(name) for name in names]
    flipped = {address ^ 1 << bit for address in writable for bit in range(16)}
    others = set(random.Random(8).sample(range(1 << 16), 200))
    for address in sorted((set(range(128)) | flipped | others) - writable):
        with pytest.raises(Refused):
            bus.write(address, [0xFFFF_FFFF])
    assert [device.get(name) for name in names] == before
    scenarios.train(device, bus)


def test_while_busy_what_would_disturb_is_refused(device: Device, bus: Bus) -> None:
    """And changes nothing: the run is that of the golden model, registers are as before."""
    config = XOR.with_training(seed=6, steps=2000, solved_cost=0.0)
    device.configure(config)
    device.start()
    refused = 0
    while True:
        for entry in HAS:
            if entry.kind in (Kind.REGISTER, Kind.COMMAND) and entry.name not in (*LIVE, "control"):
                before = device.state().busy
                try:
                    bus.write(entry.address, [1])
                except Refused:
                    refused += 1
                else:
                    assert not (before and device.state().busy)
        if refused >= 40:
            break
    assert device.state().busy
    scenarios.same(
        device.result(6, device.wait(lambda state: bus.idle(300))), scenarios.golden(config, 6)
    )
    assert [device.get(r.name) for r in registers(config)] == [r.value for r in registers(config)]


@pytest.mark.parametrize(("name", "value"), [("tau_theta", 5), ("tau_x", 4), ("eta_shift", 9)])
def test_a_register_written_during_a_run(device: Device, bus: Bus, name: str, value: int) -> None:
    """It holds from the step in which it is written, or the next one, on."""
    config = XOR.with_training(seed=4, steps=100, check_every=50)
    device.configure(config)
    device.start()
    while device.state().step < 20:
        pass
    first = device.state().step
    device.put(name, value)
    last = device.state().step + 1
    found = device.result(4, device.wait(lambda state: bus.idle(300)))
    key, written = (name, value) if name != "eta_shift" else ("eta", _eta(config, value))
    possible = [
        Trainer(config, [4], writes={n: {key: written}}).run()[0] for n in range(first, last + 1)
    ]
    assert list(found.theta) in [list(run.theta) for run in possible]
    assert list(found.theta) != list(scenarios.golden(config, 4).theta)
    assert device.get(name) == value


def _eta(config: Config, shift: int) -> int:
    """Return the exponent of the η that a value of `eta_shift` stands for."""
    own = register_values(config)["eta_shift"]
    return config.eta + own - shift


@pytest.mark.parametrize("stopped", [1, 7, 33])
def test_a_run_that_was_resumed_is_one_that_never_ended(
    device: Device, bus: Bus, stopped: int
) -> None:
    """At D = 0, at any step."""
    device.configure(XOR.with_training(seed=9, steps=stopped))
    device.start()
    assert device.wait(lambda state: bus.idle(100)).step == stopped
    device.put("steps", 60)
    device.resume()
    found = device.result(9, device.wait(lambda state: bus.idle(300)))
    scenarios.same(found, scenarios.golden(XOR, 9))


def test_stop(device: Device, bus: Bus) -> None:
    """A run that is told to stop ends with a check, of the golden model's θ at that step."""
    device.configure(XOR.with_training(seed=2, steps=10_000, check_every=10_000))
    device.start()
    bus.idle(500)
    device.stop()
    state = device.state()
    assert state.done
    assert 0 < state.step < 10_000
    same_steps = XOR.with_training(seed=2, steps=state.step, check_every=10_000)
    scenarios.same(device.result(2, state), scenarios.golden(same_steps, 2))


def test_the_trace_has_the_last_checks(device: Device, bus: Bus) -> None:
    config = xor(steps=TRACE_DEPTH + 30, check_every=1, solved_cost=0.0, seed=1)
    device.configure(config)
    device.start()
    device.wait(lambda state: bus.idle(2000))
    expected = []
    trainer = Trainer(config, [1], stop_when_solved=False)
    trainer.run(lambda trainer: expected.append(int(trainer.score.cost_sum[0])))  # pyright: ignore[reportOptionalMemberAccess]
    found = list(device.trace())
    assert found == list(enumerate(expected))[-TRACE_DEPTH:]
    assert list(device.trace(len(expected) - 3)) == found[-3:]


def test_samples_are_written(device: Device, bus: Bus, tmp_path: Path) -> None:
    """Other samples of the same formats: the device trains on them, and so again on its own."""
    lines = "x0,x1,t0\n-1,-1,1\n-1,1,0\n1,-1,0\n1,1,0\n"
    (tmp_path / "nor.csv").write_text(lines)
    tables = {
        "task": {"name": "file", "path": "nor.csv"},
        "network": {"layers": [2, 2, 1]},
        "training": {"steps": 60, "check_every": 20},
    }
    other = Device(bus, Config.from_dict(tables, tmp_path))
    other.upload()
    try:
        assert scenarios.golden(other.config).cost_sum != scenarios.golden(XOR).cost_sum
        scenarios.train(other, bus)
        with pytest.raises(Refused):  # the row after the last
            other.put("sample_data", 0)
    finally:
        device.upload()
    scenarios.train(device, bus)


def test_a_row_that_is_not_there(device: Device, bus: Bus) -> None:
    for row in (4, 5, 1 << 31):
        device.put("row", row)
        with pytest.raises(Refused):
            device.put("sample_data", 0xFFFF_FFFF)
    scenarios.train(device, bus)


def test_a_button_starts_it_too(device: Device, bus: Bus) -> None:
    device.configure(XOR.with_training(seed=8))
    bus.press()
    scenarios.same(
        device.result(8, device.wait(lambda state: bus.idle(300))), scenarios.golden(XOR, 8)
    )


def test_less_one() -> None:
    assert in_map("steps", 1) == 0
    assert in_map("seed", 1) == 1
