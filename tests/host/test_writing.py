"""Files are written whole or not at all, and nothing that is not meant is touched."""

from __future__ import annotations

import os
import resource
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from host import files, writing
from host.writing import WriteError
from spec.errors import InputError


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process can become larger than a few bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@pytest.mark.parametrize(
    ("mask", "before", "after"),
    [(0o022, None, 0o644), (0o077, None, 0o600), (0o022, 0o600, 0o600), (0o077, 0o664, 0o664)],
)
def test_a_file_keeps_its_permissions(
    mask: int, before: int | None, after: int, folder: Path
) -> None:
    path = folder / "out.json"
    if before is not None:
        path.write_text("old")
        path.chmod(before)
    with umask(mask):
        writing.write_json(path, {"θ": 1})
    assert path.read_text(encoding="utf-8") == '{\n  "θ": 1\n}\n'
    assert stat.S_IMODE(path.stat().st_mode) == after
    assert list(folder.iterdir()) == [path]


@pytest.mark.parametrize("exists", [True, False])
def test_a_link_stays_a_link(exists: bool, folder: Path) -> None:
    (folder / "far").mkdir()
    target, link = folder / "far" / "target", folder / "link"
    link.symlink_to("far/target")
    if exists:
        target.write_text("old")
    writing.write_text(link, "new")
    assert link.is_symlink()
    assert target.read_text() == link.read_text() == "new"


def test_a_pipe_is_written_to(folder: Path) -> None:
    pipe, heard = folder / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: heard.append(pipe.read_text()))
    reader.start()
    files.check_outputs([pipe, pipe])  # two may share it
    writing.write_text(pipe, "news")
    reader.join(10)
    assert heard == ["news"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_device_is_written_to() -> None:
    writing.write_text(Path("/dev/null"), "nothing")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)  # noqa: PTH116
    with pytest.raises(WriteError, match=r"^/dev/full: cannot be .*: No space left on device$"):
        writing.write_text(Path("/dev/full"), "nothing")


@pytest.mark.parametrize("name", ["/dev/stdout", "log"])
def test_standard_output_is_written_behind_what_it_has(name: str, folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from host import writing; print('before');"
        "writing.write_text(Path(sys.argv[1]), 'in it\\n'); print('after')"
    )
    with (folder / "log").open("w") as log:
        subprocess.run([sys.executable, "-c", code, name], stdout=log, check=True)
    assert (folder / "log").read_text().split("\n") == ["before", "in it", "after", ""]


@pytest.mark.parametrize("exists", [True, False])
def test_a_full_disk_leaves_all_as_it_was(exists: bool, folder: Path) -> None:
    one, other = folder / "one", folder / "other"
    if exists:
        one.write_text("old")
    with full_disk(), pytest.raises(WriteError, match=f"^{other}: cannot be written: File too"):
        writing.write({one: b"short", other: b"much longer"})
    assert [path.read_text() for path in folder.iterdir()] == ["old"] * exists


def test_what_can_be_written_is(folder: Path) -> None:
    paths = [folder / name for name in "abc"]
    with full_disk(), pytest.raises(WriteError) as caught:
        writing.attempt(
            lambda: writing.write_text(paths[0], "much longer"),
            lambda: writing.write_text(paths[1], "short"),
            lambda: writing.write_text(paths[2], "much longer"),
        )
    assert [path.name for path in folder.iterdir()] == ["b"]
    assert str(caught.value).count("File too large") == 2
    assert len(str(caught.value).splitlines()) == 1


def folder_there(path: Path) -> None:
    path.mkdir()


def read_only(path: Path) -> None:
    path.write_text("mine")
    path.chmod(0o444)


def circle(path: Path) -> None:
    path.symlink_to(path.name)


def nowhere(path: Path) -> None:
    path.symlink_to("no/folder/target")


@pytest.mark.parametrize(
    ("make", "name", "reason"),
    [
        (folder_there, "out", "cannot be written: it is a folder"),
        (read_only, "out", "cannot be written: it is read-only"),
        (circle, "out", "Too many levels of symbolic links"),
        (nowhere, "out", "cannot be written: there is no folder"),
        (None, "no/out", "cannot be written: there is no folder no"),
        (None, "x" * 256, "File name too long"),
        (None, "a\0b", "no name of a file"),
        (read_only, "out/below", "cannot be written: there is no folder out"),
    ],
)
def test_what_cannot_be_written_is_said_before(
    make: Callable[[Path], None] | None, name: str, reason: str, folder: Path
) -> None:
    if make:
        make(folder / "out")
    with pytest.raises(InputError) as caught:
        files.check_outputs([Path(name)])
    assert str(caught.value).startswith(f"{Path(name)}: {reason}")


@pytest.mark.parametrize("name", ["in.toml", "./in.toml", "sub/../in.toml", "link", "hard"])
@pytest.mark.parametrize("role", ["input", "output"])
def test_one_file_by_two_names(name: str, role: str, folder: Path) -> None:
    path = folder / "in.toml"
    path.write_text("mine")
    (folder / "sub").mkdir()
    (folder / "link").symlink_to(path)
    (folder / "hard").hardlink_to(path)
    outputs, inputs = ([Path(name)], [path]) if role == "input" else ([path, Path(name)], [])
    with pytest.raises(InputError, match="reads it" if inputs else "another output"):
        files.check_outputs(outputs, inputs)
    assert path.read_text() == "mine"


def test_two_names_of_a_file_that_is_not_there_yet(folder: Path) -> None:
    (folder / "same").symlink_to(folder)
    with pytest.raises(InputError, match="another output"):
        files.check_outputs([Path("new"), Path("same/new")])
    files.check_outputs([Path("new"), Path("other")])
