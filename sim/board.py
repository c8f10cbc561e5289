"""A board in simulation behind a pseudo-terminal, as real ones are behind a serial port."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from sim import simulators
from sim.board_bench import BoardBench
from sim.board_line import DIRECTIONS, KINDS
from sim.simulators import Simulator
from spec.errors import InputError

LINGER = 200_000
"""Clocks for which a board goes on after the last byte: more than a frame's time-out."""


@dataclass(frozen=True)
class Fault:
    """What happens to bytes on their way.

    Parameters
    ----------
    direction : str
        'to board' or 'to host'.
    kind : str
        'drop'; 'double'; 'flip' a bit; 'delay', and all that follow; 'swap' with the next; or
        'unplug', in which that byte is lost too.
    at : int, optional
        Number of the byte, the first being 0. Without it, any byte may be hit.
    probability : float
        Of each byte, if there is no `at`.
    argument : int, optional
        How many bytes to drop (1) from `at` on; which bit to flip (any); how many clocks to delay
        (0).
    """

    direction: str
    kind: str
    at: int | None = None
    probability: float = 0.0
    argument: int | None = None

    def word(self) -> str:
        """Return it as the bench is told.

        Raises
        ------
        InputError
            If there is no such direction or kind, or the probability is none.
        """
        if self.direction not in DIRECTIONS:
            raise InputError(f"direction {self.direction!r}: must be one of {DIRECTIONS}")
        if self.kind not in KINDS:
            raise InputError(f"kind {self.kind!r}: must be one of {KINDS}")
        if not 0 <= self.probability <= 1:
            raise InputError(f"probability {self.probability}: must be from 0 to 1")
        default = {"drop": 1, "flip": 8}.get(self.kind, 0)
        numbers = (
            DIRECTIONS.index(self.direction),
            KINDS.index(self.kind),
            -1 if self.at is None else self.at,
            repr(float(self.probability)),
            default if self.argument is None else self.argument,
        )
        return "+fault=" + ",".join(map(str, numbers))


class VirtualBoard:
    """A design at work in a process of its own, which ends with this context.

    It runs as fast as it can while bytes come and go or something goes on, and sleeps otherwise.

    Parameters
    ----------
    source : str
        Verilog of the board's top, with the top module `simulators.TOP`.
    clocks_per_bit : float
        Of the serial port; need not be whole.
    bench : BoardBench
        The design's ports.
    folder : Path
        Where builds are kept.
    faults : sequence of Fault
    seed : int
        Of faults by chance.
    linger : int
        Clocks for which it goes on after the last byte.
    peer : socket, optional
        What the bench is to talk to besides, which is closed here.

    Raises
    ------
    InputError
        If the simulator is missing, or a fault is wrong.
    RuntimeError
        If the simulator refuses the source.
    """

    def __init__(
        self,
        source: str,
        clocks_per_bit: float,
        *,
        bench: BoardBench,
        folder: Path,
        faults: Sequence[Fault] = (),
        seed: int = 0,
        linger: int = LINGER,
        peer: socket.socket | None = None,
    ) -> None:
        words = [f"+clocks={clocks_per_bit!r}", f"+seed={seed}", f"+linger={linger}"]
        words += [fault.word() for fault in faults]
        build = simulators.build(source, bench, Simulator.VERILATOR, folder)
        self._bench = bench
        with contextlib.ExitStack() as stack, peer or contextlib.nullcontext():
            if peer:
                words.append(f"+peer={peer.fileno()}")
            place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mgd-")))
            self._link = place / "tty"
            self._process = subprocess.Popen(
                [build / "simulation", f"+link={self._link}", *words],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                encoding="ascii",
                pass_fds=[peer.fileno()] if peer else [],
                start_new_session=True,  # Ctrl-C is for who talks to it: there are weights to read
            )
            stack.callback(self._end)
            self._hear()
            self._stack = stack.pop_all()

    @property
    def port(self) -> str:
        """Path of the serial port; it stays the same when it is unplugged and plugged in again."""
        return str(self._link)

    @property
    def pid(self) -> int:
        """Number of its process."""
        return self._process.pid

    def unplug(self) -> None:
        """Take the cable out; the board goes on."""
        self._say("unplug")
        while self._link.is_symlink():
            self._alive()
            time.sleep(0.001)

    def plug(self) -> None:
        """Put the cable in again, if it is out."""
        if not self._link.is_symlink():
            self._say("plug")
            self._hear()

    def set(self, name: str, value: int) -> None:
        """Set another input of the design, such as a button."""
        _require(name, self._bench.inputs)
        self._say(f"set {name} {value}")

    def get(self, name: str) -> int:
        """Return the value of another output of the design, such as a lamp."""
        _require(name, self._bench.outputs)
        self._say(f"get {name}")
        return int(self._hear())

    def rises(self, name: str) -> int:
        """Return how often another output of the design has become 1 since power-up."""
        _require(name, self._bench.outputs)
        self._say(f"rises {name}")
        return int(self._hear())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()

    def _say(self, line: str) -> None:
        self._alive()
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # `_hear` says it
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()

    def _hear(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            self._alive()
        return line

    def _alive(self) -> None:
        status = self._process.poll()
        if status is not None:
            raise RuntimeError(f"the virtual board ended early (status {status})")

    def _end(self) -> None:
        try:
            self._process.communicate(timeout=5)  # it ends with its standard input
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()


def _require(name: str, known: tuple[str, ...]) -> None:
    if name not in known:
        raise InputError(f"port {name!r}: must be one of {', '.join(known)}")
