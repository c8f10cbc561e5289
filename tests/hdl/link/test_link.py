"""The link in gateware against its golden model, on hostile lines; and promises of docs/link.md."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdl.link.executor import Executor
from hdl.link.link import Link
from host.link.frames import Answer, Frames
from sim.simulators import Simulator, to_verilog
from spec.link import (
    MAX_WORDS,
    PATIENCE,
    QUEUE_BYTES,
    SLOW_BITS,
    Operation,
    Rate,
    Status,
    answer_bytes,
    request_bytes,
)
from tests.conftest import need
from tests.hdl.link import hostile
from tests.hdl.link.bench import FAST, QUIET, Event, Run, compiled, events, play
from tests.hdl.test_duplicates import duplicates
from tests.link import (
    READ,
    READ_SAME,
    SILENT,
    SINK,
    SYNC,
    WRITE,
    WRITE_SAME,
    request,
)

FRAME_BITS = 10 * request_bytes(MAX_WORDS)
"""The longest frame takes so many bits."""


@pytest.fixture(scope="module")
def link(builds: Path) -> Path:
    need(Simulator.VERILATOR)
    return compiled(builds)


def answers(run: Run) -> list[Answer]:
    decoded = [Answer.decode(frame) for frame in Frames().feed(bytes(run.sent))]
    assert None not in decoded
    return [answer for answer in decoded if answer]


@pytest.mark.parametrize("seed", range(20))
def test_agrees_with_the_model_on_hostile_streams(seed: int, link: Path) -> None:
    stream = hostile.stream(seed, 60)
    assert hostile.agrees(play(link, stream), stream)


def test_hostile_streams_meet_every_answer() -> None:
    """Each status of each operation that can have it."""
    met = set()
    for seed in range(20):
        sent, _ = hostile.expected(hostile.stream(seed, 60))
        said = [Answer.decode(frame) for frame in Frames().feed(sent)]
        met |= {(answer.operation, answer.status) for answer in said if answer}
    can = {(SYNC, Status.OK)}
    for operation in (READ, READ_SAME, WRITE, WRITE_SAME):
        statuses = set(Status) if operation.writes else {Status.OK, Status.REFUSED, Status.TIMEOUT}
        can |= {(operation, status) for status in statuses}
    assert met == can


BYTES = st.binary(max_size=40).map(events)
WORDS = st.lists(st.sampled_from([0, 1, 0xFFFFFFFF, 0x00FF00FF]), max_size=6)
REQUESTS = st.builds(
    lambda number, operation, address, words: events(
        request(number, operation, address, words if operation.writes else len(words))
    ),
    st.integers(0, 4),
    st.sampled_from(Operation),
    st.sampled_from([0, 3, 0x3FE, 0x4FE, SINK, 0xFFFF]),
    WORDS,
)
SYNCS = st.just(events(request(0, SYNC)))
LINE = st.one_of(
    st.tuples(st.just(Event.CUT), st.integers(0, 255)),
    st.tuples(st.just(Event.IDLE), st.sampled_from([1, 7, hostile.NO_PAUSE, hostile.PAUSE])),
    st.tuples(st.just(Event.GLITCH), st.just(1)),
    st.tuples(st.just(Event.BREAK), st.integers(11, 40)),
).map(lambda event: [event])


@settings(max_examples=60, deadline=None)
@given(parts=st.lists(st.one_of(SYNCS, REQUESTS, REQUESTS, BYTES, LINE), max_size=12))
def test_agrees_with_the_model(parts: list[hostile.Stream], link: Path) -> None:
    stream = [event for part in parts for event in part]
    assert hostile.agrees(play(link, stream), stream)


FRAMES = {
    "sync": request(1, SYNC),
    "read": request(1, READ, 0x123, 3),
    "read same": request(1, READ_SAME, 0x123, 3),
    "write": request(1, WRITE, 0x123, [0x01020304, 0]),
    "write same": request(1, WRITE_SAME, SINK, [0x01020304, 0]),
}


@pytest.mark.parametrize("name", FRAMES)
@pytest.mark.parametrize("wrong", ["data", "stop", "start"])
def test_every_single_bit_error(name: str, wrong: str, link: Path) -> None:
    """Nothing wrong is written. Of two good frames after it, one is executed, and only once."""
    good, stream = events(FRAMES[name]), []
    for k, (_, byte) in enumerate(good):
        for bit in range(8 if wrong == "data" else 1):
            damaged = list(good)
            damaged[k] = {
                "data": (Event.BYTE, byte ^ 1 << bit),
                "stop": (Event.CUT, byte),
                "start": (Event.NO_START, byte),
            }[wrong]
            # Back to back; only a start bit that is lost needs a pause, to find the next one.
            rest = [(Event.IDLE, 11)] if wrong == "start" else []
            stream += [*events(request(0, SYNC)), *damaged, *rest, *good, *good]
            stream += [(Event.SETTLE, QUIET)]
    run = play(link, stream)
    # In a line without errors, nothing else would be written.
    clean = play(link, [*events(request(0, SYNC)), *good])
    tries = stream.count((Event.SETTLE, QUIET))
    assert run.log == clean.log * tries
    assert sum(a.operation == FRAMES[name][2] for a in answers(run)) >= tries
    if wrong != "start":
        assert hostile.agrees(run, stream)


@pytest.mark.parametrize("count", [20_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_random_bytes(count: int, link: Path) -> None:
    """Nothing is written; a frame time after them, the link is ready."""
    stream = [
        *hostile.noise(count, count),
        (Event.IDLE, FRAME_BITS),
        *events(request(9, SYNC) + request(10, WRITE, 3, [4])),
    ]
    run = play(link, stream)
    assert run.log == [("W", 3, 4)]
    assert hostile.agrees(run, stream)


@pytest.mark.parametrize("seed", range(3))
def test_random_levels(seed: int, link: Path) -> None:
    rng = random.Random(seed)
    levels = [
        (rng.choice([Event.GLITCH, Event.GLITCH, Event.IDLE, Event.BREAK]), 1 + rng.randrange(30))
        for _ in range(20_000)
    ]
    wanted = events(request(9, SYNC) + request(10, WRITE, 3, [4]))
    run = play(link, [*levels, (Event.IDLE, FRAME_BITS), *wanted])
    assert run.log == [("W", 3, 4)]
    assert [answer.status for answer in answers(run)] == [Status.OK, Status.OK]


def test_a_repetition_is_answered_and_not_executed(link: Path) -> None:
    write = request(8, WRITE_SAME, SINK, [1, 2])
    run = play(link, events(request(7, SYNC) + 3 * write + request(9, WRITE, 0, [3]) + write))
    assert run.log == [("W", SINK, 1), ("W", SINK, 2), ("W", 0, 3)]
    assert [a.status for a in answers(run)] == [Status.OK] * 5 + [Status.OUT_OF_ORDER]
    assert answers(run)[-1].remaining == 9


def test_nothing_is_written_after_a_failure(link: Path) -> None:
    requests = [
        request(7, SYNC),
        request(8, WRITE, 0x3FE, [1, 2, 3, 4]),
        request(9, WRITE, 0, [5]),
        request(8, WRITE, 0x3FE, [1, 2, 3, 4]),
        request(9, SYNC),
        request(10, WRITE, 0, [6]),
    ]
    run = play(link, events(b"".join(requests)))
    assert run.log == [("W", 0x3FE, 1), ("W", 0x3FF, 2), ("W", 0, 6)]
    said = [(a.status, a.remaining) for a in answers(run)[1:4]]
    assert said == [(Status.REFUSED, 2), (Status.HALTED, 8), (Status.REFUSED, 2)]


@pytest.mark.parametrize("at", [0, 1, 5, 9, 16])
def test_a_pause_drops_half_a_frame(at: int, link: Path) -> None:
    write = events(request(8, WRITE, 0, [0x01020304, 1]))
    sync = events(request(7, SYNC))
    short = [*sync, *write[:at], (Event.IDLE, hostile.NO_PAUSE), *write[at:]]
    assert play(link, short).log == [("W", 0, 0x01020304), ("W", 1, 1)]
    assert hostile.PAUSE < FRAME_BITS
    paused = [*sync, *write[:at], (Event.IDLE, FRAME_BITS), *write]
    assert play(link, paused).log == [("W", 0, 0x01020304), ("W", 1, 1)]
    if at:
        lost = [*sync, *write[:at], (Event.IDLE, FRAME_BITS), *write[at:]]
        assert play(link, lost).log == []


def test_a_stuck_register_is_given_up(link: Path) -> None:
    for operation, words in ((READ, 2), (WRITE, [1, 2])):
        stream = [*events(request(7, SYNC)), (Event.MARK, 0)]
        stream += events(
            request(8, operation, SILENT[0] - 1 if operation == READ else SILENT[0], words)
        )
        run = play(link, stream)
        status = answers(run)[1]
        assert (status.status, status.remaining) == (Status.TIMEOUT, 1 if operation == READ else 2)
        bits = (run.sent_at[-1] - run.marks[0]) / FAST.clocks
        both = 10 * (request_bytes(2) + answer_bytes(2)) + 100
        assert (PATIENCE - 1) * SLOW_BITS < bits < PATIENCE * SLOW_BITS + both


@pytest.mark.parametrize("after", range(1, 400, 13))
def test_a_reset_leaves_nothing_half_done(after: int, link: Path) -> None:
    """At any bit of requests and answers; the next frame is understood."""
    busy = events(request(7, SYNC) + request(8, WRITE, 0, [1, 2]) + request(9, READ, 0, 9))
    rest = [(Event.IDLE, after), (Event.RESET, 2), (Event.IDLE, 12)]
    before = play(link, [*busy[: after // 6], *rest])
    wanted = events(request(8, WRITE, 0, [5]) + request(9, SYNC) + request(10, WRITE, 0, [6]))
    run = play(link, [*busy[: after // 6], *rest, *wanted])
    assert run.log[len(before.log) :] == [("W", 0, 6)]
    first, *others = [Answer.decode(frame) for frame in Frames().feed(bytes(run.sent))][-3:]
    assert first is None or first.status is Status.HALTED  # half an answer may be in front of it
    assert [a and a.status for a in others] == [Status.OK, Status.OK]


def test_so_many_requests_may_be_under_way(link: Path) -> None:
    reads = [request(k, READ, 0, MAX_WORDS) for k in range((QUEUE_BYTES - 1) // request_bytes(0))]
    run = play(link, events(b"".join(reads)))
    assert [a.number for a in answers(run)] == list(range(len(reads)))


def test_what_does_not_fit_is_lost_and_no_more(link: Path) -> None:
    reads = [request(k, READ, 0, MAX_WORDS) for k in range(200)]
    stream = [*events(b"".join(reads)), (Event.SETTLE, QUIET), *events(b"\0" + request(1, SYNC))]
    said = [a.number for a in answers(play(link, stream))]
    assert len(said) < 200
    assert said[:40] == list(range(40))
    assert said[-1] == 1
    assert said[:-1] == sorted(said[:-1])


def test_writes_need_no_pause(link: Path) -> None:
    """They are executed faster than they come in, even at four clocks a bit."""
    writes = [request(k, WRITE, 0, [k] * MAX_WORDS) for k in range(1, 30)]
    run = play(link, events(request(0, SYNC) + b"".join(writes)))
    assert len(run.log) == 29 * MAX_WORDS
    assert {a.status for a in answers(run)} == {Status.OK}


@pytest.mark.parametrize("count", [0, 1, 2, 10, MAX_WORDS])
def test_latency(count: int, link: Path) -> None:
    for operation, words in ((READ, count), (WRITE, [0] * count)):
        stream = [*events(request(0, SYNC)), (Event.SETTLE, QUIET)]
        stream += [*events(request(1, operation, 0, words)), (Event.MARK, 0)]
        run = play(link, stream)
        # A byte is noted in the middle of its stop bit.
        begins = run.sent_at[answer_bytes(0)] - 9.5 * FAST.clocks - run.marks[0]
        slow = sum(k % 5 for k in range(count))  # the registers of the bench
        latency = Link.latency + (Executor.write_latency(count) + slow) * (operation is WRITE)
        assert -FAST.clocks < begins - latency <= FAST.clocks


@pytest.mark.parametrize(("clocks", "bits"), [(4, 11), (5, 10), (6, 10), (12, 10)])
def test_answers_have_no_gaps(clocks: int, bits: int, builds: Path) -> None:
    """But for a bit before each byte, where a bit is four clocks."""
    program = compiled(builds, Rate(clocks * 1e6, 1_000_000))
    run = play(program, events(request(0, READ, 0, MAX_WORDS)))
    assert len(run.sent) == answer_bytes(MAX_WORDS)
    assert run.sent_at[-1] - run.sent_at[0] == bits * clocks * (len(run.sent) - 1)


def test_a_slow_board_at_a_megabaud(builds: Path) -> None:
    """At 12 MHz, windows go at 70 % of the line rate or more; and all of the rest holds."""
    rate = Rate(12e6, 1_000_000)
    program = compiled(builds, rate)
    payload = 4 * 10 * 1000
    for seed in range(3):
        stream = hostile.stream(seed, 30)
        assert hostile.agrees(play(program, stream), stream)
    counts = [MAX_WORDS] * 16 + [40]
    requests = [request(k, READ, 0, count) for k, count in enumerate(counts)]
    run = play(program, [(Event.MARK, 0), *events(b"".join(requests))])
    assert sum(len(a.words) for a in answers(run)) == 1000
    clocks = run.sent_at[-1] - run.marks[0]
    assert payload * rate.clocks / clocks > 0.9
    requests = [request(k + 1, WRITE, 0, [k] * count) for k, count in enumerate(counts)]
    stream = [*events(request(0, SYNC)), (Event.MARK, 0), *events(b"".join(requests))]
    run = play(program, stream)
    assert len(run.log) == 1000
    clocks = run.sent_at[-1] - run.marks[0]
    assert payload * rate.clocks / clocks > 0.9


@pytest.mark.parametrize("speed", [980, 990, 1010, 1020])
@pytest.mark.parametrize(
    "rate",
    [FAST, Rate(25e6, 3_000_000), Rate(12e6, 115_200)],
    ids=lambda rate: f"{rate.clocks:.1f}",
)
def test_a_host_may_be_slower_or_faster(rate: Rate, speed: int, builds: Path) -> None:
    stream = [(Event.SPEED, speed), *hostile.stream(1, 10)]
    assert hostile.agrees(play(compiled(builds, rate), stream), stream)


def test_nothing_is_written_again_and_again_in_verilog() -> None:
    assert duplicates(to_verilog(Link(FAST))) == {}
