"""What all tests of the gateware share."""

from amaranth.hdl import Elaboratable

# A component that is refused, or only asked for its shape or latency, is never elaborated.
Elaboratable._MustUse__silence = True  # type: ignore[attr-defined]
