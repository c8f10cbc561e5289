"""A virtual board with a plant's model at its pins."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from sim.board_bench import BoardBench
from sim.external.pin_bench import PinBench
from sim.external.pins import Answer


@dataclass(frozen=True, kw_only=True)
class PlantBoardBench(BoardBench):
    """The bench around a board's top with pins for a plant.

    A word more on the command line: `+peer=N`, the number of a socket, by which Python is told of
    the pins, and drives them, as `PinBench` says.

    Parameters
    ----------
    pins : PinBench
    """

    pins: PinBench

    def _words(self) -> dict[str, str]:
        pins = self.pins
        return super()._words() | {
            "@FUNCTIONS@": FUNCTIONS,
            "@BEGIN@": BEGIN.replace("@ROW@", pins.row)
            .replace("@WAS@", pins.keep(4 * " ", "auto "))
            .replace("@TELL@", pins.tell(8 * " "))
            .replace("@DRIVE@", pins.drive(8 * " "))
            .replace("@KEEP@", pins.keep(8 * " ")),
            "@CLOCK@": f"            if (now >= wake || {pins.differs}) react();\n",
        }


RUN_BEGINS = "run_begins"
"""An output of a virtual board besides the plant's pins: whether a run starts over."""

FUNCTIONS = """
// What is told of a plant's pins.
FILE* peer;
void put(uint64_t value, int words) { std::fwrite(&value, 4, words, peer); }
void put(const uint32_t* value, int words) { std::fwrite(value, 4, words, peer); }
"""

BEGIN = """\
    uint64_t wake = 0;
    @ROW@
@WAS@
    const int number = std::stoi(words(count, values, "+peer="));
    peer = fdopen(number, "wb");
    FILE* const answers = fdopen(dup(number), "rb");
    const auto react = [&] {
        std::fwrite(&now, sizeof now, 1, peer);
@TELL@
        std::fflush(peer);
        if (std::fread(row, sizeof row, 1, answers) != 1) std::exit(4);
        wake = row[0];
@DRIVE@
        top.eval();
@KEEP@
    };
"""


class PlantAtWork:
    """A plant at the pins of a virtual board, in a thread that ends with this context.

    As for any run in simulation, its model is made anew when one begins.

    Parameters
    ----------
    pins : PinBench
    plant : Answer

    Attributes
    ----------
    peer : socket
        For a `VirtualBoard`.

    Raises
    ------
    RuntimeError
        At the end, if the plant's model failed, which has ended the board.
    """

    def __init__(self, pins: PinBench, plant: Answer) -> None:
        self._pins, self._plant = pins, plant
        self._ours, self.peer = socket.socketpair()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._error: Exception | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.peer.close()
        self._thread.join()
        if self._error:
            raise self._error

    def _work(self) -> None:
        """React until the board has ended."""
        pins, inputs = self._pins, dict.fromkeys((name for name, _ in self._pins.inputs), 0)
        with self._ours, self._ours.makefile("rb") as told:
            while len(raw := told.read(pins.told_bytes)) == pins.told_bytes:
                clock, outputs = pins.told(raw)
                try:
                    if outputs[RUN_BEGINS]:
                        self._plant.renew()
                    changed, wake = self._plant.react(clock, outputs)
                except Exception as error:  # it is the user's, and may raise anything
                    self._error = error
                    return
                inputs |= changed
                try:
                    self._ours.sendall(pins.answer(wake, inputs))
                except OSError:  # it ends just now
                    return
