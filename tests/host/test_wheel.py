"""A wheel has the examples, and finds them by name."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.conftest import EXAMPLES

LOOK_UP = "from host import files; print(files.load_config({!r}).parameters, files.__file__)"


def test_an_example_is_found_in_a_wheel(tmp_path: Path) -> None:
    source, installed = tmp_path / "source", tmp_path / "installed"
    no_build = shutil.ignore_patterns(".*", "build", "*.egg-info", "__pycache__", "reports")
    shutil.copytree(EXAMPLES.parent, source, ignore=no_build)
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "-w", str(tmp_path)]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(source)], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(installed)
    data = {path.name for path in EXAMPLES.iterdir() if path.suffix in (".toml", ".csv")}
    assert data <= {path.name for path in (installed / "examples").iterdir()}
    for name, parameters in (("xor", 9), ("own-data", 32)):
        done = subprocess.run(
            [sys.executable, "-c", LOOK_UP.format(name)],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(installed)},
            check=True,
            capture_output=True,
            text=True,
        )
        found, _, where = done.stdout.strip().partition(" ")
        assert int(found) == parameters
        assert Path(where).is_relative_to(installed)
