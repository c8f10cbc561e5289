"""Clock budget: what the latencies of the parts make of a step, a check and a run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from spec import derive
from spec.optimizer import ENTRY, ChangeSpec
from spec.phase import Phase
from spec.plant import Engine

if TYPE_CHECKING:
    from spec.config import Config


@dataclass(frozen=True)
class Timing:
    """Latencies in clocks, all derived from a config.

    Parameters
    ----------
    layers : tuple of int
        Latency of each layer: its weights, its products, its adder tree, its activation.
    offsets : tuple of int
        From a sample to when each layer's cells are asked for weights.
    cost : int
        From the network's output to C: error, square, adder tree, mean.
    bus : int
        From C to u: C̃, shift, rounding.
    samples : int
        Samples of the task.
    cells : int
        P.
    init_bursts : tuple of int
        Updates by which each bit of the initial θ is built.
    baseline : bool or None
        Whether every step has two evaluations (True), or one (False); None: it depends.
    update_delay : int
        D: 0 without overlap.
    rails : int
        Evaluations a clock.
    accumulate : bool
        Whether u goes through G.
    shifts : int
        Clocks in which the delay line moves for a perturbation.
    needed : int
        Clocks that D steps take at least, as `derive.needed`.
    broadcast : int
        Clocks that each neuron spends in a copy of its own of the bus.
    """

    layers: tuple[int, ...]
    offsets: tuple[int, ...]
    cost: int
    bus: int
    samples: int
    cells: int
    init_bursts: tuple[int, ...]
    baseline: bool | None
    update_delay: int
    rails: int
    accumulate: bool
    shifts: int
    needed: int
    broadcast: int

    @classmethod
    def of(cls, config: Config) -> Timing:
        """Compute the budget of a config."""
        if config.build.engine is Engine.FOLDED:
            return FoldedTiming.of_folded(config)
        spec = derive.schedule(config)
        largest, network = spec.bus.bits - 2, derive.network(config)
        return cls(
            tuple(layer.latency for layer in network.layers),
            network.offsets,
            derive.cost(config).latency + ChangeSpec.register_latency,
            ChangeSpec.latency,
            len(config.data),
            spec.parameters,
            tuple(1 << max(0, bit - largest) for bit in range(spec.init_bits)),
            True if spec.antithetic or spec.update_delay else False if spec.analog else None,
            spec.update_delay,
            spec.rails,
            config.build.accumulate,
            spec.shifts,
            derive.needed(config),
            min(1, derive.spare(config)),
        )

    def offset(self, layer: int) -> int:
        """Clocks from the schedule to a layer, for evaluations as for its bus and chain."""
        return self.entry + self.offsets[layer]

    @cached_property
    def network(self) -> int:
        """From a sample at the network's input to its output."""
        return sum(self.layers)

    @cached_property
    def evaluation(self) -> int:
        """From the clock in which the schedule issues an evaluation to its cost C."""
        return self.entry + self.network + self.cost

    @cached_property
    def entry(self) -> int:
        """From the schedule to the network's input."""
        return ENTRY if self.update_delay else 0

    @cached_property
    def loop(self) -> int:
        """From a perturbed evaluation to the clock in which its u is on the bus."""
        return self.evaluation + self.bus

    @cached_property
    def interval(self) -> int:
        """Initiation interval of the overlapped schedule: clocks a step."""
        return 2 // self.rails

    @cached_property
    def least_update_delay(self) -> int:
        """Smallest D at which no step waits."""
        return -(-self.needed // self.interval)

    def step(self, baseline: bool = True, perturb: bool = True) -> int:
        """Clocks of a step; at D = 0 update, step, baseline, perturbed, drain, accumulate."""
        if self.update_delay:
            return self.interval
        evaluated = baseline if self.baseline is None else self.baseline
        shifts = self.shifts if perturb else 1
        return shifts + 2 + evaluated + self.loop

    @cached_property
    def check_wait(self) -> int:
        """From the clock of a check's last sample to its cost."""
        return self.evaluation + 1

    @cached_property
    def check(self) -> int:
        """Clocks of a check: drain of the steps, all samples, their drain, decision."""
        drain = self.update_delay * self.interval
        return drain + self.all_samples + self.check_wait + 1

    @property
    def all_samples(self) -> int:
        """Clocks in which the samples of a check enter the network."""
        return self.samples

    @cached_property
    def initialisation(self) -> int:
        """Clocks from start to the first step: clear, then shifts and updates for every bit."""
        return 1 + len(self.init_bursts) * self.cells + 2 * sum(self.init_bursts)

    def durations(self) -> tuple[int, ...]:
        """Clocks that each phase takes, by its number; DONE is where a run's clocks end."""
        lengths = {
            Phase.CHECK: self.all_samples,
            Phase.CHECK_WAIT: self.check_wait,
            Phase.WAIT: 1 if self.update_delay else self.loop - 1,
            Phase.DONE: 0,
        }
        return tuple(lengths.get(phase, 1) for phase in Phase)


@dataclass(frozen=True)
class FoldedTiming(Timing):
    """The same for a folded engine: `layers` are the clocks of a pass in each layer.

    Parameters
    ----------
    fill : int
        From a strobe that fills in a bit of the initial θ to its end.
    """

    fill: int

    @classmethod
    def of_folded(cls, config: Config) -> FoldedTiming:
        """Compute the budget of a config with a folded engine."""
        spec = derive.folded(config)
        start, *layers = spec.layer_clocks
        return cls(
            layers=(spec.pass_start + start, *layers),
            offsets=(0,) * len(spec.layers),
            cost=derive.cost(config).latency + ChangeSpec.register_latency,
            bus=ChangeSpec.latency,
            samples=len(config.data),
            cells=spec.parameters,
            init_bursts=(1,) * spec.init_bits,
            baseline=False,  # it shares a pass with the perturbed one
            update_delay=0,
            rails=1,
            accumulate=False,
            shifts=1,
            needed=0,
            broadcast=0,
            fill=spec.init_clocks,
        )

    @cached_property
    def check_wait(self) -> int:
        """From the cost of a check's last sample to its score."""
        return 1

    @property
    def all_samples(self) -> int:
        """Clocks in which the samples of a check are evaluated: a pass for each."""
        return self.samples * (self.evaluation + 1)

    @cached_property
    def initialisation(self) -> int:
        """Clocks from start to the first step: a fill for every bit."""
        return 1 + len(self.init_bursts) * self.fill

    def durations(self) -> tuple[int, ...]:
        """Clocks that each phase takes; cells fill in a bit of θ one after the other."""
        own = {
            Phase.INIT_ACCUMULATE: 0,
            Phase.INIT_UPDATE: self.fill - self.cells,
            Phase.BASELINE: 0,
        }
        return tuple(own.get(Phase(k), clocks) for k, clocks in enumerate(super().durations()))
