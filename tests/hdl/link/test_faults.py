"""Planted faults: the comparison with the model catches every one of them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import hdl
from sim.simulators import Simulator
from spec.link import MAX_WORDS
from tests.conftest import need
from tests.hdl.link import hostile
from tests.hdl.link.bench import Event, compiled, events, play
from tests.link import READ, SINK, SYNC, WRITE, request

HDL = Path(hdl.__file__).parent


@dataclass(frozen=True)
class Fault:
    """What to write in place of what, in a file of `hdl/link/`."""

    name: str
    file: str
    right: str
    wrong: str


EXECUTOR, LAST, LINK = "executor.py", "last_write.py", "link.py"
FAULTS = [
    Fault("CRC not checked", EXECUTOR, "complete & right & ~bad", "complete & ~bad"),
    Fault("half of the CRC checked", EXECUTOR, "right.eq(right & (got", "right.eq((got"),
    Fault("length not checked", EXECUTOR, "sound.eq(complete & right", "sound.eq(right"),
    Fault("tail not checked", EXECUTOR, "bad.eq(bad | complete |", "bad.eq(bad |"),
    Fault("end of COBS not checked", EXECUTOR, "& ~bad & decoder.code)", "& ~bad)"),
    Fault("operation not checked", "header.py", "operation.matches(*Operation)", "1"),
    Fault("number of words not checked", "header.py", "& (remaining[6:] == 0)", ""),
    Fault("61 words", "header.py", "MAX_WORDS + 1, 64", "MAX_WORDS + 2, 64"),
    Fault("written before the CRC", EXECUTOR, "worded & checking,", "worded & executing,"),
    Fault("written after a refusal", EXECUTOR, "executing & ~failed)", "executing)"),
    Fault("sequence not checked", LAST, "one_more & ~self.failed", "~self.failed"),
    Fault("repetition executed", LAST, "(equal & (status", "(0 & (status"),
    Fault("executed after a failure", LAST, "one_more & ~self.failed", "one_more"),
    Fault("executed before a sync", LAST, "NOT_SYNCED = 3", "NOT_SYNCED = 0"),
    Fault("failure forgotten", EXECUTOR, "last.commit.eq(end & executing)", "last.commit.eq(0)"),
    Fault("no time-out between bytes", LINK, " | pause.ends", ""),
    Fault("no time-out of registers", EXECUTOR, "self.bus.done | patience.ends", "self.bus.done"),
    Fault("stop bit not checked", LINK, " | receiver.error", ""),
    Fault("start bit not checked", "uart.py", "m.If(~low)", "m.If(0)"),
    Fault("long frames kept", EXECUTOR, "decoder.first | bad", "decoder.first"),
    Fault("queue too long", "queue.py", " & ~full", ""),
    Fault("address stays", "header.py", "~operation[2])", "0)"),
    Fault("carry lost", "header.py", "carry & address[0]", "0"),
    Fault("last code missing", "cobs.py", "Mux(zero, ~self.last,", "Mux(zero, 1,"),
]  # fmt: skip


def caught(program: Path) -> bool:
    """Whether any of some streams shows a difference."""
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
    return overruns(program) or not all(
        hostile.agrees(play(program, stream), stream) for stream in streams
    )


def overruns(program: Path) -> bool:
    """Whether requests are lost that fit into the queue, when others do not."""
    reads = [request(k, READ, 0, MAX_WORDS) for k in range(60)]
    run = play(program, [*events(b"".join(reads)), (Event.SETTLE, 30), *events(b"\0" + reads[0])])
    numbers = [frame[0] for frame in bytes(run.sent).split(b"\0") if frame]
    return numbers[1:40] != list(range(1, 40))


def planted(fault: Fault, folder: Path) -> str:
    """Return Verilog of the link with the fault in it, made in a process of its own."""
    shutil.copytree(HDL, folder / "hdl", ignore=shutil.ignore_patterns("__pycache__"))
    path = folder / "hdl" / "link" / fault.file
    text = path.read_text()
    assert text.count(fault.right) == 1, f"{fault.file} no longer has {fault.right!r} once"
    path.write_text(text.replace(fault.right, fault.wrong))
    program = (
        "import sys; from hdl.link.link import Link; from tests.hdl.link.bench import FAST; "
        "from sim.simulators import to_verilog; sys.stdout.write(to_verilog(Link(FAST)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        cwd=folder,  # of the gateware with the fault
        env=os.environ | {"PYTHONPATH": str(HDL.parent)},  # of the tests
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where what is the same in all builds is kept, and the builds, only for this session."""
    need(Simulator.VERILATOR)
    return tmp_path_factory.mktemp("builds")


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_every_fault_is_caught(fault: Fault, tmp_path: Path, kept: Path) -> None:
    source = planted(fault, tmp_path)
    assert caught(compiled(kept, source=source)), "nothing differs"


def test_without_a_fault_the_same_path_finds_none(tmp_path: Path, builds: Path) -> None:
    need(Simulator.VERILATOR)
    source = planted(Fault("none", LINK, "pause.ends", "pause.ends"), tmp_path)
    assert not caught(compiled(builds, source=source))
