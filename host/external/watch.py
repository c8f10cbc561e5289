"""A board with an external plant at work, live in the terminal."""

from __future__ import annotations

from argparse import Namespace

from rich.table import Table

from host import files, golden, ports, watch
from host.chart import sparkline
from host.golden import Rails
from host.outcome import mean_cost
from host.state import State
from host.watch import Look, Seen, Watcher
from model.run import Counted
from spec.external.config import ExternalConfig


def run(options: Namespace) -> int:
    """Watch a board until interrupted; with `once`, a single look, also as JSON."""
    config = files.load_plant(options)
    watch.check(options, files.read_by(options, config))
    with ports.device(config, options.port) as device:
        watcher = Watcher(device, lambda cost_sum: mean_cost(config, cost_sum))
        return watch.follow(options, lambda: seen(config, watcher.look(), device.counted()))


def seen(config: ExternalConfig, look: Look[State], counted: Counted) -> Seen:
    """Return what is to be seen of a look."""
    rails = golden.rails_of_cells(config, look.theta, look.G)
    cost = mean_cost(config, look.state.cost_sum) if look.state.checks else None
    content = watch.json_of_any(config, look, rails, cost)
    content |= {"timeouts": counted.timeouts, "unasked": counted.unasked}
    return watch.with_notes(_table(config, look, counted, rails, cost), look), content


def _table(
    config: ExternalConfig, look: Look[State], counted: Counted, rails: Rails, cost: float | None
) -> Table:
    """Draw a look."""
    table = Table(show_header=False, box=None)
    watch.begin(table, config, look)
    if cost is not None:
        table.add_row("mean cost", f"{cost:.5f}  {sparkline(look.costs)}")
    watch.cells(table, config, look, rails)
    asked = f"asked again {counted.timeouts:,} times, {counted.unasked:,} conversions unasked"
    table.add_row("plant", asked)
    return table
