"""Requests as bytes, and answers from bytes."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from spec.link import ANSWER_BYTES, CRC_BYTES, Operation, Status, answer_bytes, request_bytes

DELIMITER = b"\0"


@dataclass(frozen=True)
class Request:
    """A request without its number.

    Parameters
    ----------
    operation : Operation
    address : int
        Of the first word.
    count : int
        Of words to read or to write, at most `spec.link.MAX_WORDS`.
    words : sequence of int
        Those to write.
    """

    operation: Operation
    address: int = 0
    count: int = 0
    words: Sequence[int] = ()

    def encode(self, number: int) -> bytes:
        """Return the bytes for the line."""
        body = struct.pack(
            f"<BBHB{len(self.words)}I",
            number, self.operation, self.address, self.count, *self.words,
        )  # fmt: skip
        return _stuff(body + struct.pack("<I", zlib.crc32(body))) + DELIMITER

    @property
    def size(self) -> int:
        """Bytes on the line."""
        return request_bytes(len(self.words))

    @property
    def answer_size(self) -> int:
        """Bytes on the line of the longest answer."""
        return answer_bytes(self.count if self.operation.reads else 0)

    def place(self, k: int) -> int:
        """Return the address of word `k`."""
        return self.address + k * self.operation.step


@dataclass(frozen=True)
class Answer:
    """What a device said.

    Parameters
    ----------
    number : int
    operation : Operation
    words : tuple of int
    remaining : int
        Words that were not read or written; or a number, as `spec.link.Status` says.
    status : Status
    """

    number: int
    operation: Operation
    words: tuple[int, ...]
    remaining: int
    status: Status

    @classmethod
    def decode(cls, frame: bytes) -> Answer | None:
        """Return the answer in a frame without its delimiter; None if it is none, or damaged."""
        payload = _unstuff(frame[::-1])[::-1]  # answers are encoded backwards
        body, crc = payload[:-CRC_BYTES], payload[-CRC_BYTES:]
        if len(body) < ANSWER_BYTES or len(body) % 4 or struct.pack("<I", zlib.crc32(body)) != crc:
            return None
        number, operation, *words, remaining, status = struct.unpack(
            f"<BB{len(body) // 4 - 1}IBB", body
        )
        try:
            return cls(number, Operation(operation), tuple(words), remaining, Status(status))
        except ValueError:
            return None


class Frames:
    """Cuts a stream of bytes into frames, whatever it begins with."""

    LONGEST = 1 << 10
    """A frame without an end is forgotten after so many bytes."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Return the frames that these bytes complete, without delimiters; no empty ones."""
        *frames, rest = (self._rest + data).split(DELIMITER)
        self._rest = rest[-self.LONGEST :]
        return filter(None, frames)


def _stuff(payload: bytes) -> bytes:
    """COBS, for less than 254 bytes."""
    return b"".join(bytes([len(run) + 1]) + run for run in payload.split(b"\0"))


def _unstuff(frame: bytes) -> bytes:
    """Undo it; nothing if it is no such frame."""
    runs, k = [], 0
    while k < len(frame):
        runs.append(frame[k + 1 : k + frame[k]])
        k += frame[k]
    return b"\0".join(runs) if k == len(frame) else b""
