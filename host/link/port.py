"""Streams of bytes to and from a device."""

from __future__ import annotations

import errno
from typing import Protocol

import serial

from host.link.errors import LinkError, Reason
from spec.errors import InputError

TIMEOUT = 0.5
"""Seconds of silence after which an answer is lost: much more than the line and a USB adapter take
for all that may be under way."""


class Stream(Protocol):
    """A way to a device, such as a serial port."""

    def send(self, data: bytes) -> None:
        """Send all of it.

        Raises
        ------
        LinkError
            If it is gone.
        """
        ...

    def receive(self) -> bytes:
        """Return what came, as soon as anything did; nothing after a time-out.

        Raises
        ------
        LinkError
            If it is gone.
        """
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class Port:
    """A serial port, 8N1, for this process alone.

    Parameters
    ----------
    name : str
        Such as /dev/ttyUSB0 or COM3; a pseudo-terminal, too.
    baud : int
    timeout : float
        Seconds that `receive` waits.

    Raises
    ------
    InputError
        If it is not there, busy, or may not be opened, or does not have this rate.
    """

    def __init__(self, name: str, baud: int, timeout: float = TIMEOUT) -> None:
        self.name = name
        try:
            self._serial = serial.Serial(
                name, baud, timeout=timeout, write_timeout=10 * timeout, exclusive=True
            )
        except (serial.SerialException, OSError, ValueError) as error:
            raise InputError(f"port {name!r}: {_why(error, baud)}") from None

    def send(self, data: bytes) -> None:
        """Send all of it; see `Stream`."""
        try:
            self._serial.write(data)
        except serial.SerialTimeoutException:
            raise LinkError(Reason.GONE, f"port {self.name}: it takes no bytes any more") from None
        except (serial.SerialException, OSError) as error:
            raise self._gone(error) from None

    def receive(self) -> bytes:
        """Return what came; see `Stream`."""
        try:
            data = self._serial.read(1)
            return data + self._serial.read(self._serial.in_waiting) if data else b""
        except (serial.SerialException, OSError, TypeError) as error:
            # A TypeError is what pyserial makes of a port that is closed meanwhile.
            raise self._gone(error) from None

    def close(self) -> None:
        """Let go of the port."""
        self._serial.close()

    def _gone(self, error: Exception) -> LinkError:
        return LinkError(Reason.GONE, f"port {self.name} is gone; was it unplugged? ({error})")


def _why(error: Exception, baud: int) -> str:
    number = getattr(error, "errno", None)
    if number in (errno.ENOENT, errno.ENODEV, errno.ENXIO):
        return "there is no such port; is the board plugged in?"
    if number in (errno.EACCES, errno.EPERM):
        return "no right to open it; on Debian: sudo adduser $USER dialout, then log in again"
    if number in (errno.EBUSY, errno.EAGAIN) or "exclusively lock" in str(error):
        return "it is busy: another program has it open"
    if isinstance(error, ValueError):
        return f"does not have a rate of {baud:,} baud: {error}"
    return f"cannot be opened: {error}"
