"""Names that yosys mistakes: those of an array's elements."""

from __future__ import annotations

import re

ELEMENT = re.compile(r'(\\[^\s"]*\[\d+\])(?=\s)')
"""A name in RTLIL that ends like one, such as `\\x[1]`; bit 1 of `\\x` is `\\x [1]` there."""


def rename(rtlil: str) -> str:
    r"""Let no name end like that of an element: `\x[1]` becomes `\x[1]_`.

    yosys 0.70 (abc9_ops -reintegrate) takes such a wire for a bit of the array's, `\x`, where
    logic meets both, and stops with an assertion. Hidden names would do, too, but change
    netlists where nothing asserts (docs/performance.md).
    """
    return ELEMENT.sub(r"\1_", rtlil)
