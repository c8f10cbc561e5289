"""Cells as words of memory: the line whose head moves, and the bank's promises."""

from __future__ import annotations

import random
from collections import deque
from typing import Any

import pytest
from amaranth.sim import Simulator

from hdl.optimizer.memory.bank import MemoryBank
from hdl.optimizer.memory.line import Line
from hdl.optimizer.optimizer import Optimizer
from spec.external import derive
from spec.optimizer import MemoryBankSpec
from tests.plants import external


def simulated(component: Any, bench: Any) -> None:
    """Run a bench beside a component."""
    simulator = Simulator(component)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()


@pytest.mark.parametrize("places", [1, 2, 3, 4, 7])
def test_a_line_is_a_delay_line(places: int) -> None:
    """After any number of shifts, the places are what went in last; whatever was read before."""
    line, rng = Line(3, places), random.Random(places)
    held: deque[int] = deque([0] * places, maxlen=places)

    async def bench(ctx: Any) -> None:
        for _ in range(30):
            for _ in range(rng.randrange(4)):
                held.appendleft(entering := rng.randrange(8))
                ctx.set(line.entering, entering)
                ctx.set(line.shift, 1)
                await ctx.tick()
            ctx.set(line.shift, 0)
            ctx.set(line.restart, 1)
            await ctx.tick()
            ctx.set(line.restart, 0)
            for k in range(rng.randrange(2 * places)):
                ctx.set(line.moves, 0)
                for _ in range(rng.randrange(3)):
                    await ctx.tick()
                ctx.set(line.moves, 1)
                await ctx.tick()
                ctx.set(line.moves, 0)
                assert ctx.get(line.value) == held[k % places]

    simulated(line, bench)


def bank_of(parameters: int) -> MemoryBank:
    spec = derive.bank(external(weights="stream", engine="folded", parameters=parameters))
    assert isinstance(spec, MemoryBankSpec)
    return MemoryBank(spec)


async def filled(ctx: Any, bank: MemoryBank, signs: list[int], u: int) -> int:
    """Make θ = ∓u of fresh memory, by bits of the line; return the clocks of the sweep."""
    ctx.set(bank.words.moves, 1)
    ctx.set(bank.bus.clear, 1)
    await ctx.tick()
    ctx.set(bank.bus.clear, 0)
    for bit in reversed(signs):
        ctx.set(bank.line.bit, bit)
        ctx.set(bank.bus.fill, 1)
        ctx.set(bank.bus.perturb, 1)
        await ctx.tick()
    for name in ("fill", "perturb"):
        ctx.set(bank.bus[name], 0)
    ctx.set(bank.bus.u.as_value(), u)
    ctx.set(bank.bus.accumulate, 1)
    await ctx.tick()
    ctx.set(bank.bus.accumulate, 0)
    for name in ("update", "initialise"):
        ctx.set(bank.bus[name], 1)
    ctx.set(bank.visits, 1)
    clocks = 1
    while not ctx.get(bank.swept):
        await ctx.tick()
        clocks += 1
        assert clocks < 99
    await ctx.tick()
    for name in ("update", "initialise"):
        ctx.set(bank.bus[name], 0)
    ctx.set(bank.visits, 0)
    await ctx.tick()
    return clocks


@pytest.mark.parametrize("parameters", [1, 2, 5, 8])
def test_latencies_of_a_bank(parameters: int) -> None:
    """Those of a sweep, of weights, and of a request, which holds the weights for 2 clocks."""
    bank, rng = bank_of(parameters), random.Random(parameters)
    signs, u, spec = [rng.randrange(2) for _ in range(parameters)], 5, bank.spec
    theta = [-u if sign else u for sign in signs]

    async def bench(ctx: Any) -> None:
        assert await filled(ctx, bank, signs, u) == spec.sweep == parameters + 5
        weights = []
        for number in range(parameters + spec.word_latency):
            ctx.set(bank.words.number, number % parameters)
            if number >= spec.word_latency:
                weights.append(ctx.get(bank.words.weight.as_value()))
            await ctx.tick()
        dropped = spec.cell.theta.fraction_bits - spec.cell.weight.fraction_bits
        assert weights == [value >> dropped for value in theta]

        for number, of_G in [(k, kind) for k in range(parameters) for kind in (0, 1)]:
            request = {"ask": 1, "of_G": of_G, "number": number}
            ctx.set(bank.request, request)
            seen = []
            for _ in range(4):
                seen.append((ctx.get(bank.words.blocked), ctx.get(bank.came)))
                ctx.set(bank.words.moves, not ctx.get(bank.words.blocked))
                await ctx.tick()
                if ctx.get(bank.came):
                    bits = len(bank.word)
                    word = ctx.get(bank.word)
                    assert word - (word >> bits - 1 << bits) == (0 if of_G else theta[number])
                    ctx.set(bank.request, request | {"ask": 0})
            assert seen == [(1, 0), (1, 0), (0, 1), (0, 0)]

    simulated(bank, bench)


def test_a_request_waits_for_a_sweep() -> None:
    """And is granted when that has ended."""
    bank = bank_of(4)

    async def bench(ctx: Any) -> None:
        await filled(ctx, bank, [0, 1, 1, 0], 3)
        ctx.set(bank.visits, 1)
        await ctx.tick()
        ctx.set(bank.request, {"ask": 1, "of_G": 0, "number": 1})
        while not ctx.get(bank.swept):
            assert not ctx.get(bank.words.blocked)
            await ctx.tick()
        await ctx.tick()
        ctx.set(bank.visits, 0)
        assert ctx.get(bank.words.blocked)

    simulated(bank, bench)


def test_a_request_between_two_weights_changes_neither() -> None:
    """What was read before it is read again."""
    bank, signs = bank_of(3), [1, 0, 1]
    latency = bank.spec.word_latency

    async def bench(ctx: Any) -> None:
        await filled(ctx, bank, signs, 64)
        for asks_at in range(6):
            found, number = [], 0
            for clock in range(12):
                if clock == asks_at:
                    ctx.set(bank.request, {"ask": 1, "of_G": 0, "number": 2})
                moves = not ctx.get(bank.words.blocked)
                ctx.set(bank.words.moves, moves)
                ctx.set(bank.words.number, min(number, 2))
                if moves and number >= latency:
                    found.append(ctx.get(bank.words.weight.as_value()))
                number += moves
                await ctx.tick()
                if ctx.get(bank.came):
                    ctx.set(bank.request, {"ask": 0, "of_G": 0, "number": 0})
            assert [found[k] < 0 for k in range(3)] == [True, False, True]
            assert set(found[2:]) == {found[2]}

    simulated(bank, bench)


@pytest.mark.parametrize("parameters", [1, 3])
def test_an_update_by_hand_is_one_sweep(parameters: int) -> None:
    """The hand lets go when all words have been visited; its order still is in a register then."""
    config = external(weights="stream", engine="folded", parameters=parameters)
    optimizer, written = Optimizer(derive.optimizer(config), held=True), []

    async def bench(ctx: Any) -> None:
        ctx.set(optimizer.words.moves, 1)
        swept = False
        for _ in range(parameters + 40):
            ctx.set(optimizer.hand.update, int(not swept))
            swept |= bool(ctx.get(optimizer.swept))
            if ctx.get(optimizer.writes.written):
                written.append(ctx.get(optimizer.writes.number))
            await ctx.tick()

    simulated(optimizer, bench)
    assert written == list(range(parameters))
