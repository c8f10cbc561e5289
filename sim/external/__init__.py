"""Models of chips outside the FPGA, for tests and simulations."""
