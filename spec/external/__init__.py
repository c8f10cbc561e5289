"""An external plant: somebody else's chip, which the optimizer trains and knows nothing of."""
