"""The driver of a device, whatever it trains."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import numpy as np

from host.identity import require_gateware
from host.link import Registers, Write
from host.loading import Loader
from host.state import State, signed
from model.loop import Loop
from model.number.fixed import Ints
from model.run import Run
from spec.map import MAP, TRACE_DEPTH, Control, address_of, in_map
from spec.registers import Register
from spec.trained import Trained

POLL_S = 0.02
"""Between two looks at a device that is busy."""


C = TypeVar("C", bound=Trained)
S = TypeVar("S", bound=State)


class Driver(Generic[C, S]):
    """A trainer with a link, known to be the gateware of a config.

    Parameters
    ----------
    registers : Registers
    config : Config or ExternalConfig
        What the device must be. Nothing is written before that is known.

    Raises
    ------
    InputError
        If it is something else; the message says what was expected and what was found.
    """

    def __init__(self, registers: Registers, config: C) -> None:
        self.registers = registers
        self.config = config
        self._broken_off = False
        require_gateware(registers, self._constants())

    # What a kind of device says of itself

    golden: type[Loop[Any, Any]]
    """The golden trainer of its config."""

    unsolvable: tuple[str, int]
    """A register and a value by which no run is solved."""

    def _constants(self) -> Mapping[str, int]:
        """Return the map's constants for the config, with any clock."""
        raise NotImplementedError

    def _registers(self, config: C) -> Sequence[Register]:
        """Return the registers of a config."""
        raise NotImplementedError

    def _look(self) -> S:
        """Read the status words."""
        raise NotImplementedError

    def _initial_places(self, seed: int) -> list[int]:
        """Return what the line holds once the initial θ is made."""
        return self.initialised(seed).code.places()

    def result(self, seed: int, state: S) -> Run:
        """Return the run that has ended."""
        raise NotImplementedError

    def upload(self) -> None:
        """Write the config's samples, where they are in a memory that can be written."""

    def remark(self) -> str:
        """Return what is to be said of a run besides its cost."""
        return ""

    # Registers

    def get(self, name: str) -> int:
        """Read a word of the map, unsigned; of a register, its value."""
        return self.registers.read(address_of(name))[0] - in_map(name, 0)

    def put(self, name: str, value: int) -> None:
        """Write a register's value, or a command."""
        self.registers.write(address_of(name), [in_map(name, value) & 0xFFFF_FFFF])

    def words(self, first: str, last: str) -> dict[str, int]:
        """Read the words from an entry to another one, by name."""
        start = address_of(first)
        found = self.registers.read(start, address_of(last) - start + 1)
        return {
            name: found[entry.address - start]
            for name, entry in MAP.items()
            if 0 <= entry.address - start < len(found)
        }

    @property
    def clock_hz(self) -> int:
        """The trainer's clock."""
        return self.get("clock_hz")

    def state(self) -> S:
        """Look at what it is doing. It changes nothing."""
        return self._look()

    # Running

    @property
    def kept(self) -> Sequence[Register]:
        """The registers, with the values that the config asks for."""
        return self._registers(self.config)

    def configure(self, config: C | None = None) -> None:
        """Write all registers as a config asks for; the device must not be busy."""
        kept = self._registers(config or self.config)
        self.registers.write_all(
            [Write(address_of(r.name), [in_map(r.name, r.value)]) for r in kept]
        )

    def stop(self) -> None:
        """End the run at its next step, and wait for that; nothing if there is none.

        Where samples come while it trains, there is no check then.
        """
        while self.state().busy:
            self._broken_off = True
            self.put("control", Control.STOP)
            time.sleep(POLL_S)

    def start(self, *, pause: bool = False) -> None:
        """Start over from the seed; with `pause`, only make the initial θ."""
        self.put("control", Control.PAUSE if pause else Control.START)
        self._begun(0)

    def resume(self) -> None:
        """Go on where a run ended, up to `steps`."""
        step = self.state().step
        self.put("control", Control.RESUME)
        self._begun(step)

    def _begun(self, step: int) -> None:
        """Know that a run goes on from a step."""
        self._broken_off = False

    def _meanwhile(self) -> None:
        """Do what is to be done between two looks at a run."""
        time.sleep(POLL_S)

    def wait(self, progress: Callable[[S], None] | None = None) -> S:
        """Wait for the end of a run, and tell `progress` what is going on."""
        while True:
            state = self.state()
            if progress:
                progress(state)
            if not state.busy and state.done:
                return state
            self._meanwhile()

    def run(self, seed: int, progress: Callable[[S], None] | None = None) -> Run:
        """Train from a seed to the end, by the config's registers.

        Returns
        -------
        Run
            Without its clocks, which a device does not count: 0.
        """
        self.stop()
        self.configure(self.config.with_training(seed=seed))
        self.start()
        return self.result(seed, self.wait(progress))

    def trace(self, first: int = 0) -> list[tuple[int, int]]:
        """Return (check, cost_sum) of the checks from `first` on that are still kept.

        A run may go on meanwhile: what was replaced while it was read is left out.
        """
        end = self.checks()
        count = min(end - first, TRACE_DEPTH)
        if count <= 0:
            return []
        place = (end - count) % TRACE_DEPTH
        early = self.registers.read(address_of("trace", place), min(count, TRACE_DEPTH - place))
        rest = count - len(early)
        words = early + (self.registers.read(address_of("trace"), rest) if rest else [])
        kept = self.checks() - TRACE_DEPTH
        return [(k, words[k - end]) for k in range(max(end - count, kept), end)]

    def checks(self) -> int:
        """Count the checks since start; the device's own counter has 16 bits."""
        state = self.state()
        about = state.step // max(1, self.get("check_every"))
        return about + signed(state.checks - about & 0xFFFF, 16)

    # Windows

    def theta(self) -> Ints:
        """Read θ, shape (P,), in LSBs. While it trains, parameters are of different steps."""
        return self._window("theta", self.config.parameters)

    def G(self) -> Ints:
        """Read G, shape (P,), in LSBs of θ; 0 where there is none."""
        return self._window("G", self.config.parameters)

    def _window(self, name: str, count: int, before: Sequence[Write] = ()) -> Ints:
        """Read words, after some writes."""
        address = address_of(name)
        if before:
            found = self.registers.write_then_read(before, address, count)
        else:
            found = self.registers.read(address, count)
        return np.array(found, dtype=np.uint32).astype(np.int32).astype(np.int64)

    def initial(self) -> Ints:
        """Make the initial θ of the config's seed, wait at step 0, and read it."""
        self.configure()
        self.start(pause=True)
        self.wait()
        return self.theta()

    def load(self, theta: Ints, places: Sequence[int] | None = None) -> None:
        """Set θ; the device must not be busy.

        Parameters
        ----------
        theta : array of int, shape (P,)
            In LSBs.
        places : sequence of int, optional
            What the line of perturbations is to hold afterwards; by default whatever it does. In
            words it stays as it is.

        Raises
        ------
        InputError
            If θ has another shape, or is out of its format.
        """
        loader = Loader(self.config)
        writes = loader.load(theta)
        self.registers.write_all(writes if places is None else writes + loader.fill(places))

    def initialised(self, seed: int) -> Loop[Any, Any]:
        """Return the golden trainer once the initial θ is made."""
        trainer = self.golden(self.config, [seed])
        for _ in trainer.initialise():
            pass
        return trainer

    def load_initial(self, seed: int, theta: Ints) -> None:
        """Begin a run at a given θ, with everything else as from the seed; it waits at step 0."""
        places = self._initial_places(seed)
        self.stop()
        self.configure(self.config.with_training(seed=seed))
        self.start(pause=True)
        self.wait()
        self.load(theta, places)


AnyDriver = Driver[Any, Any]
