"""The host's side of the link; docs/link.md describes it."""

from host.link.channel import Channel
from host.link.errors import LinkError, Reason
from host.link.port import Port, Stream
from host.link.registers import Registers, Write

__all__ = ["Channel", "LinkError", "Port", "Reason", "Registers", "Stream", "Write"]
