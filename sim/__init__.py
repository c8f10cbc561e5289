"""Runs the gateware in simulators, beside the golden model."""
