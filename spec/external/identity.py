"""What tells configs for external plants apart."""

from __future__ import annotations

import hashlib
import json

from spec.external.config import ExternalConfig


def config_digest(config: ExternalConfig) -> str:
    """Return a SHA-256, in hexadecimal digits, of every key of a config."""
    text = json.dumps([config.to_dict(), config.parameters, config.samples], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
