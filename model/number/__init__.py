"""Arithmetic: no MGD in it."""
