"""Example plants: physics, determinism, and what their tasks ask."""
