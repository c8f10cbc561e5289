"""Clocks that parts of a folded engine take, in whatever network."""

START_LATENCY = 1
"""Clocks from a strobe to what it starts: it comes from afar."""

ADDRESS_LATENCY = 1
"""Clocks from a visit to its address at a memory: a register drives all of them."""

MEMORY_LATENCY = 2
"""Clocks from an address to what is there: block RAM, and a register behind it."""

SAMPLE_LATENCY = MEMORY_LATENCY + 1
"""Clocks from asking for an input of the sample to it: it is one of several in a word."""

UPDATE_LATENCY = 2
"""Clocks from a word to its θ after an update: the amount with its sign, then the sum."""

PORT_LATENCY = 1
"""Clocks that a word waits to be written, where its memory has one port: words are read in every
other clock, and this one comes in between."""

SUM_LATENCY = 1
"""Clocks from a product to the sum that has it."""

DRAIN_LATENCY = 3
"""Clocks from a sum that is complete to z: moved to a register; what perturbs it, chosen; added."""

POOL_LATENCY = 2
"""Clocks from an activation to what is put out, the largest of those that pooling makes one of:
compared, then chosen."""

WRITE_LATENCY = 1
"""Clocks from an input of a layer to its memory: a sample's, or what was put out before."""

SHORTEST_GROUP = SAMPLE_LATENCY + WRITE_LATENCY + 1
"""Clocks that a place takes at least, unless it is its layer's last: an input that the first group
has put into memory can be read by then."""

WRITING = MEMORY_LATENCY + UPDATE_LATENCY + PORT_LATENCY - 1
"""Clocks that memory of one port takes, after the last visit that writes, to write its words."""
