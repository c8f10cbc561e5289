"""One virtual board for all tests of a session, and what goes wrong on the way to it."""

from __future__ import annotations

import json
import pickle
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from boards import virtual as boards_virtual
from host import files, ports, screen, virtual
from host.cli import main
from host.link import Channel, Write
from sim.board import Fault, VirtualBoard
from sim.simulators import Simulator
from spec.config import Config
from spec.map import MAP
from tests.conftest import EXAMPLES, need

XOR = Config.load(EXAMPLES / "xor.toml")

MakeBoard = Callable[..., VirtualBoard]


def run(*words: str) -> int:
    """Exit status of a command; argparse leaves by SystemExit."""
    try:
        return main(words)
    except SystemExit as ended:
        return int(ended.code or 0)


def read_json(path: Path) -> dict:
    """What a command wrote."""
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="session", autouse=True)
def _no_line_of_progress() -> Iterator[None]:
    """On a busy machine there would be some where a test wants none; those that want one ask."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(screen, "FIRST_S", threading.TIMEOUT_MAX)
        yield


@pytest.fixture(scope="session", autouse=True)
def _elaborated_once() -> Iterator[None]:
    """Keep the Verilog of virtual boards: dozens of tests switch on the same few."""
    kept: dict[bytes, str] = {}

    def to_verilog(config: Config) -> str:
        key = pickle.dumps(config)
        if key not in kept:
            kept[key] = boards_virtual.to_verilog(config)
        return kept[key]

    known = SimpleNamespace(VIRTUAL=boards_virtual.VIRTUAL, to_verilog=to_verilog)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(virtual, "virtual", known)
        yield


@pytest.fixture(scope="session")
def make_board() -> MakeBoard:
    """Switch on a virtual board with XOR, whose builds are kept with those of other tests."""
    need(Simulator.VERILATOR)

    def make(*faults: Fault, config: Config = XOR) -> VirtualBoard:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(files, "BUILD", EXAMPLES.parent / "build")
            return virtual.board(config, faults)

    return make


@pytest.fixture(scope="session")
def port(make_board: MakeBoard) -> Iterator[str]:
    """Port of a virtual board with XOR."""
    with make_board() as board:
        yield board.port


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def spoil(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Flip bits of a word of the register map, as it is read, or as it is written."""

    def plant(name: str, bits: int, word: int = 0, *, written: bool = False) -> None:
        place = MAP[name].address + word

        class Spoiled(Channel):
            def read(self, address: int, count: int = 1, *, same: bool = False) -> list[int]:
                return seen(super().read(address, count, same=same), address)

            def write_all(self, writes: Sequence[Write]) -> None:
                super().write_all(meant(writes))

            def write_then_read(
                self, writes: Sequence[Write], address: int, count: int = 1
            ) -> list[int]:
                return seen(super().write_then_read(meant(writes), address, count), address)

        def seen(found: list[int], address: int) -> list[int]:
            if not written and address <= place < address + len(found):
                found[place - address] ^= bits
            return found

        def meant(writes: Sequence[Write]) -> Sequence[Write]:
            return [spoiled(write) for write in writes] if written else writes

        def spoiled(write: Write) -> Write:
            hit = [
                (write.address if write.same else write.address + k) == place
                for k in range(len(write.words))
            ]
            words = [w ^ bits if it else w for w, it in zip(write.words, hit, strict=True)]
            return replace(write, words=words)

        monkeypatch.setattr(ports, "Channel", Spoiled)

    return plant
