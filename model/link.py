"""The link's golden model: what a device does and answers, byte for byte, without time."""

from __future__ import annotations

import zlib
from typing import Protocol

from spec.link import (
    CRC_BYTES,
    HEADER_BYTES,
    MAX_WORDS,
    VERSION,
    Operation,
    Status,
)


class AccessError(Exception):
    """An access that is not done: `status` says why, `Status.REFUSED` or `Status.TIMEOUT`."""

    def __init__(self, status: Status) -> None:
        super().__init__(status.name)
        self.status = status


class Registers(Protocol):
    """What is behind the link; raises an AccessError for an access that is not done."""

    def read(self, address: int) -> int:
        """Return a word. Changes nothing."""
        ...

    def write(self, address: int, value: int) -> None:
        """Set a word."""
        ...


class Device:
    """A device: bytes in, bytes out.

    Parameters
    ----------
    registers : Registers
    """

    def __init__(self, registers: Registers) -> None:
        self.registers = registers
        self._frame = bytearray()
        self._last = 0
        self._last_status: Status | None = None  # before the first sync
        self._last_remaining = 0

    def receive(self, data: bytes) -> bytes:
        """Take bytes; return all answers to what they complete."""
        answers = b""
        for byte in data:
            if byte:
                self._frame.append(byte)
            else:
                answers += self.cut()
        return answers

    def cut(self) -> bytes:
        """End a frame, as a pause and a byte without a stop bit do; return the answer to it."""
        payload = _decode(bytes(self._frame))
        self._frame.clear()
        if not _sound(payload):
            return b""
        number, code = payload[0], payload[1]
        words, remaining, status = self._execute(number, Operation(code), payload)
        if status >= Status.OUT_OF_ORDER:
            remaining = self._last
        answer = bytes([number, code, *words, remaining, status])
        return _encode(answer + zlib.crc32(answer).to_bytes(CRC_BYTES, "little"))

    def _execute(
        self, number: int, operation: Operation, payload: bytes
    ) -> tuple[bytes, int, Status]:
        """Return words to answer with, how many remain, and the status."""
        count, data = payload[4], payload[HEADER_BYTES:]
        address = int.from_bytes(payload[2:4], "little")
        places = [(address + operation.step * k) % 2**16 for k in range(count)]
        if operation is Operation.SYNC:
            self._last, self._last_status, self._last_remaining = number, Status.OK, 0
            return b"", VERSION, Status.OK
        if operation.reads:
            words = b""
            for k, place in enumerate(places):
                try:
                    words += self.registers.read(place).to_bytes(4, "little")
                except AccessError as error:
                    return words, count - k, error.status
            return words, 0, Status.OK
        if self._last_status is not None and number == self._last:
            return b"", self._last_remaining, self._last_status
        if self._last_status is not Status.OK:
            return b"", 0, Status.HALTED
        if number != (self._last + 1) % 256:
            return b"", 0, Status.OUT_OF_ORDER
        self._last, self._last_remaining = number, count
        for k, place in enumerate(places):
            try:
                self.registers.write(place, int.from_bytes(data[4 * k : 4 * k + 4], "little"))
            except AccessError as error:
                self._last_status = error.status
                return b"", self._last_remaining, error.status
            self._last_remaining -= 1
        return b"", 0, Status.OK


def _sound(payload: bytes) -> bool:
    """Whether operation, length and CRC are those of a request."""
    if len(payload) < HEADER_BYTES + CRC_BYTES or payload[1] not in set(Operation):
        return False
    count, body, crc = payload[4], payload[:-CRC_BYTES], payload[-CRC_BYTES:]
    if count > MAX_WORDS or len(body) != HEADER_BYTES + 4 * count * Operation(payload[1]).writes:
        return False
    return zlib.crc32(body) == int.from_bytes(crc, "little")


def _decode(frame: bytes) -> bytes:
    """Undo COBS; nothing if the frame ends inside of a run."""
    payload, left = bytearray(), 0
    for k, byte in enumerate(frame):
        if left == 0:
            payload += b"\0" * (k > 0)
            left = byte
        else:
            payload.append(byte)
        left -= 1
    return bytes(payload) if left == 0 else b""


def _encode(payload: bytes) -> bytes:
    """COBS backwards, with the delimiter; for less than 254 bytes."""
    return b"".join(run + bytes([len(run) + 1]) for run in payload.split(b"\0")) + b"\0"
