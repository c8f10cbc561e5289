"""One line for what is wrong and what is allowed."""

from __future__ import annotations

from spec.errors import InputError


def require(condition: bool, message: str) -> None:
    """Raise an InputError with the message unless the condition holds."""
    if not condition:
        raise InputError(message)
