"""Lockstep of an optimizer for an external plant."""

from __future__ import annotations

from argparse import Namespace

from host import files, screen, writing
from host.commands import show_verification
from sim import simulators
from sim.external import verify as lockstep
from sim.simulators import Simulator
from sim.verify import DEFAULT_CLOCKS
from spec.errors import InputError
from spec.external.registers import probe
from spec.external.timing import ExternalTiming


def verify(options: Namespace) -> int:
    """Compare gateware and golden model, the plant's model at the pins; 1 if they differ."""
    config = files.load_plant(options, seed=options.seed)
    if Simulator(options.simulator) is not Simulator.VERILATOR:
        raise InputError("--simulator: an external plant takes verilator")
    simulators.require(Simulator.VERILATOR)
    _ = config.model()  # fails now, if it does
    shortest = ExternalTiming.of_external(config).step(baseline=False)
    steps = options.steps or -(-DEFAULT_CLOCKS // shortest)
    config = config.with_training(steps=steps)
    files.check_outputs([options.json], files.read_by(options, config))
    with screen.progress_bar("lockstep in verilator", steps) as advance:
        result = lockstep.verify(
            config, files.BUILD / "sim", progress=lambda step: advance(step, f"step {step}")
        )
    writing.write_json(options.json, result.to_json())
    return show_verification(result, probe(config))
