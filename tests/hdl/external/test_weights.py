"""Weights in a stream: each that the plant does not have goes once, whatever is in the way."""

from __future__ import annotations

import random
from collections import deque
from typing import Any

import pytest
from amaranth.sim import Simulator

from hdl.external.weights import StreamWeights
from spec.external import derive
from tests.plants import external

LSBS = 1 << 5

SENDS = 12


@pytest.mark.parametrize("engine", ["spatial", "folded"])
@pytest.mark.parametrize("parameters", [1, 2, 5])
def test_each_that_changed_goes_once(engine: str, parameters: int) -> None:
    """Though the plant is not always ready, and requests hold the words behind them."""
    config = external(weights="stream", engine=engine, parameters=parameters)
    spec, rng = derive.exchange(config), random.Random(parameters)
    sender = StreamWeights(spec)
    words = [rng.randrange(LSBS) for _ in range(parameters)]
    on_its_way = deque([0] * spec.word_latency, maxlen=spec.word_latency)

    async def bench(ctx: Any) -> None:
        had: list[int | None] = [None] * parameters
        for _ in range(SENDS):
            for k in range(parameters):
                if rng.random() < 0.5:
                    words[k] = rng.randrange(LSBS)
            wanted = [k for k in range(parameters) if words[k] != had[k]]
            gone = await sent(ctx)
            assert gone == [(k, words[k]) for k in wanted]
            had = list(words)

    async def sent(ctx: Any) -> list[tuple[int, int]]:
        """Send them; return which went, in which order."""
        gone = []
        for clock in range(400):
            ctx.set(sender.send, int(not clock))
            ctx.set(sender.words.blocked, int(rng.random() < 0.4))
            ctx.set(sender.weight_ready, int(rng.random() < 0.6))
            number = on_its_way[0] if spec.word_latency else ctx.get(sender.words.number)
            ctx.set(sender.words.weight.as_value(), words[min(number, parameters - 1)])
            if ctx.get(sender.weight_valid) and ctx.get(sender.weight_ready):
                address, weight = ctx.get(sender.weight_address), sender.weight.as_value()
                gone.append((address, ctx.get(weight) % (1 << len(weight))))
            if ctx.get(sender.words.moves):
                on_its_way.append(ctx.get(sender.words.number))
            if ctx.get(sender.sent):
                ctx.set(sender.words.blocked, 0)
                await ctx.tick()
                return gone
            await ctx.tick()
        raise AssertionError("it never ends")

    simulator = Simulator(sender)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()
