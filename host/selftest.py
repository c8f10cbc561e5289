"""The self-test of a board: what the golden model says must come out of it, does.

Of an external plant on a real board nobody knows what comes out: there, that it answers.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from rich.table import Table
from rich.text import Text

from host import files, golden, ports, screen, writing
from host.device import Device
from host.driver import AnyDriver
from host.external.device import ExternalDevice
from host.link import LinkError, Reason
from host.screen import console
from host.state import State
from model.number.fixed import Ints
from model.plant.cost import cost_of
from model.run import theta_digest
from spec import derive
from spec.config import Config
from spec.external.config import AnyConfig
from spec.map import Control, address_of
from spec.tasks import Dataset

STEPS = 1_000
"""Of the run that is compared."""

PLANT_STEPS = 100
"""The same of an external plant, whose evaluations take long."""

PATTERNS = (0x5555_5555, 0xAAAA_AAAA)
"""Written to every register, as many bits as it has."""


@dataclass(frozen=True)
class Check:
    """The outcome of a check.

    Attributes
    ----------
    name : str
    ok : bool
    detail : str
        What was compared, or what was found instead.
    """

    name: str
    ok: bool
    detail: str


def selftest(options: Namespace) -> int:
    """Test a board, which then waits with the config's registers and samples; 1 if a check fails.

    A board of another config is wrong input, and not tested.
    """
    config = files.load_any(options)
    files.check_outputs([options.json], files.read_by(options, config))
    with ports.device(config, options.port) as device, screen.working("testing the board") as say:
        found = []
        for check in run(device, modelled=options.port == ports.VIRTUAL):
            say(check.name)
            found.append(check)
    table = Table("check", "", "what")
    for check in found:
        table.add_row(check.name, "ok" if check.ok else Text("failed", style="red"), check.detail)
    console.print(table)
    content = [{"name": c.name, "ok": c.ok, "detail": c.detail} for c in found]
    writing.write_json(options.json, content)
    return 0 if all(check.ok for check in found) else 1


def run(device: ports.AnyDevice, *, modelled: bool = False) -> Iterator[Check]:
    """Make all checks; they go on after one that fails.

    Parameters
    ----------
    device : Device or ExternalDevice
    modelled : bool
        Whether an external plant is the config's model.
    """
    device.stop()
    yield Check("identity", True, f"gateware of this config, at {device.clock_hz / 1e6:g} MHz")
    checks: dict[str, Callable[[Any], tuple[bool, str]]] = CHECKS
    if isinstance(device, ExternalDevice):
        checks = OF_PLANTS | (OF_MODELS if modelled else {})
    for name, check in checks.items():
        try:
            yield Check(name, *check(device))
        except LinkError as error:
            if error.reason not in (Reason.REFUSED, Reason.STUCK):
                raise
            yield Check(name, False, str(error))
    device.configure()
    device.upload()


def _registers(device: AnyDriver) -> tuple[bool, str]:
    """Write and read back every register."""
    kept = device.kept
    for register in kept:
        patterns = (pattern % (1 << register.width) for pattern in PATTERNS)
        for value in (*(pattern or 1 for pattern in patterns), register.value):
            device.put(register.name, value)
            if (found := device.get(register.name)) != value:
                return False, f"{register.name}: wrote {value:#x}, read {found:#x}"
    return True, f"{len(kept)} written and read back"


def _samples(device: Device) -> tuple[bool, str]:
    """Write random samples, and read each back after an evaluation has read it."""
    spec = derive.samples(device.config)
    if device.folded is not None:
        return _evaluated(device, _random_inputs(device.config, spec.slots), device.initial())
    rng = np.random.default_rng(1)
    words = [
        [int(word) for word in rng.integers(1 << 32, size=spec.words)] for _ in range(spec.depth)
    ]
    last = (1 << spec.bits - 32 * (spec.words - 1)) - 1  # bits of the last word
    for row in words:
        row[-1] &= last
    device.put("row", 0)
    device.registers.write(address_of("sample_data"), [w for row in words for w in row], same=True)
    for k, row in enumerate(words):
        device.evaluate(k)
        found = device.registers.read(address_of("sample"), spec.words)
        if found != row:
            return False, f"sample {k}: wrote {_hex(row)}, read {_hex(found)}"
    return True, f"{len(words)} of {spec.bits} bits written and read back"


def _initial(device: AnyDriver) -> tuple[bool, str]:
    """Let a board make the initial θ, for which no plant is needed."""
    found, golden = device.initial(), device.initialised(device.config.training.seed).cells.theta[0]
    for k in np.flatnonzero(found != golden):
        return False, f"parameter {k}: {found[k]}, golden {golden[k]}"
    return True, f"{len(found)} as from the seed"


def _theta(device: AnyDriver) -> tuple[bool, str]:
    """Load a random θ, beside the config's samples, and read it back."""
    theta = _random_theta(device.config)
    device.upload()  # in place of random samples
    device.load_initial(device.config.training.seed, theta)
    found = device.theta()
    for k in np.flatnonzero(found != theta):
        return False, f"parameter {k}: loaded {theta[k]}, read {found[k]}"
    return True, f"{len(theta)} loaded and read back"


def _evaluations(device: Device) -> tuple[bool, str]:
    """Evaluate every sample at that θ."""
    data, most = device.config.data, derive.samples(device.config).slots
    if device.ring:
        data = replace(data, x=data.x[:most], t=data.t[:most])
    return _evaluated(device, data, _random_theta(device.config), write=device.ring)


def _evaluated(
    device: Device, data: Dataset, theta: Ints, *, write: bool = True
) -> tuple[bool, str]:
    """Evaluate samples, which may have to be written, at the θ that the device has."""
    if write:
        device.upload(data)
    y = golden.outputs(device.config, theta, data)
    costs = cost_of(derive.cost(device.config), y, np.array(data.t))
    for k in range(len(data)):
        expected = int(costs[k]), y[k].tolist()
        if (found := device.evaluate(k)) != expected:
            return False, f"sample {k}: cost and outputs {found}, golden {expected}"
    return True, f"{len(data)} samples: outputs and costs are the golden network's"


def _steps(device: AnyDriver) -> tuple[bool, str]:
    """Train some steps, solved or not."""
    return _compared(device, STEPS)


def _steps_with_plant(device: ExternalDevice) -> tuple[bool, str]:
    """Do so with a plant that is the config's model."""
    return _compared(device, PLANT_STEPS)


def _compared(device: AnyDriver, steps: int) -> tuple[bool, str]:
    """Train some steps here and there."""
    config, seed = device.config.with_training(steps=steps), device.config.training.seed
    state = _trained(device, steps)
    result = device.result(seed, state)
    (expected,) = device.golden(config, [seed], stop_when_solved=False).run()
    found, digest = (theta_digest(run.theta) for run in (result, expected))
    if (state.step, found) != (expected.steps, digest):
        return False, f"θ after {state.step} steps: {found[:16]}…, golden {digest[:16]}…"
    if (result.correct, state.cost_sum) != (expected.correct, expected.cost_sum):
        return False, (
            f"last check: {result.correct} correct, sum {state.cost_sum}; golden "
            f"{expected.correct}, {expected.cost_sum}"
        )
    return True, f"θ after {steps:,} steps is the golden model's, {digest[:16]}…"


def _answers(device: ExternalDevice) -> tuple[bool, str]:
    """Train some steps with whatever is at the pins; a plant that does not answer is given up."""

    def looked(state: State) -> None:
        if state.busy and device.counted().timeouts:
            device.put("control", Control.STOP)

    state = _trained(device, PLANT_STEPS, looked)
    counted = device.counted()
    if counted.timeouts or counted.unasked:
        return False, (
            f"in {state.step} steps, asked again {counted.timeouts:,} times, "
            f"{counted.unasked:,} conversions unasked"
        )
    return True, f"in {state.step} steps, it answered whenever it was asked; what is not compared"


def _trained(device: AnyDriver, steps: int, looked: Callable[[Any], None] | None = None) -> State:
    """Let a board train some steps from the seed, solved or not."""
    device.configure()
    device.put("steps", steps)
    device.put(*device.unsolvable)
    device.start()
    return device.wait(looked)


CHECKS: dict[str, Callable[[Device], tuple[bool, str]]] = {
    "registers": _registers,
    "sample memory": _samples,
    "θ": _theta,
    "evaluations": _evaluations,
    f"{STEPS:,} steps": _steps,
}
"""In their order; each returns whether it is right, and what it found."""

OF_PLANTS: dict[str, Callable[[ExternalDevice], tuple[bool, str]]] = {
    "registers": _registers,
    "initial θ": _initial,
    "θ": _theta,
    "plant": _answers,
}
"""The same with an external plant."""

OF_MODELS: dict[str, Callable[[ExternalDevice], tuple[bool, str]]] = {
    f"{PLANT_STEPS:,} steps": _steps_with_plant,
}
"""And of one that is the config's model."""


def _random_theta(config: AnyConfig) -> Ints:
    half = 1 << derive.cell(config).theta.bits - 1
    return np.random.default_rng(2).integers(-half, half, config.parameters)


def _random_inputs(config: Config, count: int) -> Dataset:
    """Draw inputs of any values, beside targets of the config."""
    data, signal = config.data, derive.network(config).input
    values = np.arange(signal.low, signal.high + 1)
    if signal.binary:
        values = values[[0, -1]]
    x = np.random.default_rng(1).choice(values, (count, data.inputs))
    return replace(
        data,
        x=tuple(map(tuple, x.tolist())),
        t=tuple(data.t[k % len(data)] for k in range(count)),
    )


def _hex(words: list[int]) -> str:
    return " ".join(f"{word:#010x}" for word in words)
