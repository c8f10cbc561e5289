"""Plants that misbehave, and a bench that starts a run as often as wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sim.external.pins import Answer
from sim.external.session import Session
from sim.external.train import Build
from sim.external.weight_pins import Inputs, Outputs
from sim.packing import integer, unpack
from spec.external.config import ExternalConfig
from spec.external.registers import probe, values


class Early(Answer):
    """A plant whose conversions also come while weights are still on their way."""

    def react(self, clock: int, outputs: Outputs) -> tuple[Inputs, int]:
        if outputs["evaluate"] < self._evaluates:
            self.convert(clock + 1, 1, outputs["round"])
            self.rest(clock + 2)
        return super().react(clock, outputs)


class Twice(Answer):
    """A plant that says everything again."""

    def ask(self, clock: int, outputs: Outputs) -> None:
        super().ask(clock, outputs)
        after = clock + self.spec.settling + self.spec.conversions
        self.convert(after, 0, outputs["round"])
        self.rest(after + 1)


class WrongRound(Answer):
    """A plant that answers the evaluation before, too."""

    def ask(self, clock: int, outputs: Outputs) -> None:
        settled = clock + self.spec.settling
        self.convert(settled, 0, (outputs["round"] - 1) % 256)
        super().ask(clock + 1, outputs)


class SlowToRest(Answer):
    """A plant whose `settled` falls late."""

    def later(self, clock: int, **pins: int) -> None:
        super().later(clock + (pins.get("settled") == 0) * 9, **pins)


class Wired(Answer):
    """A plant that knows no rounds, and has `round` wired to `cost_round`."""

    def react(self, clock: int, outputs: Outputs) -> tuple[Inputs, int]:
        inputs, wake = super().react(clock, outputs)
        return inputs | {"cost_round": outputs["round"]}, wake


class Forgetful(Answer):
    """A plant that loses all weights, and does not answer, now and then."""

    def ask(self, clock: int, outputs: Outputs) -> None:
        if self.asked % 5 == 3:
            self.pins.words[:] = 1
        else:
            super().ask(clock, outputs)


class Falters(Answer):
    """A plant that does not answer from some evaluation on, in one of several ways."""

    def __init__(self, config: ExternalConfig, how: str, after: int) -> None:
        super().__init__(config)
        self.how, self.after = how, after

    def react(self, clock: int, outputs: Outputs) -> tuple[Inputs, int]:
        inputs, wake = super().react(clock, outputs)
        if self.asked >= self.after:
            if self.how == "not ready":
                inputs["weight_ready"] = 0
            elif self.how == "stuck high":
                inputs["settled"] = 1
        return inputs, wake

    def ask(self, clock: int, outputs: Outputs) -> None:
        if self.asked < self.after or self.how in ("not ready", "stuck high"):
            super().ask(clock, outputs)


class Bench:
    """A simulated optimizer, to be started more than once.

    Parameters
    ----------
    build : Build
    config : ExternalConfig
    """

    def __init__(self, build: Build, config: ExternalConfig) -> None:
        self.config = config
        self.session = Session(build.folder, build.bench)

    def play(
        self,
        plant: Answer,
        stop: Callable[[int, Outputs], bool] = lambda clock, outputs: False,
        most: int = 100_000,
    ) -> dict[str, int]:
        """Make a run; return the outputs at its end, or after so many clocks."""
        start = values(self.config) | {"start": 1}
        clock, outputs = self.session.run(0, start)
        end = clock + most
        while not outputs["done"] and clock < end:
            inputs, wake = plant.react(clock, outputs)
            inputs |= {"start": 0, "stop": int(stop(clock, outputs))}
            clock, outputs = self.session.run(min(wake, clock + 500), inputs)
        return outputs

    def theta(self) -> np.ndarray:
        """End, and return θ."""
        state: Any = unpack(probe(self.config), integer(self.session.last()))
        return np.array(state["theta"])
