"""A component's waveform below its docstring, drawn from a simulation while the site is built.

What is simulated and how it is drawn is in `tests/hdl/waveforms/`; all of it takes some seconds.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from amaranth.hdl import Elaboratable
from sphinx.application import Sphinx

from tests.hdl.waveforms import SCENARIOS
from tests.hdl.waveforms.drawing import svg
from tests.hdl.waveforms.scenario import Played

PICTURES = Path(__file__).parents[2] / "build" / "waveforms"

CSS = Path(__file__).parent / "css"
"""Folder of the style sheet."""

AFTER_OTHERS = 900
"""Priority among those who hear of a docstring: its sections are reStructuredText by then."""


def append(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Add its figure to the lines of a component's docstring."""
    if what != "class" or obj not in SCENARIOS:
        return
    played = Played(SCENARIOS[obj])
    picture = PICTURES / f"{obj.__module__}.{obj.__name__}.svg"
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_text(svg(played), encoding="utf-8")
    lines += [
        "",
        f".. figure:: /{Path(os.path.relpath(picture, app.srcdir)).as_posix()}",
        f"   :alt: waveform of {obj.__name__}",
        "   :figclass: waveform",
        "",
        "   " + played.caption.replace("`", "``"),
        "",
    ]


def add_css(app: Sphinx) -> None:
    """Let a figure that is wider than the page scroll, and not become small."""
    app.config.html_static_path.append(str(CSS))


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect both."""
    # Of what is only asked for a part or a shape, the rest is never elaborated.
    Elaboratable._MustUse__silence = True  # type: ignore[attr-defined]
    app.connect("autodoc-process-docstring", append, priority=AFTER_OTHERS)
    app.connect("builder-inited", add_css)
    app.add_css_file("waveforms.css")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
