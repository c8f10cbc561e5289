"""A reset in mid-training leaves nothing half done: the next run is as the first."""

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from amaranth.hdl import ClockDomain, DomainRenamer, Module, ResetSignal, Signal
from amaranth.sim import Simulator

from hdl.optimizer.schedule.drained import Schedule
from hdl.trainer import Trainer
from model.trainer import Trainer as Golden
from model.trainer import theta_digest
from sim.packing import unpack
from spec import probe
from spec.config import Config
from spec.registers import registers
from tests.configs import xor

CONFIGS = {
    "xor": xor(steps=20),
    "random order, momentum": xor(steps=20, order="random", momentum=2),
    "Walsh codes": xor(steps=20, perturbation="cm", order="random"),
    "analog": xor(steps=20, loop="analog", tau_x=4),
    "noise": xor(steps=20, cost_noise=0.01, update_noise=0.01),
    "overlap": xor(steps=40, update_delay=30, rails=2),
}
RESETS = 4


def digests(config: Config, seed: int) -> list[str]:
    """θ of whole runs, each after a reset of some clocks at a random clock of one that is cut."""
    m = Module()
    reset = Signal()
    m.domains.sync = ClockDomain()
    m.d.comb += ResetSignal().eq(reset)
    m.domains.kept = ClockDomain(reset_less=True)
    m.submodules.trainer = trainer = Trainer(config, probe=True)
    for register in registers(config):
        m.d.comb += getattr(trainer, register.name).eq(register.value)
    draw = random.Random(seed)
    found: list[str] = []

    async def start(ctx: Any) -> None:
        ctx.set(trainer.start, 1)
        await ctx.tick()
        ctx.set(trainer.start, 0)

    async def bench(ctx: Any) -> None:
        (golden,) = Golden(config, [config.training.seed]).run()
        for _ in range(RESETS):
            await start(ctx)
            await ctx.tick("kept").repeat(draw.randrange(1, golden.clocks))
            ctx.set(reset, 1)
            await ctx.tick("kept").repeat(draw.randrange(1, 4))
            ctx.set(reset, 0)
            await start(ctx)
            for _ in range(golden.clocks + 10):
                await ctx.tick("kept")
            theta = unpack(probe.fields(config), ctx.get(trainer.probe))["theta"]
            digest = theta_digest(np.array(theta, dtype=np.int64))
            found.append(digest if ctx.get(trainer.done) else "not done")

    simulator = Simulator(m)
    simulator.add_clock(1e-6)
    simulator.add_clock(1e-6, domain="kept")
    simulator.add_testbench(bench)
    simulator.run()
    return found


def golden_digest(config: Config) -> str:
    (run,) = Golden(config, [config.training.seed]).run()
    return theta_digest(run.theta)


@pytest.mark.parametrize("name", CONFIGS)
def test_the_run_after_a_reset(name: str) -> None:
    assert digests(CONFIGS[name], seed=1) == [golden_digest(CONFIGS[name])] * RESETS


def test_a_state_machine_that_is_not_reset_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault: all but the schedule is reset."""
    elaborate: Callable[..., Module] = Schedule.elaborate
    monkeypatch.setattr(
        Schedule, "elaborate", lambda self, to: DomainRenamer("kept")(elaborate(self, to))
    )
    config = CONFIGS["xor"]
    assert set(digests(config, seed=1)) != {golden_digest(config)}
