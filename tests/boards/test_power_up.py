"""Nothing is trained before block RAM can be read."""

from typing import Any

import pytest
from amaranth.hdl import Fragment
from amaranth.lib import memory
from amaranth.sim import Simulator

from boards import power_up
from boards.catalogue import Board
from boards.power_up import PowerUp
from boards.top import Top
from model.trainer import Trainer as Golden
from spec.config import Config
from tests.boards.test_top import Bench

ASLEEP_US = 3
"""For so long block RAM reads as zero."""


@pytest.mark.parametrize("clock_mhz", [0.01, 0.1, 0.5, 12])
def test_it_is_ready_after_so_many_clocks_of_every_reset(clock_mhz: float) -> None:
    waits = PowerUp(clock_mhz)
    assert waits.clocks >= power_up.WAIT_US * clock_mhz > waits.clocks - 1 or waits.clocks == 1

    async def bench(ctx: Any) -> None:
        for _ in range(waits.clocks):
            assert not ctx.get(waits.ready)
            await ctx.tick()
        for _ in range(5):
            assert ctx.get(waits.ready)
            await ctx.tick()

    simulator = Simulator(waits)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()
    simulator.reset()
    simulator.run()


def trained(config: Config, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int, int]:
    """Steps, correct samples and cost of a run at power-up at 48 MHz, whose memory is asleep."""
    memories: list[memory.Memory] = []

    class Kept(memory.Memory):
        def __init__(self, **given: Any) -> None:
            super().__init__(**given)
            memories.append(self)

    monkeypatch.setattr("hdl.plant.samples.memory.Memory", Kept)
    top = Top(config, Board("bench", "", "iCE40UP5K", 48, ("led.0",)))
    simulator = Simulator(Fragment.get(top, Bench()))
    found: list[int] = []

    async def bench(ctx: Any) -> None:
        (samples,) = memories
        rows = [ctx.get(samples.data[k]) for k in range(samples.depth)]
        for k in range(len(rows)):
            ctx.set(samples.data[k], 0)
        await ctx.tick().repeat(ASLEEP_US * 48)
        for k, row in enumerate(rows):
            ctx.set(samples.data[k], row)
        await ctx.tick().until(top.trainer.done)
        found.extend(ctx.get(getattr(top.trainer, n)) for n in ("step", "correct", "cost_sum"))

    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()
    step, correct, cost_sum = found
    return step, correct, cost_sum


def test_the_first_run_is_that_of_the_golden_model(
    xor: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = xor.with_training(steps=40)
    (golden,) = Golden(config, [config.training.seed]).run()
    expected = golden.steps, golden.correct, golden.cost_sum
    assert trained(config, monkeypatch) == expected
    monkeypatch.setattr(power_up, "WAIT_US", 0)  # the planted fault
    assert trained(config, monkeypatch) != expected
