"""A device: a trainer on a board, or on a virtual one, through its registers."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from host import driver, golden
from host.driver import Driver
from host.link import Registers, Write
from host.loading import checked
from host.state import signed
from host.supply import Supply
from model.folded import copies, places
from model.number.fixed import Ints
from model.plant.score import score
from model.trainer import Run, Trainer
from spec import derive
from spec.config import Config
from spec.identity import constants
from spec.map import TAG_PLACE, address_of
from spec.plant import Engine
from spec.registers import UNSOLVABLE, Register
from spec.registers import registers as registers_of
from spec.tasks import Dataset

PERTURB, NEGATE, HOLD, FIRST, COUNT = (1 << k for k in range(5))
"""Bits of a tag."""


@dataclass(frozen=True)
class State(driver.State):
    """What a device is doing: besides what all do, `correct`, the last check's correct samples."""

    correct: int


def evaluation(sample: int, tag: int = COUNT) -> Write:
    """Return what evaluates a sample, as `Device.evaluate`."""
    return Write(address_of("evaluate"), [sample | tag << TAG_PLACE])


class Device(Driver[Config, State]):
    """A trainer of one of our networks with a link; parameters and errors are those of `Driver`."""

    golden = Trainer
    unsolvable = "solved_correct", UNSOLVABLE

    def __init__(self, registers: Registers, config: Config) -> None:
        self.folded = derive.folded(config) if config.build.engine is Engine.FOLDED else None
        self.ring = bool(derive.ring(config))
        self._supply: Supply | None = None
        super().__init__(registers, config)

    def _constants(self) -> Mapping[str, int]:
        return constants(self.config, 0)

    def _registers(self, config: Config) -> Sequence[Register]:
        return registers_of(config)

    def _look(self) -> State:
        return State.of(self.words("state", "checks"))

    def _begun(self, step: int) -> None:
        super()._begun(step)
        self._supply = Supply(self, step) if self.ring else None

    def _meanwhile(self) -> None:
        """Bring samples, if not all are there."""
        if self._supply is None:
            super()._meanwhile()
            return
        look = time.monotonic() + driver.POLL_S
        while self._supply.fill() and time.monotonic() < look:
            pass

    def result(self, seed: int, state: State) -> Run:
        """Return the run that has ended.

        If it had to stop without a check, the score is what the golden network finds.
        """
        theta, correct, cost_sum = self.theta(), state.correct, state.cost_sum
        if self.ring and self._broken_off:
            config, data = self.config, self.config.data
            y, t = golden.outputs(config, theta, data), np.array(data.t)
            found = score(derive.cost(config), y[None], t, np.array(data.classes))
            correct, cost_sum = int(found.correct[0]), int(found.cost_sum[0])
        return Run(seed, state.solved, state.step, 0, correct, cost_sum, theta, self.waited())

    def waited(self) -> int | None:
        """Clocks for which the last run waited for samples; None where all of them are there."""
        return self.get("waited") if self.ring else None

    # Windows

    def theta(self) -> Ints:
        """Read θ, shape (P,), in LSBs. While it trains, parameters are of different steps."""
        if self.folded is None:
            return super().theta()
        chosen = [[Write(address_of("lane"), [lane])] for lane in range(self.folded.lanes)]
        lanes = [self._window("words", self.folded.words, lane) for lane in chosen]
        addresses, which = places(self.folded)
        return np.stack(lanes)[which, addresses]

    def G(self) -> Ints:
        """Read G, shape (P,), in LSBs of θ; 0 where there is none."""
        if self.folded is not None:
            return np.zeros(self.config.parameters, dtype=np.int64)
        return super().G()

    def load(self, theta: Ints, places: Sequence[int] | None = None) -> None:
        """As that of `Driver`; in words, the line of perturbations stays as it is."""
        if self.folded is not None:
            self._store(checked(theta, self.config))
            return
        super().load(theta, places)

    def _store(self, theta: Ints) -> None:
        """Store θ word by word; words that belong to no parameter become 0."""
        assert self.folded is not None
        words = np.zeros((self.folded.lanes, self.folded.words), dtype=np.int64)
        addresses, lanes, parameters = copies(self.folded)
        words[lanes, addresses] = theta[parameters]
        for lane, held in enumerate(words & 0xFFFF_FFFF):
            self.registers.write_all(
                [Write(address_of("lane"), [lane]), Write(address_of("words"), held.tolist())]
            )

    def _initial_places(self, seed: int) -> list[int]:
        return [] if self.folded is not None else super()._initial_places(seed)

    def upload(self, data: Dataset | None = None) -> None:
        """Write samples, the config's by default; the device must not be busy.

        Parameters
        ----------
        data : Dataset, optional
            Of the config's shape, and no more than the sample memory holds; those that they leave
            stay as they are. The config's are not written if they come while it trains.
        """
        if data is None and self.ring:
            return
        samples = derive.samples(self.config)
        if data is not None:
            samples = replace(samples, data=data)
        packed = [word for row in samples.word_rows() for word in row]
        self.put("row", 0)
        self.registers.write(address_of("sample_data"), packed, same=True)

    def evaluate(self, sample: int, tag: int = COUNT) -> tuple[int, list[int]]:
        """Evaluate a sample; the device must not be busy.

        Parameters
        ----------
        sample : int
        tag : int
            Bits of `hdl.optimizer.bus.Tag`; by default an unperturbed one, which counts.

        Returns
        -------
        cost : int
            In LSBs of 2**-cost_bits.
        y : list of int
            Outputs, in LSBs of 2**-activation_bits.
        """
        y = self.outputs([evaluation(sample, tag)])
        return signed(self.get("C")), y

    def costs(self, writes: Sequence[Write]) -> tuple[int, int]:
        """Make writes, of which the last one evaluates; return its cost, and the one held."""
        cost, held = self.registers.write_then_read(writes, address_of("C"), 2)
        return signed(cost), signed(held)

    def outputs(self, writes: Sequence[Write]) -> list[int]:
        """Make writes, of which the last one evaluates; return its outputs."""
        count = self.config.data.outputs
        found = self.registers.write_then_read(writes, address_of("y"), count)
        return [signed(word) for word in found]
