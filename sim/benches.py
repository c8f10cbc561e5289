"""The cocotb benches; they run inside the simulator."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
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
from spec.phase import Phase
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


def set_writable(dut: Any, config: Config, values: Mapping[str, int], *, count: bool) -> None:
    """Set the registers that may change while busy; to something else where they do not count."""
    for name, value in values.items():
        port = "eta_shift" if name == "eta" else name
        raw = config.eta_shift_of(value) if name == "eta" else value
        getattr(dut, port).value = raw if count else raw ^ 1


async def start(dut: Any, config: Config, **overrides: int) -> None:
    """Load the registers and start; returns in clock 0, in which the phase is CLEAR."""
    for register in registers(config):
        getattr(dut, register.name).value = overrides.get(register.name, register.value)
    dut.start.value = 1
    await FallingEdge(dut.clk)
    dut.start.value = 0


def reads(config: Config, phase: Phase, step: int) -> bool:
    """Whether the gateware reads its registers at the end of a clock, to hold for step + 1."""
    if not config.update_delay:
        return phase is Phase.ACCUMULATE
    training = config.training
    check = step > 0 and (step % training.check_every == 0 or step == training.steps)
    return phase is Phase.STEP or (phase is Phase.PERTURBED and not check)


@cocotb.test()
async def lockstep(dut: Any) -> None:
    """Compare every field of the probe with the golden model in every clock.

    With writes, the registers that they are of have their values in the last clock of each step
    only, where they count for the next.
    """
    work, report = job.current()
    config = work.config
    fields = probe.fields(config)
    history: deque[tuple[int, int]] = deque(maxlen=HISTORY)
    await reset(dut)
    stop = work.options["stop_when_solved"]
    await start(dut, config, **({} if stop else {"solved_correct": UNSOLVABLE}))
    clocks = step = word = 0
    writes = work.options["writes"]
    values = {name: getattr(config.training, name) for row in writes.values() for name in row}
    for chunk in Trace(config, stop_when_solved=stop, writes=writes).chunks():
        for k, expected in enumerate(pack(fields, chunk)):
            last = reads(config, Phase(chunk["phase"][k, 0]), int(chunk["step"][k, 0]))
            if last:
                values |= writes.get(int(chunk["step"][k, 0]) + 1, {})
            set_writable(dut, config, values, count=last)
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
