"""What the gateware of an optimizer for an external plant does, the plant's model at its pins."""

from __future__ import annotations

from argparse import Namespace
from functools import partial

from host import files
from host.wave import command as ours
from host.wave.signals import Subject
from sim import simulators
from sim.external import verify as lockstep
from sim.simulators import Simulator
from spec.errors import InputError
from spec.external.timing import ExternalTiming


def wave(options: Namespace) -> int:
    """Record it; 1 if the golden model differs."""
    config = files.load_plant(options)
    if Simulator(options.simulator) is not Simulator.VERILATOR:
        raise InputError("--simulator: an external plant takes verilator")
    if options.seed is not None:
        config = config.with_training(seed=options.seed)
    path = files.config_path(options.config)
    wanted = ours.Wanted.of(options, config.parameters, [path])
    timing, check_every = ExternalTiming.of_external(config), config.training.check_every
    ours.require_room(timing, check_every, options.steps)
    simulators.require(Simulator.VERILATOR)
    _ = config.model()  # fails now, if it does
    longer, folder = ours.longer(config, options.steps), files.BUILD / "sim"
    subject = Subject.of_external(config, path.stem)
    return ours.record(subject, options.steps, wanted, partial(lockstep.verify, longer, folder))
