"""A device: a trainer on a board, or on a virtual one, through its registers."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from host import golden
from host.identity import require_gateware
from host.link import Registers, Write
from host.loading import Loader, checked
from host.supply import Supply
from model.folded import copies, places
from model.number.fixed import Ints
from model.plant.score import score
from model.trainer import Run, Trainer
from spec import derive
from spec.config import Config
from spec.map import (
    MAP,
    TAG_PLACE,
    TRACE_DEPTH,
    Control,
    address_of,
    in_map,
)
from spec.plant import Engine
from spec.registers import registers
from spec.tasks import Dataset

PERTURB, NEGATE, HOLD, FIRST, COUNT = (1 << k for k in range(5))
"""Bits of a tag."""

POLL_S = 0.02
"""Between two looks at a device that is busy."""


@dataclass(frozen=True)
class State:
    """What a device is doing.

    Attributes
    ----------
    busy, done, solved : bool
    phase, step : int
    correct, cost_sum : int
        Of the last check.
    checks : int
        Since start.
    u_saturated : int
        Steps since start whose u was as large as it can be.
    """

    busy: bool
    done: bool
    solved: bool
    phase: int
    step: int
    correct: int
    cost_sum: int
    checks: int
    u_saturated: int


def signed(word: int, bits: int = 32) -> int:
    """Read bits as two's complement."""
    return word - (1 << bits) if word >> bits - 1 else word


def evaluation(sample: int, tag: int = COUNT) -> Write:
    """Return what evaluates a sample, as `Device.evaluate`."""
    return Write(address_of("evaluate"), [sample | tag << TAG_PLACE])


class Device:
    """A trainer with a link, known to be the gateware of a config.

    Parameters
    ----------
    registers : Registers
    config : Config
        What the device must be. Nothing is written before that is known.

    Raises
    ------
    InputError
        If it is something else; the message says what was expected and what was found.
    """

    def __init__(self, registers: Registers, config: Config) -> None:
        self.registers = registers
        self.config = config
        self.spec = derive.bank(config)
        self.folded = derive.folded(config) if config.build.engine is Engine.FOLDED else None
        self.ring = bool(derive.ring(config))
        self._supply: Supply | None = None
        self._broken_off = False
        require_gateware(registers, config)

    # Registers

    def get(self, name: str) -> int:
        """Read a word of the map, unsigned; of a register, its value."""
        return self.registers.read(address_of(name))[0] - in_map(name, 0)

    def put(self, name: str, value: int) -> None:
        """Write a register's value, or a command."""
        self.registers.write(address_of(name), [in_map(name, value) & 0xFFFF_FFFF])

    @property
    def clock_hz(self) -> int:
        """The trainer's clock."""
        return self.get("clock_hz")

    def state(self) -> State:
        """Look at what it is doing. It changes nothing."""
        first = address_of("state")
        found = self.registers.read(first, address_of("checks") - first + 1)
        bits = found[0]
        word = {
            name: found[MAP[name].address - first]
            for name in ("step", "correct", "cost_sum", "checks", "u_saturated")
        }
        return State(
            bool(bits & 1), bool(bits & 2), bool(bits & 4), bits >> 4 & 15, **word
        )  # fmt: skip

    # Running

    def configure(self, config: Config | None = None) -> None:
        """Write all registers as a config asks for; the device must not be busy."""
        kept = registers(config or self.config)
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
        step = self.state().step if self.ring else 0
        self.put("control", Control.RESUME)
        self._begun(step)

    def _begun(self, step: int) -> None:
        self._broken_off = False
        self._supply = Supply(self, step) if self.ring else None

    def wait(self, progress: Callable[[State], None] | None = None) -> State:
        """Wait for the end of a run, and tell `progress` what is going on.

        Meanwhile samples are brought, if not all are there.
        """
        while True:
            state = self.state()
            if progress:
                progress(state)
            if not state.busy and state.done:
                return state
            if self._supply is None:
                time.sleep(POLL_S)
                continue
            look = time.monotonic() + POLL_S
            while self._supply.fill() and time.monotonic() < look:
                pass

    def run(self, seed: int, progress: Callable[[State], None] | None = None) -> Run:
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
        if self.folded is None:
            return self._window("theta", self.config.parameters)
        chosen = [[Write(address_of("lane"), [lane])] for lane in range(self.folded.lanes)]
        lanes = [self._window("words", self.folded.words, lane) for lane in chosen]
        addresses, which = places(self.folded)
        return np.stack(lanes)[which, addresses]

    def G(self) -> Ints:
        """Read G, shape (P,), in LSBs of θ; 0 where there is none."""
        if self.folded is not None:
            return np.zeros(self.config.parameters, dtype=np.int64)
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
        if self.folded is not None:
            self._store(checked(theta, self.config))
            return
        loader = Loader(self.config)
        writes = loader.load(theta)
        self.registers.write_all(writes if places is None else writes + loader.fill(places))

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

    def load_initial(self, seed: int, theta: Ints) -> None:
        """Begin a run at a given θ, with everything else as from the seed; it waits at step 0."""
        places = None if self.folded else self._initial_places(seed)
        self.stop()
        self.configure(self.config.with_training(seed=seed))
        self.start(pause=True)
        self.wait()
        self.load(theta, places)

    def _initial_places(self, seed: int) -> list[int]:
        """Return what the line holds once the initial θ is made."""
        trainer = Trainer(self.config, [seed])
        for _ in trainer.initialise():
            pass
        return trainer.code.places()

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
