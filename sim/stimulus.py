"""The rows of inputs that a bench plays: register sets, starts, writes while busy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from model.traces import trace_of
from sim.bench import FOREVER
from spec.config import Config
from spec.phase import Phase
from spec.registers import UNSOLVABLE, register_of, registers

Row = list[int]
Writes = Mapping[int, Mapping[str, int]]


def _row(config: Config, clocks: int, start: int, changed: Mapping[str, int]) -> Row:
    values = (changed.get(register.name, register.value) for register in registers(config))
    return [clocks, start, *values]


def runs(config: Config, seeds: Iterator[int] | list[int]) -> Iterator[Row]:
    """Start each run, and wait until it is done."""
    for seed in seeds:
        seeded = config.with_training(seed=seed)
        yield _row(seeded, 1, 1, {})
        yield _row(seeded, 0, 0, {})


def lockstep(config: Config, writes: Writes, *, stop_when_solved: bool) -> Iterator[Row]:
    """Start one run; the registers of `writes` have their values only where they count.

    That is in the last clock of each step; in all others they have another value.
    """
    fixed = {} if stop_when_solved else {"solved_correct": UNSOLVABLE}
    yield _row(config, 1, 1, fixed)
    if writes:
        yield from _written(config, writes, fixed, stop_when_solved)
    yield _row(config, FOREVER, 0, fixed)


def _written(
    config: Config, writes: Writes, fixed: Mapping[str, int], stop_when_solved: bool
) -> Iterator[Row]:
    values = {name: getattr(config.training, name) for row in writes.values() for name in row}
    quiet = 0
    for chunk in trace_of(config, stop_when_solved=stop_when_solved, writes=writes).chunks():
        for phase, step in zip(chunk["phase"][:, 0], chunk["step"][:, 0], strict=True):
            if not _reads(config, Phase(phase), int(step)):
                quiet += 1
                continue
            if quiet:
                yield _row(config, quiet, 0, {**fixed, **_raw(config, values, flip=1)})
            quiet = 0
            values |= writes.get(int(step) + 1, {})
            yield _row(config, 1, 0, {**fixed, **_raw(config, values, flip=0)})


def _raw(config: Config, values: Mapping[str, int], *, flip: int) -> dict[str, int]:
    ports = dict(register_of(config, *item) for item in values.items())
    return {name: value ^ flip for name, value in ports.items()}


def _reads(config: Config, phase: Phase, step: int) -> bool:
    """Whether the gateware reads its registers at the end of a clock, to hold for step + 1."""
    if not config.update_delay:
        return phase is Phase.ACCUMULATE
    training = config.training
    check = step > 0 and (step % training.check_every == 0 or step == training.steps)
    return phase is Phase.STEP or (phase is Phase.PERTURBED and not check)
