"""What can go wrong on the way to a device."""

from __future__ import annotations

import enum


class Reason(enum.Enum):
    """Why the link gave up."""

    SILENT = "silent"  # nothing answers
    FOREIGN = "foreign"  # something answers, but not in this protocol
    NOISY = "noisy"  # the device answers, but not to this, or not undamaged
    GONE = "gone"  # the port is no longer there
    RESTARTED = "restarted"  # the device has forgotten this host
    REFUSED = "refused"  # there is no such register, or not for this, or not now
    STUCK = "stuck"  # the register does not answer


class LinkError(RuntimeError):
    """The link gave up; the message is one line.

    Parameters
    ----------
    reason : Reason
    message : str
    address : int, optional
        Of the word that was refused or stuck; those before it were read or written.
    """

    def __init__(self, reason: Reason, message: str, address: int | None = None) -> None:
        super().__init__(" ".join(message.splitlines()))
        self.reason = reason
        self.address = address
