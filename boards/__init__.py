"""Boards: which there are, what a trainer needs of them, and how it gets there."""
