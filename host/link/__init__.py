"""The host's side of the link; docs/link.md describes it."""

from host.link.channel import Channel, Write
from host.link.errors import LinkError, Reason
from host.link.port import Port, Stream

__all__ = ["Channel", "LinkError", "Port", "Reason", "Stream", "Write"]
