"""The bus between the link and the registers."""

from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spec.link import ADDRESS_BITS

BUS = wiring.Signature(
    {
        "address": Out(ADDRESS_BITS),
        "write_data": Out(32),
        "read": Out(1),
        "write": Out(1),
        "read_data": In(32),
        "done": In(1),
        "refused": In(1),
    }
)
"""Accesses to words of 32 bits, from the link's side.

`read` or `write` is 1, with `address` and `write_data` unchanged, up to the clock in which `done`
is: the first one, or any later. `refused` and `read_data` count in that clock. A register is
written in that clock, unless it is refused. If `done` does not come, the link gives up after more
than 3 and at most 4 times 512 bits on the line, or later if it was told so (`Link`); what was asked
for then must not happen any more.
Both are 0 for at least 16 clocks between two accesses.
"""
