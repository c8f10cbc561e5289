"""Waveforms as WaveJSON, and as SVG: the same bytes each time, without a network."""

from __future__ import annotations

import math
import re
from itertools import groupby
from typing import Any

from wavedrom import WaveDrom

from tests.hdl.waveforms.scenario import Played, Wave

CLOCK, MARGIN, FIRST_MARGIN = 40, 8, 24
"""Widths: of a clock at scale 1, of what stays free around a label, and around a wave's first one,
which WaveDrom does not put into the middle."""

TEXT, ITS_TEXT = 12, 11 * 4 / 3
"""Heights of text, in pixels: ours, so that more labels fit; and WaveDrom's, 11 points."""

MOST_WIDTH = 32
"""Of a figure, in clocks at scale 1."""

INPUT, OUTPUT = "=", "5"
"""Colours of numbers: white, blue."""


def wave_json(played: Played) -> dict[str, Any]:
    """Return a figure as WaveDrom takes it: inputs, outputs, and an arrow for each claim."""
    lanes = {wave.name: _lane(wave) for wave in played.waves}
    edges = _arrows(played, lanes)
    every, clocks = played.scenario.every, played.scenario.clocks
    clock = "clk" if every == 1 else f"clk, 1 of {every}"
    signal: list[Any] = [{"name": clock, "wave": "p" + "." * (clocks - 1)}]
    for title, driven in (("in", True), ("out", False)):
        group = [lanes[wave.name] for wave in played.waves if wave.driven is driven]
        signal += [[title, *group]] if group else []
    config = {"hscale": scale(played)}
    return {"signal": signal, "edge": edges, "head": {"tick": 0}, "config": config}


def _arrows(played: Played, lanes: dict[str, Any]) -> list[str]:
    """Return arrows with their clocks; mark their ends, a letter each, in the lanes."""
    arrows, letters = [], iter("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    for claim in played.scenario.claims:
        since, until = played.events(claim)
        ends = []
        for name, clock in ((claim.since, since), (claim.until, until)):
            lane = lanes[name]
            marks = lane.get("node", "." * played.scenario.clocks)
            letter = next(letters) if marks[clock] == "." else marks[clock]
            lane["node"] = marks[:clock] + letter + marks[clock + 1 :]
            ends.append(letter)
        if since != until:
            arrows.append("~->".join(ends) + f" {until - since}")
    return arrows


def scale(played: Played) -> int:
    """Return the least scale of clocks at which all labels fit."""
    least, measure = 1, WaveDrom().text_width
    for wave in played.waves:
        for k, (text, run) in enumerate(groupby(wave.labels)):
            # Of a minus, WaveDrom does not know the width, which is that of a plus.
            width = measure(text.replace("−", "+")) * TEXT / ITS_TEXT
            free = MARGIN if k else FIRST_MARGIN
            least = max(least, math.ceil((width + free) / (CLOCK * len([*run]))))
    return least


def _lane(wave: Wave) -> dict[str, Any]:
    """Return a signal: bits as levels, all else as labels, what stays as dots."""
    shown = wave.labels or [str(value) for value in wave.values]
    text, data = "", []
    for value, run in groupby(shown):
        if wave.labels:
            data.append(value)
            value = INPUT if wave.driven else OUTPUT
        text += value + "." * (len([*run]) - 1)
    return {"name": wave.title, "wave": text} | ({"data": data} if data else {})


def svg(played: Played) -> str:
    """Return a figure as a document of its own, on white, without what it does not use."""
    drawing: Any = WaveDrom().render_waveform(0, wave_json(played), [])
    drawing["style"] = "background:#fff"
    used = set(re.findall(r'(?:href="|url\()#([^")]+)', drawing.tostring()))
    defs = drawing.defs.elements
    defs[:] = [one for one in defs if one.attribs.get("id") in used]
    return (
        drawing.tostring()
        .replace("font-size:11pt", f"font-size:{TEXT}px")
        .replace("font-size:8px", "font-size:10px")
    )
