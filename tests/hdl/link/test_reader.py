"""Whatever is read is what is there, with its sign; all else is refused."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from amaranth.hdl import Elaboratable, Module, Signal

from hdl.link import reader
from hdl.link.page import SLOW, Page
from hdl.link.reader import Reader
from spec.map import ENTRIES, MAGIC, MAP, MAP_VERSION, Kind, RegistersSpec, address_of
from spec.phase import Phase
from tests.hdl.helpers import Row, stream

SPEC = RegistersSpec(
    constants=(("identity", 0x11112222333344445555666677778888), ("parameters", 35)),
    registers=(("tau_p", 16, 4), ("seed", 32, 0xCAFEF00D)),
    parameters=35,
    theta_bits=9,
    gradient_bits=14,
    outputs=3,
    output_bits=9,
    output_signed=True,
    samples=5,
    sample_bits=70,
    cost_bits=11,
    cost_signed=True,
    correct_bits=3,
    sum_bits=14,
)


def inputs(spec: RegistersSpec, seed: int = 1) -> Row:
    """Draw what a trainer shows."""
    rng = random.Random(seed)

    def some(bits: int, count: int) -> list[int]:
        return [rng.getrandbits(bits) for _ in range(count)]

    shown = {
        "state": 5,
        "phase": int(Phase.WAIT),
        "step": rng.getrandbits(32),
        "correct": 6,
        "cost_sum": rng.getrandbits(spec.sum_bits),
        "C": 1 << spec.cost_bits - 1 | 3,
        "C0": 77,
        "theta": some(spec.theta_bits, spec.parameters),
        "G": some(spec.gradient_bits, spec.parameters),
        "y": some(spec.output_bits, spec.outputs),
        "sample": rng.getrandbits(spec.sample_bits),
    } | {name: rng.getrandbits(bits) for name, bits in spec.counters.items()}
    return {name: value for name, value in shown.items() if name == "phase" or spec.has(name)}


def word(value: int, bits: int) -> int:
    """Extend a sign to 32 bits."""
    return (value - (value >> bits - 1 << bits)) % 2**32


def memory(spec: RegistersSpec, shown: Row) -> dict[int, int]:
    """Return the word at each address that there is; `y` as evaluated while idle."""
    state = shown["state"] | shown["phase"] << 4
    words = {
        "magic": [MAGIC],
        "map_version": [MAP_VERSION],
        "state": [state],
        "step": [shown["step"]],
        "cost_sum": [shown["cost_sum"]],
        "C": [word(shown["C"], spec.cost_bits) if spec.cost_signed else shown["C"]],
        "C0": [shown["C0"]],
        "theta": [word(value, spec.theta_bits) for value in shown["theta"]],
        "G": [word(value, spec.gradient_bits) for value in shown["G"]],
    }
    if spec.has("y"):
        words |= {
            "correct": [shown["correct"]],
            "y": [word(v, spec.output_bits) if spec.output_signed else v for v in shown["y"]],
            "sample": [
                shown["sample"] >> 32 * k & 0xFFFF_FFFF for k in range(-(-spec.sample_bits // 32))
            ],
        }
    words |= {name: [shown[name]] for name in spec.counters}
    for name, value in spec.constants:
        words[name] = [value >> 32 * k & 0xFFFF_FFFF for k in range(MAP[name].words)]
    words |= {name: [value] for name, _, value in spec.registers}
    return {address_of(name, k): v for name, found in words.items() for k, v in enumerate(found)}


def play(spec: RegistersSpec, rows: list[Row], latency: int = SLOW) -> list[Row]:
    """Return what the bus says in each clock; the latency is that of the page."""
    return stream(WithPage(spec, latency), rows, ["bus_done", "bus_refused", "bus_read_data"])


class WithPage(Elaboratable):
    """A reader, and the page that it reads; members of both, and of the bus."""

    def __init__(self, spec: RegistersSpec, latency: int) -> None:
        self.reader, self.page = Reader(spec, latency), Page(spec, latency)
        self.kept = self.page.kept

        self.bus_done, self.bus_refused = Signal(), Signal()

    def __getattr__(self, name: str) -> Any:
        bus = name.removeprefix("bus_")
        return getattr(self.reader, name) if bus == name else getattr(self.reader.bus, bus)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.reader, m.submodules.page = reader, page = self.reader, self.page
        m.d.comb += [
            page.address.eq(reader.bus.address),
            page.data.eq(reader.bus.write_data),
            page.reads.eq(reader.reads),
            page.busy.eq(reader.state[0]),
            reader.word.eq(page.word),
            reader.meaning.eq(page.meaning),
        ]
        m.d.sync += [self.bus_done.eq(reader.bus.done), self.bus_refused.eq(reader.bus.refused)]
        return m


def read(
    spec: RegistersSpec, addresses: list[int], before: list[Row], latency: int = SLOW
) -> list[int | None]:
    """Read addresses one after the other; None where it is refused."""
    rows = list(before)
    for address in addresses:
        rows += [{"bus_address": address, "bus_read": 1}] * (Reader(spec, latency).latency + 1)
        rows += [{"bus_address": 0x5555, "bus_read": 0}] * 2
    answers = [row for row in play(spec, rows, latency) if row["bus_done"]]
    assert len(answers) == len(addresses)
    return [None if row["bus_refused"] else row["bus_read_data"] for row in answers]


SMALL = replace(
    SPEC, parameters=1, outputs=1, sample_bits=4, output_signed=False, cost_signed=False
)

EXTERNAL = replace(SPEC, outputs=0, samples=0, sample_bits=0, correct_bits=0, external=True)

SPECS = [SPEC, SMALL, replace(SPEC, parameters=9, outputs=5), EXTERNAL]


def wrong(spec: RegistersSpec, latency: int = SLOW) -> int:
    """Read all that there is, and addresses that there are not; count what is not as it must be."""
    shown = inputs(spec)
    there = memory(spec, shown)
    rng = random.Random(2)
    absent = {0x18, 0x1F, 0x30, 0x38, 0x40, 0x60, 0x3000, 0x7000, 0x8000, 0x9000, 0xC000}
    windows = [name for name in ("theta", "G", "y", "sample") if spec.has(name)]
    ends = [entry for entry in ENTRIES if entry.name in windows]
    absent |= {max(a for a in there if a >> 12 == e.address >> 12) + 1 for e in ends}
    absent |= {address ^ 1 << rng.randrange(6, 16) for address in there}
    absent |= {entry.address for entry in ENTRIES if entry.kind in (Kind.REGISTER, Kind.COMMAND)}
    absent -= set(there) | set(range(address_of("trace"), address_of("trace") + 256))
    looked_at = (Kind.CONSTANT, Kind.STATUS)  # some of them are 0 here, as they are not given
    absent -= {e.address + k for e in ENTRIES for k in range(e.words) if e.kind in looked_at}
    absent |= {entry.address for entry in ENTRIES if not spec.has(entry.name)}
    addresses = [*there, *absent]
    rng.shuffle(addresses)
    before = [shown | {"state": 0, "answered": 1}, shown | {"answered": 0}]
    found = read(spec, addresses, before, latency)
    return sum(value != there.get(a) for a, value in zip(addresses, found, strict=True))


@pytest.mark.parametrize("latency", [1, SLOW])
@pytest.mark.parametrize("spec", SPECS, ids=["large", "small", "odd", "external"])
def test_every_word(spec: RegistersSpec, latency: int) -> None:
    assert wrong(spec, latency) == 0


@pytest.mark.parametrize(
    ("right", "planted"),
    [
        ("clocks", lambda count: 1),
        ("OTHER_PAIRS", -20),
        ("below", lambda value, bound: value <= bound),
    ],
)
def test_a_planted_fault_is_found(
    right: str, planted: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer before it is there; a word more than there is."""
    monkeypatch.setattr(reader, right, planted)
    assert wrong(SPEC) > 0


def test_registers_are_read_as_written() -> None:
    written = {"bus_address": address_of("seed"), "bus_write_data": 0x12345678, "kept": 1}
    before = [inputs(SPEC), written, {"kept": 0}]
    addresses = [address_of("seed"), address_of("tau_p")]
    assert read(SPEC, addresses, before) == [0x12345678, 4]


def test_counts_and_trace() -> None:
    """Of checks and of saturated u since CLEAR; the trace has the last 256 checks."""
    rng = random.Random(4)
    sums = [rng.getrandbits(SPEC.sum_bits) for _ in range(300)]
    before: list[Row] = [inputs(SPEC)]
    for k, cost_sum in enumerate(sums):
        before += [{"checked": 1, "saturated": k % 3 == 0, "cost_sum": cost_sum}]
        before += [{"checked": 0, "saturated": 0}]
    addresses = [address_of("checks"), address_of("u_saturated")]
    addresses += [address_of("trace", k) for k in (0, 43, 44, 255)]
    assert read(SPEC, addresses, before) == [300, 100, sums[256], sums[299], sums[44], sums[255]]
    before += [{"phase": int(Phase.CLEAR)}, {"phase": int(Phase.WAIT)}]
    assert read(SPEC, addresses[:2], before) == [0, 0]


def test_outputs_are_those_of_the_last_evaluation_by_command() -> None:
    """Not those that come while a run is busy."""
    shown, later = inputs(SPEC), inputs(SPEC, 9)
    before = [
        shown | {"state": 0, "answered": 1},
        {"y": later["y"], "state": 1},
        {"state": 0, "answered": 0},
    ]
    addresses = [address_of("y", k) for k in range(3)]
    assert read(SPEC, addresses, before) == [word(value, 9) for value in shown["y"]]
