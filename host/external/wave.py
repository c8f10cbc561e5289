"""What the gateware of an optimizer for an external plant does, the plant's model at its pins."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable

import numpy as np

from host import files
from host import wave as ours
from host.wave_signals import Subject
from sim import simulators
from sim.external import verify as lockstep
from sim.simulators import Simulator
from sim.verify import Verification
from spec.errors import InputError
from spec.external.timing import ExternalTiming


def wave(options: Namespace) -> int:
    """Record it; 1 if the golden model differs."""
    config = files.load_plant(options)
    if Simulator(options.simulator) is not Simulator.VERILATOR:
        raise InputError("--simulator: an external plant takes verilator")
    if options.seed is not None:
        config = config.with_training(seed=options.seed)
    config = ours.longer(config, options.steps)
    path = files.config_path(options.config)
    wanted = ours.Wanted.of(options, config.parameters, [path])
    simulators.require(Simulator.VERILATOR)
    _ = config.model()  # fails now, if it does
    timing, check_every = ExternalTiming.of_external(config), config.training.check_every
    ours.require_room(timing, check_every, options.steps)

    def run(progress: Callable[[int], None], watch: Callable[[np.ndarray], bool]) -> Verification:
        return lockstep.verify(config, files.BUILD / "sim", progress=progress, watch=watch)

    return ours.record(Subject.of_external(config, path.stem), options.steps, wanted, run)
