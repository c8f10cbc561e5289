"""The picture of a recording, as the papers have it: signals over time, one below the other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from host import picture
from host.wave.signals import Line, Subject, lines, since, step_clocks, strobes
from sim.waves import Recording
from spec.phase import Phase

WIDTH = 9.0
"""Of the picture, in inches, as all heights are."""

LANE, PANEL, STROBES = 0.3, 1.05, 0.5
"""Heights: of a signal by itself, of several together, of the strobes."""

TITLE, SCALE, BETWEEN = 0.45, 0.45, 0.07
"""What a title takes, a scale with its name, and a gap."""

LEFT, RIGHT = 0.1, 0.89
"""Parts of the width."""

MOST_TICKS = 12
"""Steps, or clocks, that are named."""

SYMBOLS = {
    "x": "$x_{{{}}}$", "t": "$t_{{{}}}$", "sample": "sample", "C0": "$C_0$", "C": "$C$",
    "C_tilde": r"$\tilde C$", "u": "$u$", "theta_tilde": r"$\tilde\theta_{{{}}}$",
    "G": "$G_{{{}}}$", "theta": r"$\theta_{{{}}}$",
}  # fmt: skip
SAMPLES = ("x", "t", "sample")
STROBE_SYMBOLS = {"tau_x": r"$\tau_x$", "tau_p": r"$\tau_p$", "tau_theta": r"$\tau_\theta$"}

SHADES = {
    "evaluation": ({Phase.BASELINE, Phase.OPPOSITE, Phase.PERTURBED, Phase.WAIT}, "#e6eef7"),
    "check": ({Phase.CHECK, Phase.CHECK_WAIT, Phase.DECIDE}, "#fbeec2"),
}
"""Phases that are shaded, by what goes on in them."""

OVERLAPPED_SHADES = {"drain": ({Phase.WAIT}, "#e6eef7"), "check": SHADES["check"]}
"""With overlap: there, evaluations begin in every clock of a step."""

PALE = {"linewidth": 2.2, "alpha": 0.45}
"""What lies below another signal, and is often the same."""


def plot(subject: Subject, recording: Recording, cells: Sequence[int], path: Path) -> bytes:
    """Draw a recording's steps; return what the file of that name is to hold.

    From top to bottom: inputs and targets; the strobes; θ̃ of each cell; C and C0; C̃ and u, of which
    the scales are such that they are one line where u is neither rounded nor saturated; G; θ.
    """
    start, end = recording.start or 0, recording.clock - 1
    found = [line.since(start) for line in lines(subject, recording, cells)]
    of = {name: [line for line in found if line.name == name] for name in SYMBOLS}
    alone = [[line] for name in SAMPLES for line in of[name]]
    together = [of["C0"] + of["C"], of["C_tilde"] + of["u"], of["G"], of["theta"]]
    rows = [*alone, [], *([line] for line in of["theta_tilde"]), *filter(None, together)]
    heights = [STROBES if not row else LANE if _is_lane(row) else PANEL for row in rows]
    above = TITLE + (0 if subject.in_steps else SCALE)
    total = sum(heights) + BETWEEN * (len(rows) - 1) + above + SCALE
    figure = picture.pyplot().figure(figsize=(WIDTH, total))
    top = total - above
    # Behind all of them, so that phases are shaded from top to bottom.
    behind = figure.add_axes((LEFT, SCALE / total, RIGHT - LEFT, (top - SCALE) / total))
    margin = 0.005 * (end - start)
    behind.set(xlim=(start - margin, end + margin), ylim=(0, 1))
    behind.axis("off")
    shades = _shade(behind, subject, recording)
    axes = None
    for row, height in zip(rows, heights, strict=True):
        place = (LEFT, (top - height) / total, RIGHT - LEFT, height / total)
        axes = figure.add_axes(place, sharex=behind, facecolor="none")
        axes.tick_params(labelbottom=False, labelsize=7, bottom=False)
        top -= height + BETWEEN
        if row:
            _draw(axes, row, subject, cells, end)
        else:
            _tick(axes, strobes(subject, recording))
    assert axes is not None
    _scale(figure, axes, subject, recording)
    _title(figure, subject, recording, shades, 1 - 0.2 / total)
    return picture.drawn(figure, path)


def _title(
    figure: Any, subject: Subject, recording: Recording, shades: Sequence[Any], height: float
) -> None:
    """Say what it is, and what is shaded."""
    config, delay = subject.config, subject.optimizer.bank.update_delay
    overlap = f", D = {delay}" if delay else ""
    text = (
        f"{subject.title}: {config.parameters:,} cells, θ in {config.formats.theta}{overlap}; "
        f"{recording.steps:,} step{'s' * (recording.steps > 1)} of the gateware"
    )
    figure.text(LEFT, height, text, fontsize=10, va="center", parse_math=False)
    if shades:
        figure.legend(
            handles=shades, loc="center right", bbox_to_anchor=(RIGHT, height), frameon=False,
            ncols=len(shades), fontsize=8, borderaxespad=0, handlelength=1.4, columnspacing=1.2,
        )  # fmt: skip


def _is_lane(row: Sequence[Line]) -> bool:
    return row[0].name in (*SAMPLES, "theta_tilde")


def _symbol(line: Line) -> str:
    return SYMBOLS[line.name].format(line.place)


def _draw(axes: Any, row: Sequence[Line], subject: Subject, cells: Sequence[int], end: int) -> None:
    """Draw signals that share a panel."""
    if row[0].name == "C_tilde":
        c_tilde, u = row
        _draw_bus(axes, c_tilde, u, subject.gain, end)
        return
    for k, line in enumerate(row):
        of_cell = line.name in ("theta_tilde", "G", "theta")
        colour = f"C{cells.index(line.place) if of_cell and line.place is not None else k}"
        style = PALE if line.name == "C0" else {}
        _step(axes, line, end, color="0.2" if line.name in SAMPLES else colour, **style)
    if _is_lane(row):
        axes.set_ylabel(_symbol(row[0]), rotation=0, ha="right", va="center", fontsize=9)
        low, high = row[0].values.min(), row[0].values.max()
        margin = 0.25 * (high - low) or 1
        axes.set_ylim(low - margin, high + margin)
        axes.set_yticks(ends := sorted({low, high}), [f"{value:.3g}" for value in ends])
        axes.tick_params(labelsize=6)
    else:
        names = {"C0": "cost", "C": "cost", "G": "$G$", "theta": r"$\theta$"}
        axes.set_ylabel(names[row[0].name], fontsize=9)
        axes.margins(y=0.1)
        axes.legend(
            loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=8,
            handlelength=1.2, borderaxespad=0.3,
        )  # fmt: skip


def _draw_bus(axes: Any, c_tilde: Line, u: Line, gain: float, end: int) -> None:
    """Draw C̃, and u at a scale of its own: that at which it is C̃."""
    made = u.values[1:] if len(u.values) > 1 else u.values  # the first is of the initial θ
    most = max(np.abs(c_tilde.values).max(), np.abs(made).max() / gain) or 1.0
    beside = axes.twinx()
    beside.tick_params(labelsize=7, colors="C1")
    _step(axes, c_tilde, end, color="C0", **PALE)
    _step(beside, u, end, color="C1")
    axes.set_ylim(-1.1 * most, 1.1 * most)
    beside.set_ylim(-1.1 * most * gain, 1.1 * most * gain)
    axes.set_ylabel(_symbol(c_tilde), color="C0", fontsize=9)
    beside.set_ylabel(_symbol(u), color="C1", rotation=0, fontsize=9, labelpad=8)


def _step(axes: Any, line: Line, end: int, **style: Any) -> None:
    clocks, values = np.append(line.clocks, end), np.append(line.values, line.values[-1])
    axes.plot(
        clocks, values, drawstyle="steps-post", label=_symbol(line), gid=line.full_name,
        **{"linewidth": 1.0} | style,
    )  # fmt: skip


def _tick(axes: Any, found: dict[str, list[int]]) -> None:
    """Mark when τ_x, τ_p and τ_θ elapse, in three rows."""
    rows = range(len(STROBE_SYMBOLS))
    axes.eventplot(
        [found[name] for name in STROBE_SYMBOLS], lineoffsets=rows, linelengths=0.6, colors="0.2",
        linewidths=0.8,
    )  # fmt: skip
    axes.set_yticks(rows, STROBE_SYMBOLS.values(), fontsize=8)
    axes.set_ylim(len(rows) - 0.5, -0.5)


def _shade(axes: Any, subject: Subject, recording: Recording) -> list[Any]:
    """Shade phases; return a shade of each kind that is there."""
    start, shades = recording.start or 0, []
    clocks, phase = since(start, recording.changes("phase"))
    ends = np.append(clocks[1:], recording.clock - 1)
    kinds = OVERLAPPED_SHADES if subject.optimizer.bank.update_delay else SHADES
    for name, (phases, colour) in kinds.items():
        edges = np.diff(np.isin(phase, list(phases)).astype(int), prepend=0, append=0)
        spans = [
            axes.axvspan(a, b, color=colour, linewidth=0, label=name)
            for a, b in zip(clocks[edges[:-1] == 1], ends[edges[1:] == -1], strict=True)
        ]
        shades += spans[:1]
    return shades


def _scale(figure: Any, axes: Any, subject: Subject, recording: Recording) -> None:
    """Name clocks, and steps: below what the other one is counted in, and above."""
    began = np.array(step_clocks(subject, recording))
    every = next(
        unit * 10**k for k in range(9) for unit in (1, 2, 5)
        if recording.steps / (unit * 10**k) <= MOST_TICKS
    )  # fmt: skip
    steps = np.arange(0, recording.steps + 1, every)
    axes.tick_params(labelbottom=True, labelsize=8, bottom=True)
    if subject.in_steps:
        axes.set_xticks(began[steps], steps)
        axes.set_xlabel("step", fontsize=8)
        return
    axes.set_xlabel("clock", fontsize=8)
    axes.locator_params(axis="x", integer=True)
    above = figure.axes[1].secondary_xaxis("top")
    above.set_xticks(began[steps], steps)
    above.tick_params(labelsize=7, length=2)
    above.set_xlabel("step", fontsize=8)
