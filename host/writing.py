"""The one way to write files that the user names: whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any


class WriteError(RuntimeError):
    """Files could not be written. The message is one line: each of them, and why."""


def write(contents: Mapping[Path, bytes]) -> None:
    """Write files, all of them or none.

    A regular file is written beside its place, and takes it once all of them are written; it keeps
    its permissions, and a new one gets those of the umask. A symbolic link stays, and leads to it.
    What is no regular file (a pipe, a terminal, /dev/null) is written to, as is a file that is this
    command's standard output or standard error.

    Raises
    ------
    WriteError
        If one of them cannot be written, such as on a full disk.
    """
    written: dict[Path, Path] = {}
    try:
        for path, data in contents.items():
            with _blamed_on(path):
                if not _is_stream(path):
                    written[path] = _beside(Path(os.path.realpath(path)), data)
        for path, data in contents.items():
            with _blamed_on(path):
                if path in written:
                    written[path].replace(os.path.realpath(path))
                else:
                    _pour(path, data)
    finally:
        for temporary in written.values():
            temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a file of text, in UTF-8, as `write`."""
    write({path: text.encode()})


def write_json(path: Path | None, content: Any) -> None:
    """Write JSON as `write`, unless there is no path."""
    if path is not None:
        write({path: to_json(content)})


def to_json(content: Any) -> bytes:
    """Return the bytes of a JSON file."""
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()


def attempt(*writes: Callable[[], None]) -> None:
    """Write one after the other: if one fails, the others are kept all the same.

    Raises
    ------
    WriteError
        Afterwards, with all that failed.
    """
    failed = []
    for each in writes:
        try:
            each()
        except WriteError as error:
            failed.append(str(error))
    if failed:
        raise WriteError("; ".join(failed))


@contextlib.contextmanager
def _blamed_on(path: Path) -> Iterator[None]:
    """Turn what the system says into a WriteError that names the file."""
    try:
        yield
    except OSError as error:
        raise WriteError(f"{path}: cannot be written: {error.strerror}") from None


def _is_stream(path: Path) -> bool:
    try:
        found = path.stat()
    except FileNotFoundError:
        return False
    return not stat.S_ISREG(found.st_mode) or _standard(found) is not None


def _standard(found: os.stat_result) -> int | None:
    """Return the descriptor of standard output or error, if a file is that."""
    for descriptor in (1, 2):
        with contextlib.suppress(OSError):  # it may be closed
            if os.path.samestat(found, os.fstat(descriptor)):
                return descriptor
    return None


def _pour(path: Path, data: bytes) -> None:
    """Write to a stream: to an open one behind what it has already."""
    descriptor = _standard(path.stat())
    if descriptor is None:
        with path.open("wb") as file:
            file.write(data)
        return
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    with os.fdopen(descriptor, "wb", closefd=False) as file:
        file.write(data)


def _beside(target: Path, data: bytes) -> Path:
    """Write a new file in the folder of another one, with its permissions; return its path."""
    temporary = target.parent / f".mgd-{secrets.token_hex(8)}"  # short, whatever the other's name
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            with contextlib.suppress(FileNotFoundError):
                before = target.stat()
                with contextlib.suppress(PermissionError):  # only root gives files away
                    os.fchown(handle, before.st_uid, before.st_gid)
                os.fchmod(handle, stat.S_IMODE(before.st_mode))
            file.write(data)
    except BaseException:
        temporary.unlink()
        raise
    return temporary
