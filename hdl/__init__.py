"""The gateware: Amaranth components of multiplexed gradient descent, one concept a file."""
