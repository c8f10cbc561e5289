"""Chips between the optimizer and a plant that is not ours: converters on SPI."""
