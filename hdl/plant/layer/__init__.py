"""Layers: a kind in each file."""
