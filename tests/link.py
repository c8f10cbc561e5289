"""What tests of the link share: registers of every kind, and requests as raw bytes."""

from __future__ import annotations

import zlib

from model.link import AccessError
from spec.link import Operation, Status

RAM = range(0x400)
READ_ONLY = range(0x400, 0x500)
SILENT = range(0x500, 0x600)
SINK = 0x600


class Memory:
    """Registers that log what is done to them; `tests/hdl/link/bench.py` has the same in C++."""

    def __init__(self) -> None:
        self.words: dict[int, int] = {}
        self.log: list[tuple[str, int, int]] = []
        self.refused: list[int] = []

    def read(self, address: int) -> int:
        if address in SILENT:
            raise AccessError(Status.TIMEOUT)
        if address in READ_ONLY:
            return address * 0x10001
        if address in RAM or address == SINK:
            return self.words.get(address, 0)
        self.refused.append(address)
        raise AccessError(Status.REFUSED)

    def write(self, address: int, value: int) -> None:
        if address in SILENT:
            raise AccessError(Status.TIMEOUT)
        if address not in RAM and address != SINK:
            self.refused.append(address)
            raise AccessError(Status.REFUSED)
        self.log.append(("W", address, value))
        self.words[address] = value


def cobs(payload: bytes) -> bytes:
    """Encode less than 254 bytes, without a delimiter."""
    encoded, code = bytearray(1), 0
    for byte in payload:
        encoded.append(byte)
        if byte == 0:
            encoded[code] = len(encoded) - 1 - code
            code = len(encoded) - 1
    encoded[code] = len(encoded) - code
    return bytes(encoded)


def frame(payload: bytes, tail: bytes = b"") -> bytes:
    """Add CRC, COBS and delimiter; and between CRC and COBS what does not belong there."""
    return cobs(payload + zlib.crc32(payload).to_bytes(4, "little") + tail) + b"\0"


def request(
    number: int,
    operation: int,
    address: int = 0,
    words: list[int] | int = 0,
    *,
    count: int = -1,
    tail: bytes = b"",
) -> bytes:
    """Return the bytes of a request: of words to write, or of a count of them to read."""
    data = b""
    if isinstance(words, list):
        data = b"".join(word.to_bytes(4, "little") for word in words)
        words = len(words)
    count = words if count < 0 else count
    return frame(bytes([number, operation, address & 255, address >> 8, count]) + data, tail)


SYNC, READ, WRITE = Operation.SYNC, Operation.READ, Operation.WRITE
READ_SAME, WRITE_SAME = Operation.READ_SAME, Operation.WRITE_SAME
