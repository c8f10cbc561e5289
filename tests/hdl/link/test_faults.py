"""Planted faults: the comparison with the model catches every one of them.

All are in one netlist, behind an input that chooses one (0 is none), so that there is one program
to make.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sim.simulators import Simulator
from spec.link import MAX_WORDS
from tests.chosen import FAULT
from tests.conftest import need
from tests.hdl.link import hostile
from tests.hdl.link.bench import FAST, QUIET, Event, Run, compiled, events, play
from tests.link import READ, SINK, SYNC, WRITE, request
from tests.planted import plant_choice, verilog


@dataclass(frozen=True)
class Fault:
    """What to write in place of which expression, in a file of `hdl/link/`."""

    name: str
    file: str
    right: str
    wrong: str


EXECUTOR, HEADER, LAST, LINK = "executor.py", "header.py", "last_write.py", "link.py"
SOUND = "complete & ~bad & cobs.code"
BAD = "bad | unknown | wrong"
UNKNOWN = "complete | ~(in_header | header.known)"
WRONG = "got ^ crc.crc_bit"
ABOVE = "address - self.advance.replicate(len(address))"
WORDS = "~remaining[:6].matches(*range(MAX_WORDS + 1, 64))"
FOLLOWS = "one_more & ~self.failed"
PUSH = "receiver.valid | receiver.error | pause.ends"
FAULTS = [
    Fault("CRC not checked", EXECUTOR, BAD, "bad | unknown"),
    Fault("length not checked", EXECUTOR, SOUND, "~bad & cobs.code"),
    Fault("end of COBS not checked", EXECUTOR, SOUND, "complete & ~bad"),
    Fault("half of the CRC checked", EXECUTOR, WRONG, f"count[1] & ({WRONG})"),
    Fault("tail not checked", EXECUTOR, UNKNOWN, "~(in_header | header.known)"),
    Fault("operation not checked", HEADER, "operation.matches(*Operation)", "1"),
    Fault("number of words not checked", HEADER, "(remaining[6:] == 0)", "1"),
    Fault("61 words", HEADER, WORDS, "~remaining[:6].matches(*range(MAX_WORDS + 2, 64))"),
    Fault("written before the CRC", EXECUTOR, "worded & executing", "worded"),
    Fault("written after a refusal", EXECUTOR, "~(executing & failed)", "1"),
    Fault("sequence not checked", LAST, FOLLOWS, "~self.failed"),
    Fault("executed after a failure", LAST, FOLLOWS, "one_more"),
    Fault("repetition executed", LAST, "equal & (status != self.NOT_SYNCED)", "0"),
    Fault(
        "executed before a sync",
        LAST,
        "status != Status.OK",
        "~status.matches(Status.OK, self.NOT_SYNCED)",
    ),
    Fault("failure forgotten", EXECUTOR, "end & executing", "0"),
    Fault("no time-out between bytes", LINK, PUSH, "receiver.valid | receiver.error"),
    Fault("stop bit not checked", LINK, PUSH, "receiver.valid | pause.ends"),
    Fault("no time-out of registers", EXECUTOR, "self.bus.done | patience.ends", "self.bus.done"),
    Fault("start bit not checked", "uart.py", "~low", "0"),
    Fault("long frames kept", EXECUTOR, "cobs.first | bad", "cobs.first"),
    Fault("queue too long", "queue.py", "self.push & ~full", "self.push"),
    Fault("address stays", HEADER, "~operation[2]", "0"),
    Fault("carry lost", HEADER, ABOVE, "Cat((address[:8] + 1)[:8], address[8:])"),
    Fault("last code missing", "cobs.py", "Mux(stuffed, self.last, more)", "Mux(stuffed, 0, more)"),
]


def planted(folder: Path) -> str:
    """Return Verilog of the link with all faults in it."""
    inner = {
        number: replace(fault, file=f"link/{fault.file}", right=f"«{fault.right}»")
        for number, fault in enumerate(FAULTS, 1)
    }
    plant_choice(folder, inner)
    return verilog(folder, "hdl.link.link", lambda copy: copy.Link(FAST), choice=True)


def caught(program: Path, number: int) -> bool:
    """Whether any of some streams shows a difference."""

    def played(stream: Sequence[tuple[Event, int]]) -> Run:
        return play(program, stream, number)

    sync, write = request(0, SYNC), request(1, WRITE, 0, [1, 2, 3])
    *_, code = hostile.codes(write)
    special = [
        [*events(sync + write[:9]), (Event.IDLE, hostile.PAUSE), *events(write)],
        # The frame ends before the next code.
        events(sync + write[:code] + bytes([write[code] + 1]) + write[code + 1 :] + write),
        events(request(1, WRITE, SINK, [1]) + request(0, WRITE, SINK, [2])),
        events(sync + request(1, WRITE, 0x3FE, [1] * 5) + write + request(2, WRITE, 0, [1])),
        events(request(1, READ, 0x4FF, 2) + sync + request(1, WRITE, 0x500, [1]) + write),
        events(b"\xff" * 700 + b"\0" + sync + write),
        events(sync + b"".join(request(k, WRITE, 0x80 * k - 1, [k] * 60) for k in range(1, 5))),
    ]
    streams = [*special, *(hostile.stream(seed, 60) for seed in range(6))]
    differs = (not hostile.agrees(played(stream), stream) for stream in streams)
    reads = [request(k, READ, 0, MAX_WORDS) for k in range(60)]
    full = [*events(b"".join(reads)), (Event.SETTLE, QUIET), *events(b"\0" + reads[0])]
    return any(differs) or overruns(played(full))


def overruns(run: Run) -> bool:
    """Whether requests were lost that fit into the queue, when others did not."""
    numbers = [frame[0] for frame in bytes(run.sent).split(b"\0") if frame]
    return numbers[1:40] != list(range(1, 40))


def test_every_fault_is_caught(tmp_path: Path, builds: Path) -> None:
    """And where there is none, nothing differs."""
    need(Simulator.VERILATOR)
    program = compiled(builds, source=planted(tmp_path), chosen=FAULT.name)
    assert not caught(program, 0)
    assert [fault.name for k, fault in enumerate(FAULTS, 1) if not caught(program, k)] == []
