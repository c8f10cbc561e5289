"""Devices of the golden model behind streams, good and bad ones."""

from __future__ import annotations

import random
from collections.abc import Callable

from model.link import Device
from tests.link import Memory


class ModelStream:
    """A device that answers at once.

    Parameters
    ----------
    spoil_request, spoil_answer : callable
        What becomes of bytes on their way to the device, and back.
    """

    def __init__(
        self,
        spoil_request: Callable[[bytes], bytes] = bytes,
        spoil_answer: Callable[[bytes], bytes] = bytes,
    ) -> None:
        self.memory = Memory()
        self.device = Device(self.memory)
        self.spoil_request, self.spoil_answer = spoil_request, spoil_answer
        self.sent: list[bytes] = []
        self.closed = False
        self._answers = b""

    def send(self, data: bytes) -> None:
        self.sent.append(data)
        self._answers += self.spoil_answer(self.device.receive(self.spoil_request(data)))

    def receive(self) -> bytes:
        if not self._answers:
            self._answers += self.spoil_answer(self.device.cut())
        data, self._answers = self._answers[:100], self._answers[100:]
        return data

    def close(self) -> None:
        self.closed = True


def spoiler(rng: random.Random, rate: float) -> Callable[[bytes], bytes]:
    """Lose, double, swap and flip bytes, each at this rate."""

    def spoil(data: bytes) -> bytes:
        out = bytearray()
        for byte in data:
            dice = rng.random() / rate
            if dice < 1:
                continue
            if dice < 2:
                out += bytes([byte, byte])
            elif dice < 3:
                out.append(byte ^ 1 << rng.randrange(8))
            elif dice < 4 and out:
                out[-1:] = bytes([byte, out[-1]])
            elif dice < 5:
                out += rng.randbytes(rng.randrange(20))
            else:
                out.append(byte)
        return bytes(out)

    return spoil


class Deaf:
    """Says the same twice, whatever is sent."""

    def __init__(self, says: bytes = b"") -> None:
        self.says, self.left = says, 0

    def send(self, data: bytes) -> None:
        self.left = 3

    def receive(self) -> bytes:
        self.left -= 1
        return self.says if self.left > 0 else b""

    def close(self) -> None:
        pass
