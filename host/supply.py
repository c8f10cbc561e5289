"""Samples that a device gets while it trains, in the order in which it takes them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from host.link import Write
from model.optimizer.schedule import Schedule
from model.plant.samples import SampleMemory
from spec import derive
from spec.config import Config
from spec.link import MAX_WORDS, request_bytes
from spec.map import address_of
from spec.timing import Timing

if TYPE_CHECKING:
    from host.device import Device

COUNTED = 1 << 16
"""A device counts samples modulo this."""


def order(config: Config, registers: dict[str, int], first: int = 0) -> Iterator[int]:
    """Yield the numbers of the samples that a run takes, up to its last step.

    A check takes all of them, and after one, or where a run goes on, the current one is taken
    again. A run that is solved takes fewer.

    Parameters
    ----------
    config : Config
    registers : dict
        Their values, as `spec.registers` has them.
    first : int
        The step from which on the run is made.
    """
    schedule = Schedule(derive.optimizer(config), registers)
    memory = SampleMemory(derive.samples(config), [registers["seed"]])
    again = True
    while True:
        if schedule.check() and schedule.n > first:
            yield from range(len(config.data))
            again = True
        if schedule.last():
            return
        due = schedule.sample()
        if due:
            memory.advance()
        if schedule.n >= first and (due or again):
            yield int(memory.index[0])
            again = False
        schedule.next_step()


class Supply:
    """Brings samples to a device whose run has just begun, or goes on.

    What the device has taken is asked for with the samples that are sent, so that an exchange
    brings as many as there was room for at the one before.

    Parameters
    ----------
    device : Device
    first : int
        The step that it begins with.

    Attributes
    ----------
    sent : int
        Samples.
    """

    def __init__(self, device: Device, first: int = 0) -> None:
        self.device, self.sent, self._used = device, 0, 0
        self._spec = derive.folded_samples(device.config)
        names = ("seed", "steps", "tau_p", "tau_x", "tau_theta", "eta_shift", "check_every")
        registers = {name: device.get(name) for name in names}
        self._order = order(device.config, registers, first)
        self._labels = self._spec.data.classes
        self._rows: dict[int, list[int]] = {}

    def fill(self) -> int:
        """Send as many samples as there is room for; return how many."""
        ready = (self.sent - self._used) % COUNTED
        numbers = list(islice(self._order, self._spec.slots - 1 - ready))
        words = [word for number in numbers for word in self._row(number)]
        written = [Write(address_of("sample_data"), words, same=True)] if words else []
        (self._used,) = self.device.registers.write_then_read(written, address_of("used"))
        self.sent += len(numbers)
        return len(numbers)

    def _row(self, number: int) -> list[int]:
        """Return the words of a sample."""
        if number not in self._rows:
            data = self._spec.data
            self._rows[number] = self._spec.packed(
                data.x[number], data.t[number], self._labels[number]
            )
        return self._rows[number]


def line_rate(config: Config) -> float:
    """Samples a second that the line brings at most."""
    words = derive.folded_samples(config).words
    frames, rest = divmod(words, MAX_WORDS)
    sent = frames * request_bytes(MAX_WORDS) + (request_bytes(rest) if rest else 0)
    return config.build.baud / (10 * sent)


def trainer_rate(config: Config, clock_hz: float) -> float:
    """Samples a second that a trainer uses if it never waits, those of checks included."""
    timing, training, samples = Timing.of(config), config.training, len(config.data)
    steps = training.check_every
    clocks = steps * timing.step() + timing.check
    return (steps / training.tau_x + samples) * clock_hz / clocks
