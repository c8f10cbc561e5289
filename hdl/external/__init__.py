"""Gateware for chips outside: weights to DACs, the cost from an ADC, over SPI."""
