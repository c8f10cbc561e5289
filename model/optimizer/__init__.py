"""The optimizer, which knows no network."""
