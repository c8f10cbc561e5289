"""The bank: all cells, and how each hears the bus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl import shapes
from hdl.number import fixed
from hdl.number.delay import copy, delay
from hdl.optimizer import correlator
from hdl.optimizer import perturbation as perturbations
from hdl.optimizer.bus import STROBES, Tag, layout
from hdl.optimizer.cell import Cell, noise_shape, state_layout
from hdl.optimizer.ring import of_parameter
from hdl.optimizer.turns import Turns
from spec.optimizer import BankSpec, Block, Group


class Bank(wiring.Component):
    """Cells in groups, which an evaluation reaches one after the other.

    A group hears bus and line as many clocks later than the first as an evaluation needs to reach
    it. In the time of an evaluation, all cells hear a strobe at once; no two of them share a bit.
    With reuse, all groups hear it at once in clocks: no evaluation may be on its way when a strobe
    comes.

    Latency: `latency` clocks from a tag to the weights of the first group, its offset more to
    those of another; `spec.copies` more where each block hears the bus by registers of its own.
    Throughput: an evaluation a clock; with reuse, in as many clocks.

    Parameters
    ----------
    spec : BankSpec

    Members
    -------
    bus : In(bus.layout)
    tag : In(Tag)
        The evaluation that enters the plant; `spec.copies` clocks later.
    line : In(line)
        Head of the line of perturbation bits.
    noise : In
        Head of the line of noise; where there is none, a bit that is not used.
    inputs : In(struct of arrays)
        What the cells of each group multiply, when an evaluation reaches it; for node
        perturbation only.
    weights : Out(struct of arrays)
        Of each block and each rail.
    cells : array of Out(struct)
        All parameters in documented order, for the probe only.
    """

    latency = Cell.latency

    bus: data.View
    tag: Any
    line: data.View
    noise: fixed.Value
    inputs: data.View
    weights: data.View
    cells: Sequence[data.View]

    def __init__(self, spec: BankSpec) -> None:
        self.spec = spec
        self.perturbation = perturbations.of(spec.cell.perturbation)
        members = {
            "bus": In(layout(spec.cell.bus, self.perturbation.broadcast)),
            "tag": In(Tag),
            "line": In(data.StructLayout(self.perturbation.line)),
            "noise": In(noise_shape(spec.cell)),
            "weights": Out(weights_layout(spec)),
            "cells": Out(state_layout(spec.cell)).array(spec.parameters),
        }
        if spec.node:
            members["inputs"] = In(inputs_layout(spec))
        super().__init__(members)

    def elaborate(self, platform: object) -> Module:
        """Build group after group."""
        m = Module()
        bus, tag, line, noise = self.bus, self.tag, self.line, self.noise
        offset = strobe_offset = 0
        for index, group in enumerate(self.spec.groups):
            late = group.offset - offset
            tag = delay(m, tag, Tag, late, f"tag_{index}")
            late = group.strobe_offset - strobe_offset
            bus = delay(m, bus, bus.shape(), late, f"bus_{index}")
            line = delay(m, line, line.shape(), late, f"line_{index}")
            noise = delay(m, noise, noise.shape(), late, f"noise_{index}")
            offset, strobe_offset = group.offset, group.strobe_offset
            line, noise = self._group(m, index, group, bus, tag, line, noise)
        return m

    def _group(
        self, m: Any, index: int, group: Group, bus: Any, tag: Any, line: Any, noise: Any
    ) -> tuple[Any, Any]:
        """Build the cells of a group; return the ends of the lines."""
        spec = self.spec
        turns = None
        heard, asked = bus, tag
        if spec.reuse > 1:
            m.submodules[f"turns_{index}"] = turns = Turns(spec.reuse, bus.shape())
            m.d.comb += [turns.bus_i.eq(bus), turns.tag_i.eq(tag)]
            heard, asked = turns.bus, turns.tag
        signs: list[Value] = []
        wired = []
        strobes: Any = None
        moves: Any = None
        minus_u: Any = None
        timed: dict[int, Any] = {}
        lengths = {len(shared) for block in group.blocks for shared in block.sharing}
        for k, block in enumerate(group.blocks):
            perturb = asked.perturb
            if spec.copies:
                heard = copy(m, bus, bus.shape(), f"bus_of_{index}_{k}")
                perturb = copy(m, perturb, 1, f"perturb_{index}_{k}")
            if spec.copies or k == 0:  # else all blocks of the group hear the same
                strobes = self._strobes(m, heard, turns, f"{index}_{k}")
                moves = self._moves(m, heard, strobes, f"{index}_{k}")
                timed = {length: self._timed(m, strobes, turns, length) for length in lengths}
                if spec.node:
                    minus_u = fixed.named(m, -heard.u, f"minus_u_{index}_{k}")
            tags = self._tags(m, asked, perturb, f"{index}_{k}")
            cells = []
            for j, shared in enumerate(block.sharing):
                cell = self._cell(group, block, j)
                m.submodules[f"cell_{index}_{k}_{j}"] = cell
                m.d.comb += [cell.bus.eq(heard), cell.line_i.eq(line)]
                line = cell.line_o
                noise = self._noise(m, cell, moves, strobes, noise)
                if not spec.node or j == len(block.sharing) - 1:  # of nodes, only the bias cell
                    m.d.comb += cell.tags.eq(tags)
                self._show(m, block, shared, cell, turns)
                m.d.comb += [
                    self.weights[f"block_{block.node}"][rail][j].eq(cell.weights[rail])
                    for rail in range(spec.cell.rails)
                ]
                cells.append(cell)
                signs.append(cell.tilde.plus)
            wired.append((block, cells, heard, minus_u, timed))
        if spec.update_delay:
            signs = self._further(m, signs, line.bit, heard.perturb)
        held = self._held(m, index, group, tag) if spec.node else None
        for block, cells, heard, minus_u, timed in wired:
            own, signs = signs[: len(cells)], signs[len(cells) :]
            self._teach(m, group, cells, own, heard, minus_u, held)
            self._take_turns(m, block, cells, timed)
        return line, noise

    def _cell(self, group: Group, block: Block, j: int) -> Cell:
        """Make a cell of a block; the last one has its bias."""
        spec, bias = self.spec, j == len(block.sharing) - 1
        number = block.node if spec.node else block.first + j
        spec_of_input = group.input if spec.node else None
        u = fixed.of(spec.cell.bus)
        contribution = correlator.shape(self.perturbation, u, spec_of_input, bias=bias)
        return Cell(spec.cell, contribution, number, len(block.sharing[j]))

    def _strobes(self, m: Any, bus: Any, turns: Turns | None, name: str) -> Any:
        """Make of the bus what a block's cells hear; a clock later with overlap, as ±u is."""
        strobes: Any = Signal(STROBES, name=f"strobes_{name}")
        m.d.comb += [
            strobes.clear.eq(bus.clear),
            strobes.accumulate.eq(bus.accumulate),
            strobes.update.eq(bus.update),
            strobes.initialise.eq(bus.initialise),
            strobes.write.eq(bus.clear | bus.update),
            strobes.turn.eq(turns.turn if turns else 1),
        ]
        if not self.spec.update_delay:
            return strobes
        # `write` has a flip-flop of its own: it goes to all bits of θ of all cells.
        late: Any = Signal(STROBES, name=f"strobes_{name}_late")
        for member in STROBES.members:
            if member != "turn":
                m.d.sync += late[member].eq(strobes[member])
        m.d.comb += late.turn.eq(1)
        return late

    def _tags(self, m: Any, tag: Any, perturb: Value, name: str) -> Any:
        """Make the tags of all rails: of two, the first is not perturbed."""
        rails = self.spec.cell.rails
        tags: Any = Signal(data.ArrayLayout(Tag, rails), name=f"tags_{name}")
        m.d.comb += [tags[rails - 1].perturb.eq(perturb), tags[rails - 1].negate.eq(tag.negate)]
        return tags

    def _moves(self, m: Any, bus: Any, strobes: Any, name: str) -> Signal | None:
        """Whether the line of noise moves on: as it is filled, and for each update."""
        if not self.spec.cell.noise:
            return None
        moves = Signal(name=f"noise_moves_{name}")
        m.d.comb += moves.eq(bus.fill | (strobes.update & ~strobes.initialise))
        return moves

    def _noise(self, m: Any, cell: Cell, moves: Any, strobes: Any, noise: Any) -> Any:
        """Give an update its noise, but for the initial θ; the next is the neighbour's."""
        if not self.spec.cell.noise:
            return noise
        held = fixed.signal(noise.shape(), "noise")
        with m.If(moves):
            m.d.sync += held.eq(noise)
        nothing = fixed.constant(noise.shape(), 0)
        m.d.comb += cell.noise_i.eq(fixed.mux(strobes.initialise, nothing, held))
        return held

    def _further(self, m: Any, signs: list[Value], end: Value, shift: Value) -> list[Value]:
        """Find the bits that made the u now on the bus: they are some cells further down the line.

        The line of a group has spare flip-flops at its end, as the cells of the next group are
        further down too, but see everything later.
        """
        spare = Signal(self.spec.further)
        with m.If(shift):
            m.d.sync += spare.eq(Cat(end, spare))
        return [*signs, *spare][self.spec.further :]

    def _held(self, m: Any, index: int, group: Group, tag: Any) -> Any:
        """Hold the inputs of the last perturbed evaluation."""
        inputs = self.inputs[f"group_{index}"]
        held = Signal(inputs.shape(), name=f"inputs_{index}")
        with m.If(tag.perturb):
            m.d.sync += held.eq(inputs)
        return held

    def _teach(
        self, m: Any, group: Group, cells: list[Cell], signs: list[Value], bus: Any, minus_u: Any,
        held: Any,
    ) -> None:  # fmt: skip
        """Give each cell of a block what it learns of u."""
        spec, perturbation = self.spec, self.perturbation
        share, minus_share, u = None, None, bus.u
        if spec.node:
            share = correlator.share(m, perturbation, u, minus_u, cells[-1].tilde, bus.initialise)
            minus_share = fixed.named(m, -share, "minus_share")
        for j, (cell, sign) in enumerate(zip(cells, signs, strict=True)):
            if share is not None and minus_share is not None:
                x = held[j] if j < len(cells) - 1 else None
                first = fixed.mux(cell.tilde.plus, bus.u, minus_u)
                given = correlator.by_node(
                    m, share, minus_share, x, group.input, first, bus.initialise
                )
            else:
                if spec.update_delay:
                    sign = Mux(bus.initialise, cell.tilde.plus, sign)
                given = correlator.by_weight(
                    m, perturbation, bus.u, cell.tilde, sign, bus.initialise,
                    descends=cell.rule.descends,
                )  # fmt: skip
            domain = m.d.sync if spec.update_delay else m.d.comb
            domain += [cell.contribution.eq(given[0]), cell.carry.eq(given[1])]

    def _timed(self, m: Any, strobes: Any, turns: Turns | None, length: int) -> Any:
        """Make of strobes those in the turns of a cell of so many parameters."""
        timed: Any = Signal(STROBES, name=f"strobes_in_{length}")
        turn = turns.among(m, length)[0] if turns else strobes.turn
        m.d.comb += [
            timed.eq(strobes),
            timed.turn.eq(turn),
            timed.accumulate.eq(strobes.accumulate & turn),
            timed.update.eq(strobes.update & turn),
            timed.write.eq(strobes.write & (turn | strobes.clear)),
        ]
        return timed

    def _take_turns(self, m: Any, block: Block, cells: list[Cell], timed: dict[int, Any]) -> None:
        """Let a cell hear a strobe in the turns of its parameters; and a u that concerns it."""
        for cell, shared in zip(cells, block.sharing, strict=True):
            strobes = timed[len(shared)]
            m.d.comb += cell.strobes.eq(strobes)
            if not self.spec.node:
                listens = self.perturbation.active(cell.tilde) | strobes.initialise
                m.d.comb += cell.strobes.accumulate.eq(strobes.accumulate & listens)

    def _show(self, m: Any, block: Block, shared: range, cell: Cell, turns: Turns | None) -> None:
        """Show the state of each parameter, wherever it is in its ring."""
        registers = [Value.cast(cell.state[k]) for k in range(len(shared))]
        place = turns.among(m, len(shared))[1] if turns else Signal()
        for k, parameter in enumerate(shared):
            found = of_parameter(k, registers, place)
            m.d.comb += Value.cast(self.cells[block.first + parameter]).eq(found)


def weights_layout(spec: BankSpec) -> data.StructLayout:
    """Lay out the weights of each block and each rail."""
    weight, rails = fixed.of(spec.cell.weight), spec.cell.rails
    return data.StructLayout(
        {
            f"block_{block.node}": data.ArrayLayout(
                data.ArrayLayout(weight, len(block.sharing)), rails
            )
            for block in spec.blocks
        }
    )


def inputs_layout(spec: BankSpec) -> data.StructLayout:
    """Lay out what the cells of each group multiply; a bias cell, 1."""
    return data.StructLayout(
        {
            f"group_{k}": data.ArrayLayout(
                shapes.signal(group.input), group.blocks[0].parameters - 1
            )
            for k, group in enumerate(spec.groups)
        }
    )
