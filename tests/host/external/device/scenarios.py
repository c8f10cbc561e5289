"""What is done with a device of an external plant, and what must come of it."""

from __future__ import annotations

import random

import numpy as np

from host.external.device import ExternalDevice
from model.external.trainer import ExternalTrainer
from model.number.fixed import Ints
from model.run import Run
from spec import derive
from spec.external.config import ExternalConfig
from spec.external.registers import registers
from spec.map import MAP, TRACE_DEPTH, address_of
from tests.bus import Bus

CELLS: tuple[str, ...] = ("theta", "G")
"""Windows that have a word for each parameter."""


def golden(config: ExternalConfig, theta: Ints | None = None) -> Run:
    """Return the golden model's run, from a θ if there is one."""
    trainer = ExternalTrainer(config, [config.training.seed])
    if theta is not None:
        trainer.start_from(theta)
    return trainer.run()[0]


def same(found: Run, expected: Run) -> None:
    """Hold all that a device tells against the golden model."""
    assert found.theta.tolist() == expected.theta.tolist()
    assert (found.solved, found.steps) == (expected.solved, expected.steps)
    assert found.cost_sum == expected.cost_sum


def drawn(config: ExternalConfig) -> Ints:
    """Draw a θ, with both ends of the range."""
    form = derive.theta(config)
    theta = np.random.default_rng(4).integers(form.minimum, form.maximum, config.parameters)
    theta[:2] = form.minimum, form.maximum
    return theta


def power_up(device: ExternalDevice, bus: Bus) -> None:
    """Registers are the config's, before anything is written."""
    assert [device.get(r.name) for r in registers(device.config)] == [
        r.value for r in registers(device.config)
    ]


def train(device: ExternalDevice, bus: Bus, seed: int = 3) -> None:
    """A run is the golden model's, and each misdeed of the plant is counted."""
    config = device.config.with_training(seed=seed)
    found = device.run(seed, lambda state: bus.idle(200))
    same(found, golden(config))
    checks = config.training.steps // config.training.check_every
    evaluations = 2 * config.training.steps + checks * config.samples
    counted = device.counted()
    assert counted.timeouts == (evaluations - 1) // 8
    assert counted.unasked == evaluations + counted.timeouts
    assert [check for check, _ in device.trace()] == list(range(checks))[-TRACE_DEPTH:]
    assert device.trace()[-1][1] == found.cost_sum


def load(device: ExternalDevice, bus: Bus) -> None:
    """Any θ is written and read back, and training goes on from it as in the golden model."""
    config = device.config.with_training(steps=20)
    theta = drawn(config)
    device.stop()
    device.load(theta)
    assert device.theta().tolist() == theta.tolist()
    assert device.G().tolist() == [0] * config.parameters
    device.load_initial(3, theta)
    device.put("steps", 20)
    device.resume()
    same(device.result(3, device.wait(lambda state: bus.idle(200))), golden(config, theta))


def resume(device: ExternalDevice, bus: Bus) -> None:
    """A run that was told to stop, and resumed, is one that never ended; late answers or not."""
    device.stop()
    config = device.config.with_training(check_every=1000)
    device.configure(config)
    device.start()
    bus.idle(400)
    device.stop()
    assert 0 < device.state().step < device.config.training.steps
    device.resume()
    same(device.result(3, device.wait(lambda state: bus.idle(200))), golden(config))


def look_on(device: ExternalDevice, bus: Bus) -> None:
    """Whatever can be read is, again and again, to the end of a run; no bit of it changes."""
    device.configure()
    asked, places = random.Random(1), readable(device)
    words = [address_of(name, k) for name in CELLS for k in range(device.config.parameters)]
    for some in (places, words, words):
        device.start()
        while device.state().busy:
            for _ in range(20):
                bus.read(asked.choice(some))
        same(device.result(3, device.state()), golden(device.config))


def readable(device: ExternalDevice) -> list[int]:
    """List all addresses that can be read."""
    from spec.external.registers import entries
    from spec.map import Kind

    counts = dict.fromkeys(CELLS, device.config.parameters)
    return [
        MAP[entry.name].address + word
        for entry in entries(device.config)
        if entry.kind is not Kind.COMMAND
        for word in range(counts.get(entry.name, entry.words))
    ]
