"""The panel starts a trainer when it should, and its lamps tell the states apart."""

from itertools import pairwise
from typing import Any

import pytest
from amaranth.sim import Simulator

from boards.panel import Panel

BLINK = 16  # clocks of a fast blink
PRESS = BLINK // 4  # longer than it takes to see a press


def simulate(bench: Any, panel: Panel) -> None:
    simulator = Simulator(panel)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()


async def seen(ctx: Any, panel: Panel, clocks: int) -> list[int]:
    """Collect what the lamps show."""
    values = []
    for _ in range(clocks):
        values.append(ctx.get(panel.lamps))
        await ctx.tick()
    return values


def test_starts_at_power_up_until_busy() -> None:
    panel = Panel(1, BLINK)

    async def bench(ctx: Any) -> None:
        for _ in range(5):
            assert ctx.get(panel.start)
            await ctx.tick()
        ctx.set(panel.busy, 1)
        await ctx.tick()
        for busy in (1, 0):
            ctx.set(panel.busy, busy)
            for _ in range(3 * BLINK):
                assert not ctx.get(panel.start)
                await ctx.tick()

    simulate(bench, panel)


@pytest.mark.parametrize("busy", [0, 1])
def test_a_press_starts_once_unless_busy(busy: int) -> None:
    panel = Panel(1, BLINK)

    async def bench(ctx: Any) -> None:
        ctx.set(panel.busy, 1)
        await ctx.tick().repeat(2 * BLINK)
        ctx.set(panel.busy, busy)
        ctx.set(panel.button, 1)
        await ctx.tick().repeat(PRESS)
        assert ctx.get(panel.start) == (not busy)
        ctx.set(panel.busy, 1)
        await ctx.tick()
        ctx.set(panel.busy, 0)
        for _ in range(3 * BLINK):  # still held
            assert not ctx.get(panel.start)
            await ctx.tick()
        ctx.set(panel.button, 0)
        await ctx.tick().repeat(PRESS)
        assert not ctx.get(panel.start)
        ctx.set(panel.button, 1)
        await ctx.tick().repeat(PRESS)
        assert ctx.get(panel.start)

    simulate(bench, panel)


@pytest.mark.parametrize("debounces", [True, False])
def test_a_bouncing_button_starts_once(debounces: bool) -> None:
    """Unless, as a planted fault, it bounces for longer than it takes to look twice."""
    panel = Panel(1, 64 * BLINK if debounces else BLINK)
    starts = []

    async def bench(ctx: Any) -> None:
        ctx.set(panel.busy, 1)
        await ctx.tick().repeat(64 * BLINK)
        ctx.set(panel.busy, 0)
        for clock in range(64 * BLINK):
            ctx.set(panel.button, clock > 50 or clock * 7 % 5 < 2)
            ctx.set(panel.busy, ctx.get(panel.start))
            starts.append(ctx.get(panel.start))
            await ctx.tick()

    simulate(bench, panel)
    assert (sum(b and not a for a, b in pairwise(starts)) == 1) == debounces


@pytest.mark.parametrize("lamps", [1, 2, 3])
def test_lamps_tell_the_states_apart(lamps: int) -> None:
    panel = Panel(lamps, BLINK)
    shown: dict[str, list[int]] = {}

    async def bench(ctx: Any) -> None:
        for solved in (1, 0):
            ctx.set(panel.busy, 1)
            ctx.set(panel.done, 0)
            await ctx.tick()
            shown["training"] = await seen(ctx, panel, 2 * BLINK)
            ctx.set(panel.busy, 0)
            ctx.set(panel.done, 1)
            ctx.set(panel.solved, solved)
            await ctx.tick().repeat(3 * BLINK)
            shown["solved" if solved else "failed"] = await seen(ctx, panel, 2 * BLINK)

    simulate(bench, panel)

    def changes(values: list[int]) -> int:
        return sum(a != b for a, b in pairwise(values))

    assert set(shown["training"]) == {0, 1}
    assert changes(shown["training"]) >= 3
    assert set(shown["solved"]) == {1 if lamps == 1 else 2}
    if lamps == 1:
        assert set(shown["failed"]) == {0, 1}
        assert changes(shown["failed"]) <= 2
    else:
        assert set(shown["failed"]) == {1 if lamps == 2 else 4}


@pytest.mark.parametrize("offset", range(0, BLINK, 3))
def test_the_shortest_training_blinks(offset: int) -> None:
    panel = Panel(3, BLINK)

    async def bench(ctx: Any) -> None:
        ctx.set(panel.done, 1)
        await ctx.tick().repeat(4 * BLINK + offset)
        assert ctx.get(panel.lamps) == 4
        ctx.set(panel.busy, 1)
        await ctx.tick()
        ctx.set(panel.busy, 0)
        ctx.set(panel.solved, 1)
        values = await seen(ctx, panel, 3 * BLINK)
        assert values[-1] == 2
        before = values[: values.index(2)]
        assert before.count(1) >= BLINK // 2
        assert set(before) == {0, 1}

    simulate(bench, panel)
