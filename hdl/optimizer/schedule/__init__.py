"""Schedules: which strobes and evaluations, in which clock."""
