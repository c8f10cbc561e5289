"""Files the user names: found, or written whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from model.eta import chosen
from spec.config import Config
from spec.errors import InputError

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"

BUILD = Path("build")
"""Where compiled simulations and bitstreams go, below the current folder."""


def load_config(name: str, **training: Any) -> Config:
    """Load a TOML file, or the example of that name, with other keys of [training].

    η is a number then: "auto" is chosen here.
    """
    path = Path(name)
    if not path.exists() and (EXAMPLES / f"{name}.toml").exists():
        path = EXAMPLES / f"{name}.toml"
    elif not path.exists() and path.suffix != ".toml":
        names = ", ".join(sorted(example.stem for example in EXAMPLES.glob("*.toml")))
        raise InputError(f"{name}: neither a config file nor an example; examples are {names}")
    config = Config.load(path)
    given = {key: value for key, value in training.items() if value is not None}
    return chosen(config.with_training(**given) if given else config)


def check_suffix(path: Path | None, allowed: Iterable[str]) -> None:
    """Raise an InputError if a file's suffix is none of the allowed ones."""
    if path is not None and path.suffix not in allowed:
        raise InputError(f"{path}: must end in one of {', '.join(allowed)}")


def check_writable(*paths: Path | None) -> None:
    """Raise an InputError if a file could not be written, before any work is done."""
    for path in paths:
        if path is None:
            continue
        folder = path.absolute().parent
        if not folder.is_dir():
            raise InputError(f"{path}: cannot be written: there is no folder {path.parent}")
        if path.is_dir() or not os.access(folder, os.W_OK):
            reason = "it is a folder" if path.is_dir() else f"no permission for {path.parent}"
            raise InputError(f"{path}: cannot be written: {reason}")


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot be made: {error.strerror}") from None


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary file beside `path` that takes its place once it is written whole."""
    try:
        handle, name = tempfile.mkstemp(prefix=".", suffix=path.suffix, dir=path.absolute().parent)
        os.close(handle)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from None
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from None
    finally:
        temporary.unlink(missing_ok=True)


def write_json(path: Path | None, content: Any) -> None:
    """Write JSON, unless there is no path."""
    if path is not None:
        with replacing(path) as temporary:
            temporary.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
