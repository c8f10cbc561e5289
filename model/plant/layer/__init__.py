"""Layers: a file each."""
