"""Costs: a file each."""
