"""The optimizer and an external plant: somebody else's chip."""
