"""Clock budget of an optimizer for an external plant."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from spec.external import derive
from spec.external.config import ExternalConfig
from spec.optimizer import ChangeSpec, MemoryBankSpec
from spec.phase import Phase
from spec.timing import Timing


@dataclass(frozen=True)
class ExternalTiming(Timing):
    """The same for an external plant that never lets it wait: `layers` are the clocks of exchange.

    A step takes the longer, the longer the plant does.

    Parameters
    ----------
    sweep : int
        Clocks of an update: 1, or those of a sweep through memory, in which words accumulate too.
    """

    sweep: int = 1

    @classmethod
    def of_external(cls, config: ExternalConfig) -> ExternalTiming:
        """Compute the budget of a config."""
        spec, exchange = derive.schedule(config), derive.exchange(config)
        bank = derive.bank(config)
        largest = spec.bus.bits - 2
        return cls(
            layers=(exchange.clocks,),
            offsets=(0,),
            cost=ChangeSpec.register_latency,
            bus=ChangeSpec.latency,
            samples=config.samples,
            cells=config.parameters,
            init_bursts=tuple(1 << max(0, bit - largest) for bit in range(spec.init_bits)),
            baseline=True if spec.antithetic else False if spec.analog else None,
            update_delay=0,
            rails=1,
            accumulate=config.build.accumulate,
            shifts=spec.shifts,
            needed=0,
            broadcast=0,
            sweep=bank.sweep if isinstance(bank, MemoryBankSpec) else 1,
        )

    def step(self, baseline: bool = True, perturb: bool = True) -> int:
        """Clocks of a step: update, shifts, evaluations, u, accumulate."""
        evaluated = baseline if self.baseline is None else self.baseline
        shifts = self.shifts if perturb else 1
        return self.sweep + shifts + (1 + evaluated) * self.evaluation + self.bus + 1

    @cached_property
    def initialisation(self) -> int:
        """Clocks from start to the first step: clear, then shifts and updates for every bit."""
        return 1 + len(self.init_bursts) * self.cells + (1 + self.sweep) * sum(self.init_bursts)

    @cached_property
    def check_wait(self) -> int:
        """From the answer of a check's last sample to its score."""
        return 1

    @property
    def all_samples(self) -> int:
        """Clocks in which the samples of a check are evaluated, one after the other."""
        return self.samples * self.evaluation

    def durations(self) -> tuple[int, ...]:
        """Clocks that each phase takes, by its number."""
        evaluations = (Phase.BASELINE, Phase.OPPOSITE, Phase.PERTURBED)
        own = dict.fromkeys(evaluations, self.evaluation) | {Phase.WAIT: self.bus}
        own |= dict.fromkeys((Phase.UPDATE, Phase.INIT_UPDATE), self.sweep)
        return tuple(own.get(Phase(k), clocks) for k, clocks in enumerate(super().durations()))
