"""The site's extension puts a waveform below a component's docstring, and below no other."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from docs.extensions import waveforms
from hdl.external.weights import Sender
from hdl.number import multiplier
from hdl.number.multiplier import Multiplier
from tests.hdl.waveforms import SCENARIOS
from tests.hdl.waveforms.drawing import svg
from tests.hdl.waveforms.scenario import Played


def appended(folder: Path, what: str, obj: Any) -> list[str]:
    """Return what is added to a docstring, on a site whose pages are in a folder."""
    app: Any = SimpleNamespace(srcdir=folder / "docs")
    lines = ["What it is."]
    waveforms.append(app, what, "", obj, None, lines)
    assert lines[0] == "What it is."
    return lines[1:]


def test_a_component_has_its_figure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture that is where the page says, and what is to be seen there."""
    monkeypatch.setattr(waveforms, "PICTURES", tmp_path / "build")
    lines = appended(tmp_path, "class", Multiplier)
    played = Played(SCENARIOS[Multiplier])
    assert f"   {played.caption}" in lines
    place = lines[1].removeprefix(".. figure:: /")
    picture = (tmp_path / "docs" / place).resolve()
    assert picture.parent == tmp_path / "build"
    assert picture.read_text(encoding="utf-8") == svg(played)


@pytest.mark.parametrize(("what", "obj"), [("class", Sender), ("module", multiplier)])
def test_others_have_none(what: str, obj: Any, tmp_path: Path) -> None:
    assert appended(tmp_path, what, obj) == []
