"""What a pass leaves: the outputs, in registers."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Signal
from amaranth.lib import data

from hdl import shapes
from hdl.folded.drain import Drain
from hdl.number import fixed
from spec.folded import FoldedSpec


def keep_outputs(
    m: Any, spec: FoldedSpec, outputs: data.View, drain: Drain, turns: Signal | None
) -> None:
    """Take one output after the other in, so that the first comes to be the first.

    Parameters
    ----------
    m : Module
    spec : FoldedSpec
    outputs : array of 2 of outputs
        Unperturbed and perturbed; set here.
    drain : Drain
        Says when, and which.
    turns : Signal, optional
        Strobe: they go round by one, if they ever do.
    """
    if turns is not None:
        with m.If(turns):
            m.d.sync += [
                y[k].eq(y[(k + 1) % spec.outputs]) for y in outputs for k in range(spec.outputs)
            ]
    with m.If(drain.puts_out):
        for rail in range(2):
            y = outputs[rail]
            m.d.sync += [y[k].eq(y[k + 1]) for k in range(spec.outputs - 1)]
            shape = shapes.number(spec.layers[-1].output)
            raw = drain.a[rail].as_value()[: shape.storage.width]
            bits = raw.as_signed() if shape.signed else raw
            m.d.sync += y[spec.outputs - 1].eq(fixed.Value(shape, bits))
