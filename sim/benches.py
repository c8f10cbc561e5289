"""The cocotb benches; they run inside the simulator."""

from __future__ import annotations

from collections import deque
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.simtime import get_sim_time
from cocotb.triggers import ClockCycles, FallingEdge, RisingEdge

from model.trace import Trace
from model.trainer import theta_digest
from sim import job
from sim.packing import pack, unpack
from spec import probe
from spec.config import Config
from spec.registers import UNSOLVABLE, registers

PERIOD_NS = 10
HISTORY = 64
"""Clocks before a mismatch that its waveform shows."""


async def reset(dut: Any) -> None:
    """Start the clock and reset; values are read and inputs changed at falling edges."""
    dut.start.value = 0
    dut.stop.value = 0
    dut.rst.value = 1
    Clock(dut.clk, PERIOD_NS, unit="ns").start()
    await ClockCycles(dut.clk, 2)
    await FallingEdge(dut.clk)
    dut.rst.value = 0


async def start(dut: Any, config: Config, **overrides: int) -> None:
    """Load the registers and start; returns in clock 0, in which the phase is CLEAR."""
    for register in registers(config):
        getattr(dut, register.name).value = overrides.get(register.name, register.value)
    dut.start.value = 1
    await FallingEdge(dut.clk)
    dut.start.value = 0


@cocotb.test()
async def lockstep(dut: Any) -> None:
    """Compare every field of the probe with the golden model in every clock."""
    work, report = job.current()
    config = work.config
    fields = probe.fields(config)
    history: deque[tuple[int, int]] = deque(maxlen=HISTORY)
    await reset(dut)
    stop = work.options["stop_when_solved"]
    await start(dut, config, **({} if stop else {"solved_correct": UNSOLVABLE}))
    clocks = step = word = 0
    for chunk in Trace(config, stop_when_solved=stop).chunks():
        for expected in pack(fields, chunk):
            word = int(dut.probe.value)
            history.append((word, expected))
            if word != expected:
                break
            clocks += 1
            await FallingEdge(dut.clk)
        else:
            step = int(chunk["step"][-1, 0])
            report.write(clocks=clocks, step=step)
            continue
        break
    theta = unpack(fields, word)["theta"]
    mismatch = None
    if history[-1][0] != history[-1][1]:
        mismatch = [(unpack(fields, a), unpack(fields, b)) for a, b in history]
    report.write(end=True, clocks=clocks, step=step, theta=theta, mismatch=mismatch)


@cocotb.test()
async def train(dut: Any) -> None:
    """Let the gateware train by itself, seed after seed; report every check and every end."""
    work, report = job.current()
    config = work.config
    fields = probe.fields(config)
    await reset(dut)
    for seed in work.options["seeds"]:
        await start(dut, config.with_training(seed=seed))
        begin = get_sim_time("ns")
        done = False
        while not done:
            await RisingEdge(dut.checked)
            await FallingEdge(dut.clk)
            report.write(
                seed=seed,
                step=int(dut.step.value),
                correct=int(dut.correct.value),
                cost_sum=int(dut.cost_sum.value),
            )
            await FallingEdge(dut.clk)
            done = bool(int(dut.done.value))
        clocks = round((get_sim_time("ns") - begin) / PERIOD_NS)
        state = unpack(fields, int(dut.probe.value))
        report.write(seed=seed, run=state, clocks=clocks, digest=theta_digest(state["theta"]))
    report.write(end=True)
