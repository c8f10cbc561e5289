"""A board at work, live in the terminal. Looking changes nothing of its training."""

from __future__ import annotations

import time
from argparse import Namespace
from dataclasses import dataclass
from typing import Any

from rich.console import Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from host import files, golden, ports, writing
from host.curve import Curve, sparkline
from host.device import Device, State
from host.golden import Rails
from host.screen import console
from host.train import mean_cost
from model.number.fixed import Ints
from spec import derive
from spec.config import Config
from spec.errors import InputError

LOOK_S = 0.25
"""Between two looks."""

MOST_POINTS = 4096
"""Of the cost curve."""

MOST_WEIGHTS = 64
"""That are shown one by one."""


@dataclass(frozen=True)
class Look:
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
    theta : array of int, shape (P,)
        In LSBs; of different steps while it trains.
    rails : Rails
    """

    state: State
    steps: int
    steps_per_second: float
    costs: list[float]
    theta: Ints
    rails: Rails


class Watcher:
    """Looks at a device again and again.

    Parameters
    ----------
    device : Device
    """

    def __init__(self, device: Device) -> None:
        self.device = device
        self.curve = Curve(device, MOST_POINTS)
        self._step, self._time = device.state().step, time.monotonic()

    def look(self) -> Look:
        """Read what there is to see."""
        device, config = self.device, self.device.config
        state, now = device.state(), time.monotonic()
        speed = max(0, state.step - self._step) / max(now - self._time, 1e-6)
        self._step, self._time = state.step, now
        self.curve.look()
        theta, G = device.theta(), device.G()
        costs = [mean_cost(config, cost_sum) for _, cost_sum in self.curve.points]
        rails = golden.rails(config, theta, G)
        return Look(state, self.curve.steps, speed, costs, theta, rails)


def watch(options: Namespace) -> int:
    """Watch a board until interrupted; with `once`, a single look, also as JSON."""
    config = files.load_config(options.config, options.data)
    if options.json and not options.once:
        raise InputError("--json: is for --once, a single look")
    files.check_outputs([options.json], files.read_by(options, config))
    with ports.device(config, options.port) as device:
        watcher = Watcher(device)
        if options.once:
            time.sleep(LOOK_S)
            look = watcher.look()
            console.print(picture(config, look))
            writing.write_json(options.json, to_json(config, look))
            return 0
        try:
            with Live(console=console, auto_refresh=False) as live:
                while True:
                    live.update(picture(config, watcher.look()), refresh=True)
                    time.sleep(LOOK_S)
        except KeyboardInterrupt:
            return 0


def to_json(config: Config, look: Look) -> dict[str, Any]:
    """Return the documented JSON."""
    state, rails = look.state, look.rails
    checked = state.checks > 0
    return {
        "config": config.to_dict(),
        "busy": state.busy,
        "done": state.done,
        "solved": state.solved,
        "step": state.step,
        "steps": look.steps,
        "steps_per_second": look.steps_per_second,
        "correct": state.correct if checked else None,
        "accuracy": state.correct / len(config.data) if checked else None,
        "cost": mean_cost(config, state.cost_sum) if checked else None,
        "costs": look.costs,
        "theta": look.theta.tolist(),
        "u_saturated": state.u_saturated,
        "theta_saturated": rails.theta,
        "G_saturated": rails.G,
        "activations_saturated": [
            {"saturated": count, "of": total} for count, total in rails.activations
        ],
    }


def picture(config: Config, look: Look) -> RenderableType:
    """Draw a look."""
    state, rails, samples = look.state, look.rails, len(config.data)
    doing = "training" if state.busy else "solved" if state.solved else "ended"
    if doing == "ended" and config.training.has_goal:
        doing = "ended, not solved"
    if not (state.busy or state.done):
        doing = "not started"
    elif state.done and not state.checks:
        doing = "waiting"
    table = Table(show_header=False, box=None)
    table.add_row("", f"{doing}, step {state.step:,} of up to {look.steps:,}")
    table.add_row("speed", f"{look.steps_per_second:,.0f} steps a second")
    if state.checks:
        cost = mean_cost(config, state.cost_sum)
        table.add_row("accuracy", f"{state.correct / samples:.1%} ({state.correct} of {samples})")
        table.add_row("mean cost", f"{cost:.4f}  {sparkline(look.costs)}")
    table.add_row("weights", _weights(config, look.theta))
    G = "no G" if rails.G is None else f"G {rails.G}"
    table.add_row("at a rail", f"θ {rails.theta}, {G} of {config.parameters}")
    table.add_row("u saturated", f"{state.u_saturated} steps (counted up to 65,535, then anew)")
    ends = ", ".join(f"{count} of {of}" for count, of in rails.activations)
    table.add_row("activations", f"at an end of their range, layer by layer: {ends}")
    notes = ["activations: computed by the golden network, of all samples, from the θ read"]
    if state.busy:
        notes.append("θ and G were read while they changed")
    return Group(table, *(Text(note, style="dim") for note in notes))


def _weights(config: Config, theta: Ints) -> str:
    numbers = theta / 2 ** derive.theta(config).fraction_bits
    shown = " ".join(f"{value:+.2f}" for value in numbers[:MOST_WEIGHTS])
    return shown + (" …" if len(numbers) > MOST_WEIGHTS else "")
