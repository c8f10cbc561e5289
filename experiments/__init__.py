"""Published tables and figures, and the project's own measurements; one file each."""
