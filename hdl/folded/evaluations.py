"""z of both evaluations, unperturbed and perturbed, of the neuron that leaves the lanes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from amaranth.hdl import Signal, Value

from hdl.folded.by_layer import chosen
from hdl.number import fixed
from hdl.number.delay import delay
from spec.folded import FoldedSpec
from spec.numbers import Rounding


class Evaluations:
    """Sums of lanes, moved by perturbations; the largest z of the copies of a lane.

    Latency: of `moved` two clocks, of `largest` two for each halving of the banks. Throughput: a
    neuron a clock.

    Parameters
    ----------
    m : Module
        Where they are made.
    spec : FoldedSpec
    layer : Value
        The neuron's.
    perturb : Signal
        Whether the second evaluation is perturbed.
    """

    def __init__(self, m: Any, spec: FoldedSpec, layer: Value, perturb: Signal) -> None:
        self._m, self._spec, self._layer, self._perturb = m, spec, layer, perturb

    def moves(
        self, changes: Sequence[fixed.Value] | None, signs: Value | None
    ) -> list[list[fixed.Value]]:
        """Return how far the perturbation moves each bank's z, in each layer without doublings.

        A layer by node is dense, and so in lanes of the first bank alone.

        Parameters
        ----------
        changes : sequence of fixed, optional
            Of each bank the lane's sum of ±x; where words have a bit.
        signs : Value, optional
            1 if the neuron's own perturbation is positive; if there is a layer by node.
        """
        spec = self._spec
        moved = [change.scaled(spec.amplitude) for change in changes or ()]
        signed: Any = None
        if signs is not None:
            shape = fixed.SQ(spec.amplitude + 2, -spec.amplitude)
            amplitude = fixed.constant(shape, 2.0**spec.amplitude)
            signed = fixed.mux(signs, amplitude, -amplitude)
        found: list[Any] = moved or [None] * spec.banks
        return [
            [signed if layer.node and bank == 0 else change for layer in spec.layers]
            for bank, change in enumerate(found)
        ]

    def moved(
        self, plain: fixed.Value, other: fixed.Value, moves: Sequence[fixed.Value], bank: int
    ) -> list[fixed.Value]:
        """Return z of both evaluations, two clocks after the sums.

        Parameters
        ----------
        plain, other : fixed
            A lane's sums: with one multiplier, of products of the first rail and of the second.
        moves : sequence of fixed
            Of this bank, by layer, as `moves` returns them.
        bank : int
        """
        m = self._m
        if self._spec.lane_multipliers == 1:  # the first layer has one sum for both
            other = fixed.mux(self._layer == 0, plain, other)
        move = self._doubled(moves, bank)
        held = []
        for name, value in (("plain", plain), ("other", other), ("move", move)):
            register = fixed.signal(value.shape(), f"{name}_{bank}")
            m.d.sync += register.eq(value)
            held.append(register)
        z = []
        for rail, value in enumerate((held[0], held[1] + held[2])):
            register = fixed.signal(value.shape(), f"z_{rail}_{bank}")
            m.d.sync += register.eq(value)
            z.append(register)
        return z

    def largest(self, z: Sequence[Sequence[fixed.Value]]) -> list[fixed.Value]:
        """Return of each evaluation the largest z of a lane's copies, in other banks.

        Parameters
        ----------
        z : sequence of [fixed, fixed]
            Of each bank, both evaluations.
        """
        m, spec = self._m, self._spec
        # No activation sees more of it.
        fraction = max(one.activation.fraction_bits for one in spec.layers)
        z = [[_truncated(one, fraction) for one in its] for its in z]
        if len(z) == 1:
            return z[0]
        copies = chosen(m, self._layer, [layer.copies for layer in spec.layers])
        copies = delay(m, copies, len(copies), spec.drain_latency - 1, "copies")
        return [self._largest([each[rail] for each in z], copies, rail) for rail in range(2)]

    def _largest(self, z: list[fixed.Value], copies: Any, rail: int) -> fixed.Value:
        """Return the largest of the copies, which are as many banks apart as there are for each."""
        m, needed = self._m, 2
        while len(z) > 1:
            half, found = len(z) // 2, []
            counts = delay(m, copies >= needed, 1, 1, f"counts_{rail}_{needed}")
            for k, (one, other) in enumerate(zip(z[:half], z[half:], strict=True)):
                name = f"{rail}_{needed}_{k}"
                larger = Signal(name=f"larger_{name}")
                largest = fixed.signal(one.shape(), f"largest_{name}")
                held = [
                    delay(m, value, value.shape(), 1, f"{which}_{name}")
                    for which, value in (("one", one), ("other", other))
                ]
                m.d.sync += [
                    larger.eq(other > one),
                    largest.eq(fixed.mux(larger & counts, held[1], held[0])),
                ]
                found.append(largest)
            copies = delay(m, copies, len(copies), 2, f"copies_{rail}_{needed}")
            z, needed = found, 2 * needed
        return z[0]

    def _doubled(self, moves: Sequence[fixed.Value], bank: int) -> fixed.Value:
        """Return how far z is moved, 2**k times as far in layers with k doublings, or 0."""
        m, doublings = self._m, [one.doublings for one in self._spec.layers]
        whole = max(move.shape().i_bits for move in moves) + max(doublings)
        fraction = max(move.shape().f_bits for move in moves)
        moved = fixed.signal(fixed.SQ(whole, fraction), f"moved_{bank}")
        with m.If(self._perturb), m.Switch(self._layer):
            for k, (move, times) in enumerate(zip(moves, doublings, strict=True)):
                with m.Case(k):
                    m.d.comb += moved.eq(move.scaled(times))
        return moved


def _truncated(z: fixed.Value, fraction: int) -> fixed.Value:
    """Return z with so many fraction bits at most."""
    return z.reshape(min(fraction, z.shape().f_bits), Rounding.TRUNCATE)
