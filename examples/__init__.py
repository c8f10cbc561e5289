"""Configs to start from, and their data."""
