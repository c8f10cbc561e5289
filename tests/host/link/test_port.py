"""Serial ports, with pseudo-terminals in their place."""

from __future__ import annotations

import os
import select
import threading
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from host.link import Channel, LinkError, Port, Reason
from model.link import Device
from tests.link import Memory

BAUD = 115_200


class Board:
    """A device of the golden model at the other end of a pseudo-terminal."""

    def __init__(self) -> None:
        self.memory = Memory()
        self._device = Device(self.memory)
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.name = os.ttyname(self._slave)
        self._pulled = False
        self.after = -1  # unplugs itself after so many more reads
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while self.after and not self._pulled:
            if select.select([self._master], [], [], 0.02)[0]:
                self.after -= 1
                os.write(self._master, self._device.receive(os.read(self._master, 4096)))
        os.close(self._slave)
        os.close(self._master)

    def unplug(self) -> None:
        """Take the board away."""
        self._pulled = True
        self._thread.join(5)
        assert not self._thread.is_alive()


@pytest.fixture
def board() -> Iterator[Board]:
    board = Board()
    yield board
    board.unplug()


def test_what_is_written_is_read(board: Board) -> None:
    words = [k * 0x01010101 for k in range(200)]
    with Channel(Port(board.name, BAUD)) as channel:
        channel.write(0, words)
        assert channel.read(0, 200) == words
    with Channel(Port(board.name, BAUD)) as channel:  # closed, and another process may have it
        assert channel.read(0, 2) == words[:2]
        channel.write(0, [7])
    assert board.memory.log[-1] == ("W", 0, 7)


def _write_often(channel: Channel) -> None:
    for _ in range(100):
        channel.write(0, [2])


def test_unplugged_in_the_middle(board: Board) -> None:
    channel = Channel(Port(board.name, BAUD))
    channel.write(0, [1])
    board.after = 2
    with pytest.raises(LinkError, match="unplugged") as caught:
        _write_often(channel)
    assert caught.value.reason is Reason.GONE
    assert board.name in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    with pytest.raises(LinkError) as caught:
        channel.read(0)
    assert caught.value.reason is Reason.GONE


def test_nobody_there(board: Board) -> None:
    master, slave = os.openpty()
    tty.setraw(slave)
    try:
        with (
            pytest.raises(LinkError) as caught,
            Channel(Port(os.ttyname(slave), BAUD, timeout=0.01)) as channel,
        ):
            channel.sync()
    finally:
        os.close(master)
        os.close(slave)
    assert caught.value.reason is Reason.SILENT


def test_a_port_that_is_not_there(refusal: Callable[..., str], tmp_path: Path) -> None:
    assert "no such port" in refusal(Port, str(tmp_path / "ttyUSB7"), BAUD)


def test_a_file_is_no_port(refusal: Callable[..., str], tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    assert str(path) in refusal(Port, str(path), BAUD)


def test_a_busy_port(board: Board, refusal: Callable[..., str]) -> None:
    port = Port(board.name, BAUD)
    assert "busy" in refusal(Port, board.name, BAUD)
    port.close()
    Port(board.name, BAUD).close()


def test_an_impossible_rate(board: Board, refusal: Callable[..., str]) -> None:
    assert "-5 baud" in refusal(Port, board.name, -5)
