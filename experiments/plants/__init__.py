"""External plants: how training of their models goes, and the optimizer for them on boards."""
