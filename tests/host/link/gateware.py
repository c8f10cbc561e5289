"""The gateware in Verilator behind a stream, in simulated time."""

from __future__ import annotations

import contextlib
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

from host.link import LinkError, Reason
from tests.hdl.link.bench import Event, Run

STEP, TIMEOUT = 64, 8192
"""Bits between two looks, and until a look is given up."""


class GatewareStream:
    """The link, and registers of every kind.

    Parameters
    ----------
    program : Path
        As `tests.hdl.link.bench.compiled` returned it.
    spoil_request, spoil_answer : callable
        What becomes of bytes on their way to the device, and back.
    """

    def __init__(
        self,
        program: Path,
        spoil_request: Callable[[bytes], bytes] = bytes,
        spoil_answer: Callable[[bytes], bytes] = bytes,
    ) -> None:
        self.run = Run()
        self.spoil_request, self.spoil_answer = spoil_request, spoil_answer
        self._process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    @property
    def clock(self) -> int:
        """The time of the last look."""
        return self.run.marks[-1] if self.run.marks else 0

    def event(self, event: Event, value: int) -> None:
        """Let something happen on the wire."""
        assert self._process.stdin
        try:
            self._process.stdin.write(struct.pack("<BH", event, value))
        except OSError:
            raise LinkError(Reason.GONE, "the simulation is gone") from None

    def send(self, data: bytes) -> None:
        for byte in self.spoil_request(data):
            self.event(Event.BYTE, byte)

    def receive(self) -> bytes:
        assert self._process.stdin
        assert self._process.stdout
        for _ in range(TIMEOUT // STEP):
            before = len(self.run.sent)
            self.event(Event.MARK, 0)
            self._process.stdin.flush()
            while (line := self._process.stdout.readline().decode()) and not line.startswith("M"):
                self.run.take(line)
            if not line:
                raise LinkError(Reason.GONE, "the simulation ended")
            self.run.take(line)
            came = self.spoil_answer(bytes(self.run.sent[before:]))
            if came:
                return came
            self.event(Event.IDLE, STEP)
        return b""

    def close(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()
        with contextlib.suppress(OSError):
            self._process.stdin.close()
