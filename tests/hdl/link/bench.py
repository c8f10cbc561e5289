"""The link in Verilator, between a wire driven bit by bit and registers of every kind."""

from __future__ import annotations

import enum
import struct
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from hdl.link.link import Link
from sim.bench import Bench
from sim.simulators import Simulator, build, to_verilog
from spec.link import Rate

FAST = Rate(48e6, 12_000_000)
"""Four clocks a bit: the hardest, and the quickest to simulate."""

QUIET = 60
"""Bits that a short request takes at most to be read again from the queue, at four clocks a bit."""


class Event(enum.IntEnum):
    """What happens on the wire next, with a value."""

    BYTE = 0
    CUT = 1  # a byte whose stop bit is low
    IDLE = 2  # bits
    SETTLE = 3  # until the device has been quiet for so many bits, or 400,000 have passed
    GLITCH = 4  # the wire is low for so many clocks
    BREAK = 5  # the wire is low for so many bits
    SPEED = 6  # what follows is faster than the device by so many parts in a thousand, less 1000
    MARK = 7  # a record of it
    RESET = 8  # clocks
    NO_START = 9  # a byte whose start bit is high


@dataclass
class Run:
    """What came of it, and when, in clocks."""

    sent: bytearray = field(default_factory=bytearray)
    sent_at: list[int] = field(default_factory=list)
    log: list[tuple[str, int, int]] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    errors: int = 0
    marks: list[int] = field(default_factory=list)

    def take(self, line: str) -> None:
        """Take a record of the bench."""
        kind, clock, *values = line.split()
        numbers = [int(value, 16) for value in values]
        if kind == "T":
            self.sent.append(numbers[0])
            self.sent_at.append(int(clock))
        elif kind == "W":
            self.log.append(("W", numbers[0], numbers[1]))
        elif kind == "X":
            self.refused.append(numbers[0])
        elif kind == "M":
            self.marks.append(int(clock))
        else:
            self.errors += 1


@dataclass(frozen=True, kw_only=True)
class LinkBench(Bench):
    """The bench, for `sim.simulators.build`, with so many clocks in a bit.

    Parameters
    ----------
    chosen : str, optional
        An input that has the number which is the program's argument.
    """

    clocks: float
    chosen: str = ""

    def cpp(self) -> str:
        """For Verilator."""
        choose = f"top.{self.chosen} = std::atoi(words[1]);" if self.chosen else ""
        return CPP.replace("CLOCKS", repr(float(self.clocks))).replace("CHOOSE", choose)


def compiled(folder: Path, rate: Rate = FAST, source: str | None = None, chosen: str = "") -> Path:
    """Compile the link, or another Verilog of it; return the program."""
    text = to_verilog(Link(rate)) if source is None else source
    bench = LinkBench((), 0, clocks=rate.clocks, chosen=chosen)
    return build(text, bench, Simulator.VERILATOR, folder) / "simulation"


def events(data: bytes) -> list[tuple[Event, int]]:
    """Return the bytes as events, back to back."""
    return [(Event.BYTE, byte) for byte in data]


def play(program: Path, stream: Iterable[tuple[Event, int]], chosen: int = 0) -> Run:
    """Put events on the wire, then wait until the device is quiet."""
    packed = b"".join(struct.pack("<BH", *event) for event in [*stream, (Event.SETTLE, 4096)])
    done = subprocess.run([program, str(chosen)], input=packed, capture_output=True, check=True)
    run = Run()
    for line in done.stdout.decode().splitlines():
        run.take(line)
    return run


CPP = r"""
#include <cstdio>
#include <cstdint>
#include <cstdlib>
#include <unordered_map>
#include "Vtrainer.h"

double sc_time_stamp() { return 0; }

namespace {
VerilatedContext context;
Vtrainer top{&context};
uint64_t now = 0, quiet_since = 0;
std::unordered_map<uint32_t, uint32_t> words;
unsigned waited = 0;

const double bit = CLOCKS;
bool receiving = false;
double due = 0;
unsigned bits = 0, shifted = 0;

void registers() {
    const unsigned a = top.bus___05Faddress;
    top.bus___05Fdone = top.bus___05Frefused = top.bus___05Fread_data = 0;
    if (!top.bus___05Fread && !top.bus___05Fwrite) {
        waited = 0;
        top.bus___05Fread_data = 0xBAD0BAD0;
        return;
    }
    const bool ram = a < 0x400 || a == 0x600, readonly = a >= 0x400 && a < 0x500;
    if ((a >= 0x500 && a < 0x600) || waited++ < a % 5) return;
    top.bus___05Fdone = 1;
    top.bus___05Frefused = !(ram || (readonly && top.bus___05Fread));
    top.bus___05Fread_data = readonly ? a * 0x10001 : words[a];
}

void tick() {
    registers();
    top.eval();
    if (top.bus___05Fread && top.bus___05Fwrite) std::printf("E %llu\n", (unsigned long long)now);
    if (top.bus___05Fread || top.bus___05Fwrite) quiet_since = now;
    if (top.bus___05Fdone) {
        if (top.bus___05Frefused) {
            std::printf("X %llu %x\n", (unsigned long long)now, top.bus___05Faddress);
        } else if (top.bus___05Fwrite) {
            words[top.bus___05Faddress] = top.bus___05Fwrite_data;
            std::printf("W %llu %x %x\n", (unsigned long long)now, top.bus___05Faddress,
                        top.bus___05Fwrite_data);
        }
    }
    top.clk = 1;
    top.eval();
    top.clk = 0;
    top.eval();
    ++now;
    if (!receiving && !top.tx) {
        receiving = true;
        due = now + 1.5 * bit;
        bits = shifted = 0;
    } else if (receiving && now >= due) {
        due += bit;
        if (bits++ < 8) {
            shifted |= top.tx << (bits - 1);
        } else {
            std::printf(top.tx ? "T %llu %x\n" : "E %llu\n", (unsigned long long)now, shifted);
            receiving = false;
        }
    }
    if (receiving) quiet_since = now;
}
}  // namespace

int main(int, [[maybe_unused]] char** words) {
    CHOOSE
    top.rst = 1;
    top.rx = 1;
    top.clk = 0;
    top.eval();
    tick();
    tick();
    top.rst = 0;
    double time = now, width = bit;
    const auto hold = [&](int level, double clocks) {
        top.rx = level;
        for (time += clocks; now < time;) tick();
    };
    uint64_t since;
    uint8_t event[3];
    while (std::fread(event, 3, 1, stdin)) {
        const unsigned value = event[1] | event[2] << 8;
        switch (event[0]) {
            case 0:
            case 1:
            case 9:
                hold(event[0] == 9, width);
                for (int k = 0; k < 8; ++k) hold(value >> k & 1, width);
                hold(event[0] != 1, width);
                if (event[0] == 1) hold(1, width);
                break;
            case 2: hold(1, value * bit); break;
            case 3:
                for (quiet_since = since = now;
                     now - quiet_since < value * bit && now - since < 400000 * bit;)
                    hold(1, bit);
                break;
            case 4:
                hold(0, value);
                hold(1, bit);
                break;
            case 5:
                hold(0, value * bit);
                hold(1, bit);
                break;
            case 6: width = bit * 1000 / value; break;
            case 7:
                std::printf("M %llu\n", (unsigned long long)now);
                std::fflush(stdout);
                break;
            case 8:
                top.rst = 1;
                hold(1, value);
                top.rst = 0;
                receiving = false;
                break;
        }
    }
    return 0;
}
"""
