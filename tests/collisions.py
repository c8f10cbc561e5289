"""Block RAM that is read in the clock in which the same word is written gives anything at all."""

from __future__ import annotations

import re

MEMORY = re.compile(
    r"\(\* no_rw_check = 32'd1 \*\)\n(?:  \(\*.*\*\)\n)*  reg \[.*\] (?P<name>\S+) \[.*\];"
)
"""A memory of exported Verilog that is declared to have no such clock."""

WRITTEN = re.compile(
    r"    if \((?P<enable>.*)\)\n      (?P<name>[^\s\[]+)\[(?P<address>.*)\] <= .*;"
)
READ = re.compile(r"(?P<register>\S+) <= (?P<name>[^\s\[]+)\[(?P<address>.*)\];")


def memories(source: str) -> list[str]:
    """Return the names of all such memories, those of every instance."""
    return [found["name"] for found in MEMORY.finditer(source)]


def wrong(source: str, *, always: bool = False) -> str:
    """Return Verilog in which all such memories give the complement of what is there.

    Parameters
    ----------
    source : str
    always : bool
        Not only in such a clock: what a test must notice.
    """
    modules = source.split("endmodule")
    for k, module in enumerate(modules):
        for name in memories(module):
            (write,) = (each for each in WRITTEN.finditer(module) if each["name"] == name)
            (read,) = (each for each in READ.finditer(module) if each["name"] == name)
            collides = f"({write['enable']}) && {write['address']} == {read['address']}"
            value = f"{name}[{read['address']}]"
            given = f"({1 if always else collides}) ? ~{value} : {value}"
            module = module.replace(read[0], f"{read['register']} <= {given};")
        modules[k] = module
    return "endmodule".join(modules)
