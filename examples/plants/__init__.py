"""Plants to train from outside: chips that are not ours, as NumPy models."""
