"""A lockstep of Verilog that is there needs the trainer's ports only."""

from __future__ import annotations

from amaranth.hdl import Elaboratable

Elaboratable._MustUse__silence = True  # type: ignore[attr-defined]
