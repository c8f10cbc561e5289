"""The visit on its way through the engine: what is done with a word, some clocks after another."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Signal

from hdl.folded.sequencer import visit_layout
from spec.folded import FoldedSpec


class Visits:
    """A line of registers, as long as it is asked for.

    Parameters
    ----------
    m : Module
        Where the registers go.
    spec : FoldedSpec
    now : visit
        As of `Sequencer`.
    """

    def __init__(self, m: Any, spec: FoldedSpec, now: Any) -> None:
        self._m, self._layout = m, visit_layout(spec)
        self._line = [now]

    def ago(self, clocks: int) -> Any:
        """Return the visit of some clocks ago."""
        while len(self._line) <= clocks:
            register: Any = Signal(self._layout, name=f"visit_{len(self._line)}")
            self._m.d.sync += register.eq(self._line[-1])
            self._line.append(register)
        return self._line[clocks]
