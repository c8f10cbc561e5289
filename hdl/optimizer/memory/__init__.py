"""Cells as words of memory: one after the other makes its weight, and accumulates and updates."""
