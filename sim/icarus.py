"""Verilog of yosys as Icarus needs it: the same, but that every block runs, and that it is fast."""

from __future__ import annotations

import re

NEVER_CHANGES = re.compile(r"^ *reg (\\\$auto\$verilog_backend\S+)  = 0;$", re.MULTILINE)
CHANGES_AT_ONCE = r"\g<0> initial #0 \1 = 1;"
"""yosys lets every block `always @*` read such a register, so that a simulator runs it at once.

Icarus runs a block only if something changes that it reads; else all that it drives is undefined.
"""

NAME = r"\w+|\\\S+ "
MODULE = re.compile(r"^(?=module )", re.MULTILINE)
WIRE = re.compile(rf"^  wire (?:signed )?\[(\d+):0\] ({NAME});$", re.MULTILINE)
PART = re.compile(
    rf"^  assign (?P<name>{NAME})\[(?P<high>\d+)(?::(?P<low>\d+))?\] = "
    rf"(?P<value>(?:{NAME})(?:\[\d+(?::\d+)?\])?|\d+'\w+);\n",
    re.MULTILINE,
)
"""What drives a part of a wire, if that is no more than another wire, part of one, or number."""

BLOCK = re.compile(r"^  always @\* begin\n.*?^  end\n", re.MULTILINE | re.DOTALL)
READ = re.compile(rf"(?P<name>{NAME})\[(?P<high>\d+)(?::(?P<low>\d+))?\]")
"""In a block: a part of a wire, which it can only read, or of a register."""

WIDE = 64
"""Bits of a wire from which on it matters how much of it is compared."""

FLIP_FLOP = re.compile(r"^  always @\(posedge clk\)\n(    (?!if ).* <= .*;\n)", re.MULTILINE)
"""A register of `sync`, in a block of its own."""


def suited(source: str) -> str:
    """Return Verilog that means the same, and that Icarus runs as other simulators do."""
    source = NEVER_CHANGES.sub(CHANGES_AT_ONCE, source)
    return "".join(_in_one(_by_part(_at_once(module))) for module in MODULE.split(source))


def _in_one(module: str) -> str:
    """Let one block drive all registers: of many, each waits for the clock by itself."""
    registers = "".join(FLIP_FLOP.findall(module))
    block = f"  always @(posedge clk) begin\n{registers}  end\n" if registers else ""
    head, end, rest = FLIP_FLOP.sub("", module).partition("endmodule")
    return head + block + end + rest


def _by_part(module: str) -> str:
    """Let blocks read a wire of its own for each part that they read of a wide one.

    Else each compares the whole one, bit by bit, whenever any of it changes.
    """
    tops = {name: int(top) for top, name in WIRE.findall(module)}
    made: dict[str, str] = {}

    def part(read: re.Match[str]) -> str:
        if tops.get(read["name"], 0) < WIDE:
            return read[0]
        high, low = int(read["high"]), int(read["low"] or read["high"])
        name = "\\" + read["name"].strip("\\ ") + f"[{high}:{low}] "
        made[name] = f"  wire [{high - low}:0] {name}= {read[0]};\n"
        return name

    module = BLOCK.sub(lambda block: READ.sub(part, block[0]), module)
    head, end, rest = module.partition("endmodule")
    return head + "".join(made.values()) + end + rest


def _at_once(module: str) -> str:
    """Drive wires at once, not in parts: all that reads a wire runs whenever a part changes.

    Where many lanes drive it, that takes most of the time.
    """
    found: dict[str, list[re.Match[str]]] = {}
    for part in PART.finditer(module):
        found.setdefault(part["name"], []).append(part)
    tops = {name: int(top) for top, name in WIRE.findall(module)}
    whole = {}
    for name, parts in found.items():
        parts.sort(key=lambda part: -int(part["high"]))
        highs = [int(part["high"]) for part in parts]
        lows = [int(part["low"] or part["high"]) for part in parts]
        if [*highs, -1] == [tops.get(name), *(low - 1 for low in lows)]:
            values = ", ".join(part["value"] for part in parts)
            whole[name] = f"  assign {name}= {{ {values} }};\n"
    joined = set(whole)
    return PART.sub(
        lambda part: whole.pop(part["name"], "") if part["name"] in joined else part[0], module
    )
