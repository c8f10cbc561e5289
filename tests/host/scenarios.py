"""What is done with a device, and what must come of it: the golden model's integers."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from host.device import Device, State
from host.golden import outputs as golden_outputs
from host.loop import LoopTrainer
from model.number.fixed import Ints
from model.plant.cost import cost_of
from model.trainer import Run, Trainer
from spec import derive
from spec.config import Config
from tests.bus import Bus
from tests.configs import xor

XOR = xor(steps=60, check_every=20)
SEED = 3

PATIENCE = 10_000
"""Clocks after which a run has failed: many times as many as any here takes."""


def idle(bus: Bus, clocks: int) -> Callable[[State], None]:
    """Return what lets so much time pass each time that it is asked whether a run has ended."""
    passed = itertools.count(clocks, clocks)

    def wait(state: State) -> None:
        if next(passed) > PATIENCE:
            raise TimeoutError(f"still in step {state.step} after {PATIENCE} clocks")
        bus.idle(clocks)

    return wait


def rails(config: Config, seed: int = 1) -> Ints:
    """Draw a θ of any values, with both ends of the format."""
    half = 1 << derive.cell(config).theta.bits - 1
    theta = np.random.default_rng(seed).integers(-half, half, config.parameters)
    theta[0], theta[-1] = half - 1, -half
    return theta


def golden(config: Config, seed: int = SEED) -> Run:
    """Return the golden model's run."""
    return Trainer(config, [seed]).run()[0]


def had(config: Config, seed: int = SEED) -> list[set[int]]:
    """Return all values that each θ of the golden model has in a run."""
    trainer = Trainer(config, [seed])
    found: list[set[int]] = [{0} for _ in range(config.parameters)]
    for _ in trainer.phases():
        if trainer.cells.theta.size:
            for values, theta in zip(found, trainer.cells.theta[0].tolist(), strict=True):
                values.add(theta)
    return found


def same(found: Run, expected: Run) -> None:
    """Compare all but the clocks."""
    assert list(found.theta) == list(expected.theta)
    for name in ("steps", "solved", "correct", "cost_sum"):
        assert getattr(found, name) == getattr(expected, name)


def power_up(device: Device, bus: Bus) -> None:
    """A device that nothing has been written to trains as its config says."""
    device.start()
    seed = device.config.training.seed
    found = device.result(seed, device.wait(idle(bus, 500)))
    same(found, golden(device.config, seed))


def train(device: Device, bus: Bus) -> None:
    """A whole run, in as many clocks as the golden model's."""
    found, expected = device.run(SEED, idle(bus, 500)), golden(device.config)
    same(found, expected)
    assert bus.busy_clocks() == expected.clocks


def load(device: Device, bus: Bus) -> None:
    """Any θ is loaded, G is 0, and training goes on from there with all else as from the seed."""
    config, theta = device.config, rails(device.config)
    device.load_initial(SEED, theta)
    assert list(device.theta()) == list(theta)
    assert not device.G().any()
    device.resume()
    found = device.result(SEED, device.wait(idle(bus, 500)))
    trainer = Trainer(config, [SEED])
    trainer.start_from(theta)
    same(found, trainer.run()[0])


def resume(device: Device, bus: Bus) -> None:
    """A run that ends at step 7 goes on to the end as if it had not; D = 0."""
    config, expected = device.config, golden(device.config)
    if expected.steps <= 7:
        return
    device.configure(config.with_training(seed=SEED, steps=7))
    device.start()
    assert device.wait(idle(bus, 100)).step == 7
    device.configure(config.with_training(seed=SEED))
    device.resume()
    same(device.result(SEED, device.wait(idle(bus, 500))), expected)


def evaluate(device: Device, bus: Bus) -> None:
    """Cost and outputs of every sample, with a θ that was loaded."""
    config = device.config
    trainer, theta = Trainer(config, [SEED]), rails(config, 2)
    for _ in trainer.initialise():  # draws the neurons' defects
        pass
    device.load_initial(SEED, theta)
    trainer.cells.theta = theta[None]
    samples, cost = trainer.plant.samples, derive.cost(config)
    y = trainer.plant.network.evaluate(trainer.cells.weights(), samples.x[None])
    expected = cost_of(cost, y[0], samples.t)
    for k in reversed(range(len(config.data))):
        assert device.evaluate(k) == (expected[k], list(y[0, k]))


def evaluate_written(device: Device) -> None:
    """Cost and outputs of samples that are written first, as many as there is room for."""
    config, theta = device.config, rails(device.config, 2)
    device.load_initial(SEED, theta)
    held = derive.samples(config)
    data = held.data  # in another order than the memory may have had them in
    data = replace(data, x=data.x[::-1][: held.slots], t=data.t[::-1][: held.slots])
    device.upload(data)
    y = golden_outputs(config, theta, data)
    expected = cost_of(derive.cost(config), y, np.array(data.t))
    for k in range(len(data)):
        assert device.evaluate(k) == (expected[k], list(y[k]))


def loop(device: Device, bus: Bus) -> None:
    """The computer trains the chip."""
    config = device.config.with_training(steps=8, check_every=5)
    device.config = config
    same(LoopTrainer(device, SEED).run()[0], golden(config))
