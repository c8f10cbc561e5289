"""The compiled trainer of a folded engine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from model.compiled import state
from model.compiled.trainer import CompiledTrainer
from model.number.fixed import Ints
from model.optimizer.perturbation.fresh import FreshCode
from model.plant.activation import ActivationUnit
from spec import derive
from spec.config import Config
from spec.network import WINDOW
from spec.phase import Phase
from spec.plant import ConvSpec, Engine, NetworkSpec, PoolSpec
from spec.training import Perturbation

NARROW = 1 << 31
"""Beyond what 32 bits have room for."""


class FoldedTrainer(CompiledTrainer):
    """The golden trainer of a folded engine, compiled: the same integers at every check."""

    def _prepare(self) -> None:
        from model.compiled import folded, folded_optimizer, folded_plant, optimizer, plant

        config = self.config
        self._kernel: Any = folded
        network = derive.network(config)
        layers, offsets, activations = tables(network, config)
        kind = np.int32 if narrow(network, config) else np.int64
        samples, cell = self.plant.samples, self.cells.cell
        order = _order(config)
        self._order, self._back = order, np.argsort(order)
        widest = int(layers[:, folded_plant.NEURONS].max())
        fresh = self.code if isinstance(self.code, FreshCode) else None
        signals = int(layers[-1, folded_plant.TARGET] + layers[-1, folded_plant.NEURONS])
        drawn = 0 if fresh is None else fresh.count + folded_optimizer.WORD
        sizes = (config.parameters, config.parameters, signals, signals, *(widest,) * 3, drawn)
        self._register = optimizer.Register.of(self.code.lfsr.spec)
        self._constants = (
            plant.Plant.of(self.plant),
            folded.Folded(
                fresh is not None,
                config.build.lanes,
                cell.accumulate,
                folded_optimizer.Limits(cell.theta.minimum, cell.theta.maximum, self.cells.dropped),
                folded_optimizer.Limits(cell.gradient.minimum, cell.gradient.maximum, 0),
                self._register,
                optimizer.Change.of(self.cost, analog=False),
            ),
            folded.Tables(
                layers, offsets, activations, samples.x.astype(kind), samples.t.astype(kind),
                samples.classes, order,
            ),
            folded.Scratch._make(
                [*(np.zeros(size, dtype=kind) for size in sizes), np.zeros_like(self._clock)]
            ),
        )  # fmt: skip
        runs, cells = len(self.seeds), config.parameters
        self._values = np.zeros((runs, folded_optimizer.ALL_VALUES), dtype=np.int64)
        self._thetas = np.zeros((runs, cells), dtype=kind)
        self._Gs = np.zeros((runs, cells if cell.accumulate else 0), dtype=kind)
        self._signs = np.zeros((runs, cells), dtype=kind)
        self._lines = np.zeros((runs, 0 if fresh else 2 * cells), dtype=np.int64)

    def initialise(self) -> Iterator[Phase]:
        """Make the initial θ as the golden trainer does; of INIT_SHIFT, yield the last one only."""
        shifts = (self.config.parameters - 1) * self._durations[Phase.INIT_SHIFT]
        for phase in super().initialise():
            if phase is Phase.INIT_SHIFT:
                self.clocks += shifts
            yield phase

    def _shifts_of_a_fill(self) -> Iterator[None]:
        """Fill the line at once: a bit is made of nothing but what enters now."""
        code = self.code
        states = code.lfsr.state.astype(np.int64)
        code.line = np.empty_like(code.line)
        self._kernel.fill(self._register, states, code.line)
        code.lfsr.state = states.astype(np.uint64)
        yield

    def _take(self) -> None:
        from model.compiled.folded_optimizer import HIGH, LOW

        code, samples = self.code, self.plant.samples
        found = {
            state.REGISTER: code.lfsr.state, state.ORDERED: samples.lfsr.state,
            state.INDEX: samples.index, state.NEXT: samples.next,
        }  # fmt: skip
        if isinstance(code, FreshCode):
            low, high = code.fresh.state.T
            found |= {LOW: low, HIGH: high}
        else:
            self._lines[:, : code.line.shape[1]] = code.line
        for place, values in found.items():
            self._values[:, place] = values.view(np.int64)
        self._thetas[:] = self.cells.theta[:, self._order]
        self._show()

    def _show(self) -> None:
        self.cells.theta = self._thetas[:, self._back].astype(np.int64)
        G = self._Gs if self.cells.cell.accumulate else np.zeros_like(self._thetas)
        self.cells.G = G[:, self._back].astype(np.int64)

    def _call(self, steps: int, drain: bool, costs: Ints, hits: np.ndarray) -> None:
        _ = drain
        self._kernel.leap(
            *self._constants, self._values, self._thetas, self._Gs, self._signs, self._lines,
            self._clock, self._changes, steps, costs, hits,
        )  # fmt: skip
        if steps:
            self._show()

    def _keep_rows(self, runs: np.ndarray) -> None:
        self._values = self._values[runs]
        self._thetas, self._Gs = self._thetas[runs], self._Gs[runs]
        self._signs, self._lines = self._signs[runs], self._lines[runs]


def tables(network: NetworkSpec, config: Config) -> tuple[Ints, Ints, np.ndarray]:
    """Return the constants of layers as the kernel takes them, their offsets, their activations."""
    from model.compiled import folded_plant as kernel

    unit = derive.cell(config).amplitude_lsbs
    rows, offsets, activations = [], [], []
    source, first, target, place, table = 0, 0, network.inputs, 0, 0
    groups = iter(derive.bank(config).groups)
    for k, layer in enumerate(network.layers):
        if isinstance(layer, PoolSpec):
            continue
        group = next(groups)
        row = np.zeros(kernel.COLUMNS, dtype=np.int64)
        inputs, side = layer.fan_in - 1, 1
        down = across = 1
        if isinstance(layer, ConvSpec):
            height, width, deep = layer.shape
            steps = (width, 1, height * width) if layer.planar else (width * deep, deep, 1)
            window = np.indices((WINDOW, WINDOW, deep)).reshape(3, -1)
            found = np.array(steps) @ window
            row[kernel.ROW], row[kernel.COLUMN] = steps[:2]
            down, across, _ = layer.output_shape
            after = network.layers[k + 1]
            if isinstance(after, PoolSpec):
                down, across, _ = after.output_shape
                side = 2
        else:
            found = np.arange(inputs)
        values = ActivationUnit(layer.activation).values
        end = len(values) // 2
        clamp = np.clip(np.arange(-end, end + 1), values[0], values[-1])
        fraction, shown = layer.input.fraction_bits, layer.activation.fraction_bits
        for column, value in (
            (kernel.NEURONS, layer.neurons), (kernel.INPUTS, inputs),
            (kernel.DOWN, down), (kernel.ACROSS, across), (kernel.SIDE, side),
            (kernel.OFFSETS, place), (kernel.FRACTION, fraction),
            (kernel.DROPPED, layer.weight.fraction_bits + fraction - shown),
            (kernel.TABLE, table), (kernel.END, end), (kernel.FIRST, first),
            (kernel.SOURCE, source), (kernel.TARGET, target), (kernel.NODE, group.node),
            (kernel.UNIT, unit << group.doublings), (kernel.DOUBLINGS, group.doublings),
            (kernel.CLAMP, np.array_equal(values, clamp)),
        ):  # fmt: skip
            row[column] = value
        rows.append(row)
        offsets.append(found)
        activations.append(values.astype(np.int32))
        place, table, first = place + inputs, table + len(values), first + layer.parameters
        source, target = target, target + down * across * layer.neurons
    return np.array(rows), np.concatenate(offsets), np.concatenate(activations)


def narrow(network: NetworkSpec, config: Config) -> bool:
    """Whether no product and no sum exceeds 32 bits."""
    bank = derive.bank(config)
    cell, groups = bank.cell, iter(bank.groups)
    most_u, held = -cell.bus.minimum, -cell.theta.minimum
    if cell.accumulate:
        held -= cell.gradient.minimum
    for layer in network.layers:
        if isinstance(layer, PoolSpec):
            continue
        group, seen = next(groups), layer.input
        x = max(-seen.low, seen.high, 1 << seen.fraction_bits)
        weight = -layer.weight.minimum << group.doublings
        learnt = (most_u << group.doublings) * x
        learnt += (1 << seen.fraction_bits) + held
        if max(layer.fan_in * weight * x, learnt) >= NARROW:
            return False
    return True


def _order(config: Config) -> Ints:
    """Return which parameter, in documented order, the kernel has at each place."""
    parts, first = [], 0
    for neurons, weights in config.layer_shapes:
        parts.append(first + np.arange(neurons * weights).reshape(neurons, weights).T.ravel())
        first += neurons * weights
    return np.concatenate(parts)


def covers(config: Config) -> bool:
    """Whether the kernel knows all that a folded config has."""
    folded = config.build.engine is Engine.FOLDED
    return folded and config.training.perturbation in (Perturbation.RCM, Perturbation.FRESH)
