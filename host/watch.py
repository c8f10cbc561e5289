"""A board at work, live in the terminal. Looking changes nothing of its training."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from rich.console import Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from host import files, golden, ports, writing
from host.chart import sparkline
from host.curve import Curve
from host.device import State
from host.driver import Driver
from host.golden import Rails
from host.outcome import mean_cost
from host.screen import console
from host.state import State as AnyState
from model.number.fixed import Ints
from spec import derive
from spec.config import Config
from spec.errors import InputError
from spec.trained import Trained

LOOK_S = 0.25
"""Between two looks."""

MOST_POINTS = 4096
"""Of the cost curve."""

MOST_WEIGHTS = 64
"""That are shown one by one."""

S = TypeVar("S", bound=AnyState)


@dataclass(frozen=True)
class Look(Generic[S]):
    """What a board is doing.

    Attributes
    ----------
    state : State
    steps : int
        At which the run ends at the latest.
    steps_per_second : float
        Since the look before.
    costs : list of float
        Mean cost of each check.
    theta, G : array of int, shape (P,)
        In LSBs; of different steps while it trains.
    """

    state: S
    steps: int
    steps_per_second: float
    costs: list[float]
    theta: Ints
    G: Ints


class Watcher(Generic[S]):
    """Looks at a device again and again.

    Parameters
    ----------
    device : Driver
    mean_cost : callable
        Of the sum of costs that a check counts.
    """

    def __init__(self, device: Driver[Any, S], mean_cost: Callable[[int], float]) -> None:
        self.device, self.mean_cost = device, mean_cost
        self.curve = Curve(device, MOST_POINTS)
        self._step, self._time = device.state().step, time.monotonic()

    def look(self) -> Look[S]:
        """Read what there is to see."""
        device = self.device
        state, now = device.state(), time.monotonic()
        speed = max(0, state.step - self._step) / max(now - self._time, 1e-6)
        self._step, self._time = state.step, now
        self.curve.look()
        costs = [self.mean_cost(cost_sum) for _, cost_sum in self.curve.points]
        return Look(state, self.curve.steps, speed, costs, device.theta(), device.G())


Seen = tuple[RenderableType, dict[str, Any]]
"""A picture of a look, and its JSON."""


def watch(options: Namespace) -> int:
    """Watch a board until interrupted; with `once`, a single look, also as JSON."""
    config = files.load_config(options.config, options.data)
    check(options, files.read_by(options, config))
    with ports.device(config, options.port) as device:
        watcher = Watcher(device, lambda cost_sum: mean_cost(config, cost_sum))
        return follow(options, lambda: seen(config, watcher.look()))


def check(options: Namespace, read: list[Path]) -> None:
    """Raise an InputError for words that do not go together, or a file that cannot be written."""
    if options.json and not options.once:
        raise InputError("--json: is for --once, a single look")
    files.check_outputs([options.json], read)


def follow(options: Namespace, look: Callable[[], Seen]) -> int:
    """Show looks, until interrupted or once."""
    if options.once:
        time.sleep(LOOK_S)
        picture, content = look()
        console.print(picture)
        writing.write_json(options.json, content)
        return 0
    try:
        with Live(console=console, auto_refresh=False) as live:
            while True:
                live.update(look()[0], refresh=True)
                time.sleep(LOOK_S)
    except KeyboardInterrupt:
        return 0


def seen(config: Config, look: Look[State]) -> Seen:
    """Return what is to be seen of a look at a network of ours."""
    rails = golden.rails(config, look.theta, look.G)
    cost = mean_cost(config, look.state.cost_sum) if look.state.checks else None
    return picture(config, look, rails, cost), to_json(config, look, rails, cost)


def to_json(config: Config, look: Look[State], rails: Rails, cost: float | None) -> dict[str, Any]:
    """Return the documented JSON."""
    state = look.state
    checked = state.checks > 0
    return {
        **json_of_any(config, look, rails, cost),
        "correct": state.correct if checked else None,
        "accuracy": state.correct / len(config.data) if checked else None,
        "activations_saturated": [
            {"saturated": count, "of": total} for count, total in rails.activations
        ],
    }


def json_of_any(
    config: Trained, look: Look[Any], rails: Rails, cost: float | None
) -> dict[str, Any]:
    """Return what the JSON of any board has."""
    state = look.state
    return {
        "config": config.to_dict(),
        "busy": state.busy,
        "done": state.done,
        "solved": state.solved,
        "step": state.step,
        "steps": look.steps,
        "steps_per_second": look.steps_per_second,
        "cost": cost,
        "costs": look.costs,
        "theta": look.theta.tolist(),
        "u_saturated": state.u_saturated,
        "theta_saturated": rails.theta,
        "G_saturated": rails.G,
    }


def picture(config: Config, look: Look[State], rails: Rails, cost: float | None) -> RenderableType:
    """Draw a look."""
    correct, samples = look.state.correct, len(config.data)
    table = Table(show_header=False, box=None)
    begin(table, config, look)
    if cost is not None:
        table.add_row("accuracy", f"{correct / samples:.1%} ({correct} of {samples})")
        table.add_row("mean cost", f"{cost:.4f}  {sparkline(look.costs)}")
    cells(table, config, look, rails)
    ends = ", ".join(f"{count} of {of}" for count, of in rails.activations)
    table.add_row("activations", f"at an end of their range, layer by layer: {ends}")
    notes = ["activations: computed by the golden network, of all samples, from the θ read"]
    return with_notes(table, look, notes)


def begin(table: Table, config: Trained, look: Look[Any]) -> None:
    """Say what a board is doing."""
    state = look.state
    doing = "training" if state.busy else "solved" if state.solved else "ended"
    if doing == "ended" and config.training.has_goal:
        doing = "ended, not solved"
    if not (state.busy or state.done):
        doing = "not started"
    elif state.done and not state.checks:
        doing = "waiting"
    table.add_row("", f"{doing}, step {state.step:,} of up to {look.steps:,}")
    table.add_row("speed", f"{look.steps_per_second:,.0f} steps a second")


def cells(table: Table, config: Trained, look: Look[Any], rails: Rails) -> None:
    """Say what its cells hold."""
    numbers = look.theta / 2 ** derive.theta(config).fraction_bits
    shown = " ".join(f"{value:+.2f}" for value in numbers[:MOST_WEIGHTS])
    table.add_row("weights", shown + (" …" if len(numbers) > MOST_WEIGHTS else ""))
    G = "no G" if rails.G is None else f"G {rails.G}"
    table.add_row("at a rail", f"θ {rails.theta}, {G} of {config.parameters}")
    saturated = look.state.u_saturated
    table.add_row("u saturated", f"{saturated} steps (counted up to 65,535, then anew)")


def with_notes(table: Table, look: Look[Any], notes: Sequence[str] = ()) -> RenderableType:
    """Add what must be known of the table."""
    if look.state.busy:
        notes = [*notes, "θ and G were read while they changed"]
    return Group(table, *(Text(note, style="dim") for note in notes))
