"""The network: layers of neurons, and everything that travels with an evaluation."""

from __future__ import annotations

from collections.abc import Sequence

from amaranth.hdl import Cat, Module, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl import layouts
from hdl.number.delay import copy, delay, long_delay
from hdl.number.noise import shape_of
from hdl.optimizer.turns import Turns
from hdl.plant.layer.neuron import Neuron
from spec.config import DEFECT_FRACTION, Config
from spec.phase import Kind
from spec.timing import Timing


class Network(wiring.Component):
    """y = f(x; θ), a pipeline that takes an evaluation a clock.

    A layer hears the bus as many clocks later than the first as an evaluation needs to reach it,
    and so does the delay line of perturbation bits. In the time of an evaluation, all cells hear
    a strobe at once; no two of them share a bit. With reuse, all layers hear it at once in clocks:
    no evaluation may be on its way when a strobe comes.

    Where D leaves time for it, each neuron hears the bus and the kind by registers of its own, and
    both come a clock before the sample.

    Latency: see `latency`. Throughput: one evaluation a clock; with reuse, in as many clocks, for
    which its sample must stay.

    Parameters
    ----------
    config : Config

    Members
    -------
    bus : In(layouts.bus)
    chain : In(1)
        Head of the delay line.
    noise_i, defects_i : In
        Heads of the lines of noise and defects, where there are any.
    kind : In(Kind)
        What the evaluation entering in this clock is for; PERTURBED perturbs all weights.
    sample : In(layouts.sample)
        Only its x is used here; t and label travel along.
    kind_o, sample_o : Out
        The same, `latency` clocks later, beside `y`.
    y, y_perturbed : Out(array of layouts.activation)
        Outputs; with two rails, of the unperturbed and of the perturbed one.
    cells : array of Out(layouts.cells)
        All cells in documented order, for the probe only; those of a layer as much later as
        the layer hears the bus.

    Attributes
    ----------
    latency : int
        Clocks from `sample` to `y`.
    broadcast : int
        Clocks by which `bus` and `kind` come before `sample`.
    """

    bus: data.View
    chain: Signal
    kind: Signal
    sample: data.View
    kind_o: Signal
    sample_o: data.View
    y: data.View
    y_perturbed: data.View
    cells: Sequence[data.View]

    def __init__(self, config: Config) -> None:
        self.config = config
        self.broadcast = Timing.of(config).broadcast
        last = len(config.layer_shapes) - 1
        self.layers = [
            [Neuron(config, layer, k) for k in range(neurons)]
            for layer, (neurons, _) in enumerate(config.layer_shapes)
        ]
        self.lines = {}
        if config.update_noise:
            self.lines["noise"] = layouts.update_noise(config)
        if config.defects:
            self.lines["defects"] = shape_of(config.defects, DEFECT_FRACTION)
        output = data.ArrayLayout(layouts.activation(config, last), config.data.outputs)
        members = {
            "bus": In(layouts.bus(config)),
            "chain": In(1),
            "kind": In(Kind),
            "sample": In(layouts.sample(config)),
            "kind_o": Out(Kind),
            "sample_o": Out(layouts.sample(config)),
            "y": Out(output),
            "cells": Out(layouts.cells(config)).array(config.parameters),
        }
        if config.build.rails == 2:
            members["y_perturbed"] = Out(output)
        members |= {f"{name}_i": In(shape) for name, shape in self.lines.items()}
        super().__init__(members)

    @property
    def latency(self) -> int:
        """Clocks from `sample` to `y`."""
        return sum(layer[0].latency for layer in self.layers)

    def elaborate(self, platform: object) -> Module:
        """Build the layers."""
        m = Module()
        config = self.config
        bus, chain, kind, sample, x = self.bus, self.chain, self.kind, self.sample, self.sample.x
        lines = {name: getattr(self, f"{name}_i") for name in self.lines}
        x_perturbed = x
        cells = 0
        travel = delay if config.build.reuse == 1 else long_delay
        for index, layer in enumerate(self.layers):
            y = Signal(
                data.ArrayLayout(layouts.activation(config, index), len(layer)), name=f"a_{index}"
            )
            y_perturbed = Signal(y.shape(), name=f"a_{index}_perturbed")
            heard, purpose, turns = bus, kind, None
            if config.build.reuse > 1:
                m.submodules[f"turns_{index}"] = turns = Turns(config)
                m.d.comb += [turns.bus_i.eq(bus), turns.kind_i.eq(kind)]
                heard, purpose = turns.bus, turns.kind
            for k, neuron in enumerate(layer):
                perturbed = layouts.perturbed(purpose, config)
                if self.broadcast:
                    heard = copy(m, bus, bus.shape(), f"bus_of_{index}_{k}")
                    perturbed = copy(m, perturbed, 1, f"perturbed_{index}_{k}")
                m.submodules[f"neuron_{index}_{k}"] = neuron
                m.d.comb += [
                    neuron.bus.eq(heard),
                    neuron.perturbed.eq(perturbed),
                    neuron.opposite.eq(purpose == Kind.OPPOSITE),
                    neuron.chain_i.eq(chain),
                    neuron.x.eq(x),
                    y[k].eq(neuron.a),
                ]
                if turns:
                    m.d.comb += [
                        getattr(neuron, name).eq(getattr(turns, name))
                        for name in ("turn", "first", "last", "count")
                    ]
                if config.build.rails == 2:
                    m.d.comb += [
                        neuron.x_perturbed.eq(x_perturbed),
                        y_perturbed[k].eq(neuron.a_perturbed),
                    ]
                chain = neuron.chain_o
                for name in lines:
                    m.d.comb += getattr(neuron, f"{name}_i").eq(lines[name])
                    lines[name] = getattr(neuron, f"{name}_o")
                for cell in range(neuron.fan_in):
                    m.d.comb += self.cells[cells].eq(neuron.cells[cell])
                    cells += 1
            if config.update_delay:
                self._correlate(m, layer, chain, heard.perturb)
            late = layer[0].latency
            if config.build.reuse == 1:
                bus = delay(m, bus, bus.shape(), late, f"bus_{index}")
                chain = delay(m, chain, 1, late, f"chain_{index}")
                for name, shape in self.lines.items():
                    lines[name] = delay(m, lines[name], shape, late, f"{name}_{index}")
            kind = delay(m, kind, Kind, late, f"kind_{index}")
            sample = travel(m, sample, sample.shape(), late, f"sample_{index}")
            x, x_perturbed = y, y_perturbed
        if config.build.rails == 2:
            m.d.comb += self.y_perturbed.eq(x_perturbed)
        kind = delay(m, kind, Kind, self.broadcast, "kind_of_y")
        m.d.comb += [self.y.eq(x), self.kind_o.eq(kind), self.sample_o.eq(sample)]
        return m

    def _correlate(self, m: Module, layer: list[Neuron], chain: Value, shift: Value) -> None:
        """Find the bits that made the u now on the bus: they are some cells further down the line.

        The line of a layer has spare flip-flops at its end, as the cells of the next layer are
        further down too, but see everything later.
        """
        build = self.config.build
        further = self.config.update_delay - (build.rails == 2 and build.accumulate) - 1
        spare = Signal(further)
        with m.If(shift):
            m.d.sync += spare.eq(Cat(chain, spare))
        line = Cat(Cat(cell.perturbation for cell in neuron.cells) for neuron in layer)
        line = Cat(line, spare)
        for neuron in layer:
            m.d.comb += neuron.correlate.eq(line[further:])
            line = line[neuron.fan_in :]
