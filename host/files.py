"""Files the user names: how they are found, and whether they can be what they are named for."""

from __future__ import annotations

import os
import stat
from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from model.eta import chosen
from spec.config import Config, read_toml
from spec.errors import InputError
from spec.external.config import AnyConfig, ExternalConfig

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"

BUILD = Path("build")
"""Where compiled simulations and bitstreams go, below the current folder."""

READ = ("start", "weights", "data")
"""Options that name a file to read."""


def config_path(name: str) -> Path:
    """Find a TOML file, or the example of that name.

    Raises
    ------
    InputError
        If it is neither, or cannot be looked at.
    """
    path = Path(name)
    example = next((f for f in _examples() if f.stem == name), EXAMPLES / f"{name}.toml")
    found = look(path)
    is_example = path.name == name and look(example) is not None
    if is_example and (found is None or stat.S_ISDIR(found.st_mode)):
        return example
    if found is None and path.suffix != ".toml":
        names = ", ".join(sorted(example.stem for example in _examples()))
        raise InputError(f"{name}: neither a config file nor an example; examples are {names}")
    return path


def _examples() -> list[Path]:
    """List all examples."""
    return [*EXAMPLES.glob("*.toml"), *EXAMPLES.glob("plants/*.toml")]


def has_plant(name: str) -> bool:
    """Whether a config is of an external plant; none from a pipe, which is read only once."""
    path = config_path(name)
    found = look(path)
    regular = found is None or stat.S_ISREG(found.st_mode)
    return regular and "plant" in read_toml(path)


def refuse_plant(name: str) -> None:
    """Raise an InputError for a config of an external plant."""
    if has_plant(name):
        raise InputError(f"{name}: is of an external plant; this needs a network of ours")


def load_plant(options: Namespace, **training: Any) -> ExternalConfig:
    """Load the TOML file of an external plant that a command names, or the example of that name.

    Other keys of [training] may be given; samples may not.
    """
    if getattr(options, "data", None) is not None:
        raise InputError(f"--data: needs a network of ours; {options.config} has a plant")
    config = ExternalConfig.load(config_path(options.config))
    given = {key: value for key, value in training.items() if value is not None}
    return config.with_training(**given) if given else config


def load_any(options: Namespace, **training: Any) -> AnyConfig:
    """Load the config of a command that takes those of networks and those of external plants."""
    if has_plant(options.config):
        return load_plant(options, **training)
    return load_config(options.config, options.data, **training)


def load_config(name: str, data: Path | None = None, **training: Any) -> Config:
    """Load a TOML file, or the example of that name, with other keys of [training].

    Samples are read from `data` in place of task.path, if it is given. η is a number then: "auto"
    is chosen here.
    """
    refuse_plant(name)
    config = Config.load(config_path(name), data)
    given = {key: value for key, value in training.items() if value is not None}
    return chosen(config.with_training(**given) if given else config)


def read_by(options: Namespace, config: AnyConfig | None = None) -> list[Path]:
    """List the files that a command reads, so that it does not write over them."""
    given = [getattr(options, name, None) for name in READ]
    paths = [path for path in given if path is not None]
    if config is not None:
        path = config_path(options.config)
        paths.append(path)
        named = [config.task.path, config.task.test_path] if config.task else []
        if isinstance(config, ExternalConfig):
            named.append(config.plant.model.rpartition(":")[0])
        paths += [path.parent / name for name in named if name]
    return paths


def look(path: Path) -> os.stat_result | None:
    """Return what a path leads to, or None if nothing is there.

    Raises
    ------
    InputError
        If nothing can be there: its name is too long, its links lead in a circle, and the like.
    """
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    except ValueError as error:  # a zero byte
        raise InputError(f"{path}: no name of a file: {error}") from None


def check_readable(path: Path) -> None:
    """Raise an InputError unless a regular file is there.

    Such a file can be read from any place in it, as an archive must be.
    """
    found = look(path)
    if found is None:
        raise InputError(f"{path}: there is no such file")
    if not stat.S_ISREG(found.st_mode):
        what = "a folder" if stat.S_ISDIR(found.st_mode) else "no regular file"
        raise InputError(f"{path}: cannot be read: it is {what}")


def check_suffix(path: Path | None, allowed: Iterable[str]) -> None:
    """Raise an InputError if a file's suffix is none of the allowed ones, in small letters."""
    if path is not None and path.suffix.lower() not in allowed:
        raise InputError(f"{path}: must end in one of {', '.join(allowed)}")


def check_outputs(outputs: Iterable[Path | None], inputs: Iterable[Path] = ()) -> None:
    """Raise an InputError for a file that cannot or must not be written, before any work is done.

    A regular file may be there, and is replaced; what is no regular file, such as /dev/stdout or a
    pipe, is written to.

    Parameters
    ----------
    outputs : iterable of Path or None
        What a command will write.
    inputs : iterable of Path
        What it reads: must stay as it is.
    """
    taken = {_identity(path): "this command reads it" for path in inputs}
    for path in outputs:
        if path is None:
            continue
        reason = _obstacle(path)
        if (found := look(path)) is None or stat.S_ISREG(found.st_mode):
            reason = reason or taken.get(_identity(path))
            taken[_identity(path)] = "another output of this command goes there"
        if reason:
            raise InputError(f"{path}: cannot be written: {reason}")


def _identity(path: Path) -> object:
    """Tell two names of one file: by links, or other ways to the same folder."""
    found = look(path)
    return (found.st_dev, found.st_ino) if found else os.path.realpath(path)


def _obstacle(path: Path) -> str | None:
    """Say why a file cannot be written."""
    found = look(path)
    if found is not None and stat.S_ISDIR(found.st_mode):
        return "it is a folder"
    if found is not None and stat.S_ISBLK(found.st_mode):
        return "it is a disk"
    # Root may write everywhere; a file without permission for anybody was protected on purpose.
    if found is not None and not (os.access(path, os.W_OK) and found.st_mode & 0o222):
        return "it is read-only"
    if found is not None and not stat.S_ISREG(found.st_mode):
        return None
    folder = Path(os.path.realpath(path)).parent
    if not folder.is_dir():
        return f"there is no folder {folder if path.is_symlink() else path.parent}"
    return None if os.access(folder, os.W_OK) else f"no permission for {path.parent}"


def check_folder(folder: Path) -> None:
    """Raise an InputError if there can be no such folder, or nothing can be put in it."""
    there = folder.absolute()
    while (found := look(there)) is None:
        there = there.parent
    if not stat.S_ISDIR(found.st_mode):
        raise InputError(f"{folder}: cannot be made: {there} is no folder")
    if not os.access(there, os.W_OK):
        raise InputError(f"{folder}: cannot be written: no permission for {there}")


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot be made: {error.strerror}") from None
