"""What the gateware does in its first steps: as a picture, and for a viewer of waveforms."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from host import effort, files, screen, writing
from host import picture as pictures
from host.commands import show_verification
from host.screen import console
from host.wave import dump, picture
from host.wave.signals import Line, Subject, lines, since, step_clocks, strobes
from sim import simulators, vcd
from sim import verify as lockstep
from sim.simulators import Simulator
from sim.verify import Verification
from sim.waves import Recording
from spec.errors import InputError
from spec.timing import Timing
from spec.trained import Trained

STEPS = 40
"""Unless it is said."""

MOST_CLOCKS = 1_000_000
"""That are recorded."""

SHOWN = 3
"""Cells, unless they are named: the first ones."""

MOST_CELLS = 12
"""That are drawn."""

C = TypeVar("C", bound=Trained)

Lockstep = Callable[..., Verification]
"""`sim.verify.verify`, or that of an external plant, with all that it needs but who watches it."""


@dataclass(frozen=True)
class Wanted:
    """What a user asked for, checked.

    Parameters
    ----------
    cells : list of int
        To be drawn.
    picture : Path
    dump, json : Path or None
    """

    cells: list[int]
    picture: Path
    dump: Path | None
    json: Path | None

    @classmethod
    def of(cls, options: Namespace, cells: int, inputs: Sequence[Path]) -> Wanted:
        """Check what is asked of a config that has so many cells.

        Raises
        ------
        InputError
            If there is no such cell, or a file cannot be written.
        """
        asked = options.cells if options.cells is not None else list(range(min(SHOWN, cells)))
        for cell in asked:
            if cell >= cells:
                raise InputError(f"--cells: {cell}: the cells are 0 to {cells - 1}")
        path, stem = options.output, files.config_path(options.config).stem
        if path is None:
            path = files.BUILD / f"wave-{stem}.svg"
            files.check_folder(path.parent)
        files.check_suffix(path, pictures.SUFFIXES)
        files.check_suffix(options.vcd, [".vcd"])
        beside = options.vcd and options.vcd.with_suffix(".gtkw")
        default = options.output is None and not files.BUILD.exists()
        drawn = [] if default else [path]
        files.check_outputs([*drawn, options.vcd, beside, options.json], inputs)
        return cls(asked, path, options.vcd, options.json)


def wave(options: Namespace) -> int:
    """Record a network of ours; 1 if the golden model differs."""
    config = files.load_config(options.config, options.data, seed=options.seed)
    wanted = Wanted.of(options, config.parameters, files.read_by(options, config))
    require_room(Timing.of(config), config.training.check_every, options.steps)
    simulator = Simulator(options.simulator)
    simulators.require(simulator)
    recorded = config.with_training(steps=options.steps)
    effort.require_gateware(recorded, effort.lockstep_seconds(recorded), runs=1)
    name, folder = files.config_path(options.config).stem, files.BUILD / "sim"
    run = partial(lockstep.verify, longer(config, options.steps), simulator, folder)
    return record(Subject.of(config, name), options.steps, wanted, run)


def longer(config: C, steps: int) -> C:
    """Return a config whose run does not end with the last step that is recorded."""
    return config.with_training(steps=max(config.training.steps, steps + 1))


def require_room(timing: Timing, check_every: int, steps: int) -> None:
    """Raise an InputError for more steps than are recorded."""
    a_step = timing.step() + timing.check / check_every
    most = int((MOST_CLOCKS - timing.initialisation) / a_step)
    if most < 1:
        raise InputError(
            f"a step takes some {a_step:,.0f} clocks, its initial θ {timing.initialisation:,}: at "
            f"most {MOST_CLOCKS:,} clocks are recorded"
        )
    if steps > most:
        raise InputError(
            f"--steps: {steps:,}: of this config, at most {most:,} are recorded, which are some "
            f"{MOST_CLOCKS:,} clocks"
        )


def record(subject: Subject, steps: int, wanted: Wanted, run: Lockstep) -> int:
    """Run the lockstep and write what was recorded; return the exit status, 1 if it breaks."""
    recording = Recording(subject.fields, steps)
    with screen.progress_bar("recording", steps) as advance:
        result = run(progress=lambda step: advance(step, f"step {step}"), watch=recording.watch)
    if result.mismatches:
        return show_verification(result, subject.fields)
    cells = wanted.cells
    contents = {wanted.picture: picture.plot(subject, recording, cells, wanted.picture)}
    if wanted.dump:
        contents |= dump.dump(subject, recording, cells, wanted.dump)
    if wanted.json:
        found = {"simulator": result.simulator} | to_json(subject, recording, cells)
        contents[wanted.json] = writing.to_json(found)
    files.make_folder(wanted.picture.parent)
    writing.write(contents)
    console.print(
        f"{result.simulator}: {steps:,} step{'s' * (steps > 1)}, clocks {recording.start:,} to "
        f"{recording.clock - 1:,}; the golden model agrees in every clock\n"
        + "\n".join(map(str, contents))
    )
    return 0


def to_json(subject: Subject, recording: Recording, cells: Sequence[int]) -> dict[str, Any]:
    """Return the documented JSON."""
    start = recording.start or 0
    clocks, phases = since(start, recording.changes("phase"))
    drawn = [line.since(start) for line in lines(subject, recording, cells)]
    return {
        "config": subject.config.to_dict(),
        "steps": recording.steps,
        "start": start,
        "end": recording.clock - 1,
        "step_clocks": step_clocks(subject, recording),
        "strobes": strobes(subject, recording),
        "phases": {"clocks": clocks.tolist(), "values": vcd.phase_names(phases)},
        "signals": [_signal(line) for line in drawn],
    }


def _signal(line: Line) -> dict[str, Any]:
    return {
        "name": line.name,
        "place": line.place,
        "clocks": line.clocks.tolist(),
        "values": line.values.tolist(),
    }
