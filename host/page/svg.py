"""Pictures of matplotlib's inside a page: in its colours, and without names of others."""

from __future__ import annotations

import io
import re
from typing import Any

from host import picture
from host.page.blocks import Figure

PLAIN = {"svg.fonttype": "none", "font.family": "sans-serif"}
"""Text stays text, in the page's font."""


def inline(figure: Any, name: str, caption: str) -> Figure:
    """Return a figure as SVG within HTML, and close it.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    name : str
        Of letters; what has an id in the picture has it before that.
    caption : str
    """
    drawn = io.StringIO()
    for legend in filter(None, (axes.get_legend() for axes in figure.axes)):
        legend.get_frame().set_facecolor("none")
    with picture.style(PLAIN):
        figure.savefig(drawn, format="svg", transparent=True, metadata=picture.SUFFIXES[".svg"])
    picture.pyplot().close(figure)
    text = drawn.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"\s*<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = re.sub(r'(url\(|href=")#', rf"\1#{name}-", text)
    return Figure(re.sub(r"#000000\b", "currentColor", text).strip(), caption)
