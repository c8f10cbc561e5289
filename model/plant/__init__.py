"""The plant, which knows no optimizer."""
