"""The bank: all cells, and how each hears the bus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl import shapes
from hdl.number import fixed
from hdl.number.delay import delay, long_delay
from hdl.optimizer import correlator
from hdl.optimizer import perturbation as perturbations
from hdl.optimizer.bus import Tag, layout
from hdl.optimizer.cell import Cell
from hdl.optimizer.hearing import Hearing
from hdl.optimizer.state import noise_shape, state_layout
from spec.optimizer import BankSpec, Block, Group


class Bank(wiring.Component):
    """Cells in groups, which an evaluation reaches one after the other.

    A group hears bus and line as many clocks later than the first as an evaluation needs to reach
    it. In the time of an evaluation, all cells hear a strobe at once; no two of them share a bit.
    With `spec.near`, each block of the first group has a register of its own of u, in no more time.

    Latency: `latency` clocks from a tag to the weights of the first group, its offset more to
    those of another; `spec.copies` more where each block hears the bus by registers of its own.
    Throughput: an evaluation a clock.

    Parameters
    ----------
    spec : BankSpec

    Members
    -------
    bus : In(bus.layout)
    u_next, moves : In
        Strobe: u of the bus becomes `u_next`; with `spec.near` only.
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
    u_next: fixed.Value
    moves: Signal
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
        if spec.near:
            members |= {"u_next": In(fixed.of(spec.cell.bus)), "moves": In(1)}
        if spec.node:
            members["inputs"] = In(inputs_layout(spec))
        super().__init__(members)

    def elaborate(self, platform: object) -> Module:
        """Build group after group."""
        m = Module()
        bus, tag, line, noise = self.bus, self.tag, self.line, self.noise
        offset = 0
        weights: list[Value] = []
        for index, group in enumerate(self.spec.groups):
            clocks, offset = group.offset - offset, group.offset
            tag = delay(m, tag, Tag, clocks, f"tag_{index}")
            bus = delay(m, bus, bus.shape(), clocks, f"bus_{index}")
            line = delay(m, line, line.shape(), clocks, f"line_{index}")
            noise = delay(m, noise, noise.shape(), clocks, f"noise_{index}")
            line, noise, driven = self._group(m, index, group, bus, tag, line, noise)
            weights += driven
        # At once: Icarus takes ten times as long over a signal that is driven in many parts.
        m.d.comb += Value.cast(self.weights).eq(Cat(*weights))
        return m

    def _group(
        self, m: Any, index: int, group: Group, bus: Any, tag: Any, line: Any, noise: Any
    ) -> tuple[Any, Any, list[Value]]:
        """Build the cells of a group; return the ends of the lines, and the weights by block."""
        spec = self.spec
        hearing = None
        built: list[tuple[Hearing, list[Cell]]] = []
        for k, block in enumerate(group.blocks):
            name = f"{index}_{k}"
            near = spec.near and index == 0
            if hearing is None or spec.copies or near:  # else all blocks of the group hear the same
                heard = self._near(m, bus, name) if near else bus
                hearing = Hearing(m, spec, heard, tag, name)
            cells = [self._cell(group, block, j) for j in range(block.parameters)]
            for j, cell in enumerate(cells):
                m.submodules[f"cell_{name}_{j}"] = cell
                teacher = cells[-1] if spec.node else cell
                line, noise = self._join(m, hearing, cell, teacher, line, noise)
                m.d.comb += self.cells[block.first + j].eq(cell.state)
            for cell in cells[-1:] if spec.node else cells:  # of nodes, only the bias cell
                m.d.comb += cell.tags.eq(hearing.tags)
            built.append((hearing, cells))
        signs = [cell.tilde.plus for _, cells in built for cell in cells]
        if spec.update_delay:
            signs = self._signs_of_u(m, signs, line.bit, built[-1][0].bus.perturb)
        if spec.node:
            self._teach_by_node(m, index, group, bus, tag, built, signs)
        else:
            self._teach_by_weight(m, built, signs)
        rails = range(spec.cell.rails)
        weights = [cell.weights[rail] for _, cells in built for rail in rails for cell in cells]
        return line, noise, [Value.cast(weight) for weight in weights]

    def _near(self, m: Any, bus: Any, name: str) -> Any:
        """Return the bus with a u from a register of its own, which takes what u takes."""
        near: Any = Signal(bus.shape(), name=f"near_{name}")
        u = fixed.signal(near.u.shape(), f"u_near_{name}", attrs={"keep": 1})
        with m.If(self.moves):
            m.d.sync += u.eq(self.u_next)
        m.d.comb += [near.eq(bus), near.u.eq(u)]
        return near

    def _cell(self, group: Group, block: Block, j: int) -> Cell:
        """Make a cell of a block; the last one has its bias."""
        spec, bias = self.spec, j == block.parameters - 1
        number = block.node if spec.node else block.first + j
        spec_of_input = group.input if spec.node else None
        u = fixed.of(spec.cell.bus)
        contribution = correlator.shape(self.perturbation, u, spec_of_input, bias=bias)
        return Cell(spec.cell, contribution, number)

    def _join(
        self, m: Any, hearing: Hearing, cell: Cell, teacher: Cell, line: Any, noise: Any
    ) -> tuple[Any, Any]:
        """Connect a cell to the bus and into the lines; return what the next one takes of them.

        It hears a u only if that concerns the cell by whose perturbation it learns.
        """
        strobes = hearing.strobes
        m.d.comb += [
            cell.bus.eq(hearing.bus),
            cell.line_i.eq(line),
            cell.strobes.eq(strobes),
        ]
        listens = self.perturbation.active(teacher.tilde) | strobes.initialise
        m.d.comb += cell.strobes.accumulate.eq(strobes.accumulate & listens)
        if self.spec.cell.noise:
            shape = noise.shape()
            held = fixed.signal(shape, "noise")
            with m.If(hearing.noise_moves):
                m.d.sync += held.eq(noise)
            nothing = fixed.constant(shape, 0)  # for the initial θ
            m.d.comb += cell.noise_i.eq(fixed.mux(strobes.initialise, nothing, held))
            noise = held
        return cell.line_o, noise

    def _signs_of_u(self, m: Any, signs: list[Value], end: Value, shift: Value) -> list[Value]:
        """Find the bits that made the u now on the bus: they are some cells down the line.

        The line of a group has spare flip-flops at its end, as the cells of the next group are
        down the line too, but see everything later.
        """
        spare = Signal(self.spec.line_lag)
        with m.If(shift):
            m.d.sync += spare.eq(Cat(end, spare))
        return [*signs, *spare][self.spec.line_lag :]

    def _inputs(self, m: Any, index: int, group: Group, tag: Any) -> Any:
        """Return the inputs of the perturbed evaluation whose u comes: held, or from a memory."""
        spec, inputs = self.spec, self.inputs[f"group_{index}"]
        name, shape = f"inputs_{index}", inputs.shape()
        if spec.update_delay:
            age = spec.age_of_inputs(group)
            # The last clock is a register's: a memory's output is late in its clock.
            return delay(m, long_delay(m, inputs, shape, age - 1, name), shape, 1, name)
        held = Signal(shape, name=name)
        with m.If(tag.perturb):
            m.d.sync += held.eq(inputs)
        return held

    def _teach_by_weight(
        self, m: Any, built: list[tuple[Hearing, list[Cell]]], signs: list[Value]
    ) -> None:
        """Give each cell u by its own perturbation; with overlap, by that which made this u."""
        signs = list(signs)
        for hearing, cells in built:
            bus = hearing.bus
            for cell in cells:
                sign = signs.pop(0)
                if self.spec.update_delay:
                    sign = Mux(bus.initialise, cell.tilde.plus, sign)
                learned = correlator.by_weight(
                    m, self.perturbation, bus.u, cell.tilde, sign, bus.initialise,
                    descends=cell.rule.descends,
                )  # fmt: skip
                self._give(m, cell, learned)

    def _teach_by_node(
        self, m: Any, index: int, group: Group, bus: Any, tag: Any,
        built: list[tuple[Hearing, list[Cell]]], signs: list[Value],
    ) -> None:  # fmt: skip
        """Give each cell u·x by the perturbation of its neuron's bias cell, that which made u."""
        spec, made, early = self.spec, None, None
        inputs = self._inputs(m, index, group, tag)
        if spec.update_delay and not group.input.binary:
            early = correlator.later(m, self.bus.u, spec.product_start(group), f"u_{index}")
        signs = list(signs)
        for k, (hearing, cells) in enumerate(built):
            if made is None or self.perturbation.scales:  # else the same for all neurons
                tilde = cells[-1].tilde
                amount = self.perturbation.correlated(m, bus.u, tilde, bus.initialise)
                made = correlator.terms(
                    m, bus.u, amount, early, inputs, bus.initialise, spec, index
                )
            heard = made
            if spec.copies:
                heard = correlator.copies(m, made, f"{index}_{k}")
            plus, signs = signs[len(cells) - 1], signs[len(cells) :]
            for cell, term in zip(cells, heard, strict=True):
                own, initialise = cell.tilde.plus, hearing.bus.initialise
                learned = correlator.by_node(
                    m, term, plus, own, initialise, descends=cell.rule.descends
                )
                self._give(m, cell, learned)

    def _give(self, m: Any, cell: Cell, learned: correlator.Contribution) -> None:
        """Give a cell what it learns; with overlap, a clock later."""
        domain = m.d.sync if self.spec.update_delay else m.d.comb
        domain += [cell.contribution.eq(learned[0]), cell.carry.eq(learned[1])]


def weights_layout(spec: BankSpec) -> data.StructLayout:
    """Lay out the weights of each block and each rail."""
    weight, rails = fixed.of(spec.cell.weight), spec.cell.rails
    return data.StructLayout(
        {
            f"block_{block.node}": data.ArrayLayout(
                data.ArrayLayout(weight, block.parameters), rails
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
