"""`mgd tune`: a search over keys of a config, on the golden model."""
