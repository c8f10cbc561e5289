"""The parts of the link, one by one."""

from __future__ import annotations

import zlib
from typing import Any

import pytest
from amaranth.sim import Simulator
from hypothesis import given, settings
from hypothesis import strategies as st

from hdl.link.cobs import Cobs
from hdl.link.crc import Crc
from hdl.link.header import Header
from hdl.link.last_write import LastWrite
from hdl.link.patience import Patience
from hdl.link.queue import Queue
from spec.link import MAX_WORDS, PATIENCE, QUEUE_BYTES, Operation, Status
from tests.hdl.helpers import Row, stream
from tests.link import cobs

PAYLOADS = st.binary(max_size=40) | st.lists(st.sampled_from([0, 0, 1, 255]), max_size=253).map(
    bytes
)


def bits(data: bytes) -> list[int]:
    return [byte >> k & 1 for byte in data for k in range(8)]


@settings(max_examples=20, deadline=None)
@given(data=st.binary(max_size=30))
def test_the_crc_is_that_of_zlib(data: bytes) -> None:
    once: list[Row] = [{"restart": 1, "out": 0}]
    once += [{"restart": 0, "shift": 1, "bit": bit} for bit in bits(data)]
    once += [{"restart": 0, "shift": 0, "bit": 1}, *[{"out": 1}] * 32]
    rows = once + once
    found = [row["crc_bit"] for row in stream(Crc(), rows, ["crc_bit"])]
    for end in (len(once), len(rows)):
        assert found[end - 32 : end] == bits(zlib.crc32(data).to_bytes(4, "little"))


def decoding(frame: bytes) -> list[Row]:
    """Return what decodes a frame without its delimiter."""
    rows: list[Row] = [{"put": 0, "encodes": 0, "zero": 1, "end": 1}]
    for byte in frame:
        rows += [{"take": 1, "end": 0, "next": 0}]
        rows += [{"take": 0, "decodes": 1, "bit": bit} for bit in bits(bytes([byte]))]
        rows += [{"decodes": 0, "next": 1}]
    return [*rows, {"end": 0, "next": 0}, {"take": 1}, {"take": 0, "end": 1}, {"end": 0}]


def encoding(payload: bytes) -> list[Row]:
    """Return what encodes a frame, with clocks between some bits."""
    rows: list[Row] = []
    for k, byte in enumerate([*payload, 0, 0]):
        rows += [{"put": 1, "zero": int(byte != 0)}] * (k % 2)
        rows += [{"put": 1, "zero": int(byte == 0), "last": int(k == len(payload))}]
        for bit in bits(bytes([byte])):
            waits: Row = {"put": 0, "zero": k % 2, "bit": bit, "encodes": 0}
            rows += [*[waits] * (k % 3), waits | {"encodes": 1}]
    return rows


@settings(max_examples=20, deadline=None)
@given(payload=PAYLOADS, cut=st.integers(0, 255))
def test_cobs_is_decoded(payload: bytes, cut: int) -> None:
    """And a frame that ends too early is not whole."""
    coded = cobs(payload)
    for frame in (coded, coded[: cut % len(coded)]):
        rows = decoding(frame)
        found = stream(Cobs(), rows, ["first", "code", "decoded"])
        decoded = [row["decoded"] for row, at in zip(found, rows, strict=True) if at.get("decodes")]
        assert decoded[8:] == bits(payload[: max(0, len(frame) - 1)])
        taken = [row for row, at in zip(found, rows, strict=True) if at.get("take")]
        assert [row["first"] for row in taken] == [1, *[0] * len(frame)]
        if frame:
            codes = {k for k in range(len(coded)) if k == 0 or payload[k - 1] == 0}
            assert taken[-1]["code"] == (len(frame) in codes | {len(coded)})
        assert found[-1]["first"] == 1


@settings(max_examples=20, deadline=None)
@given(frames=st.lists(st.lists(PAYLOADS, max_size=3), max_size=3))
def test_cobs_is_encoded_backwards(frames: list[list[bytes]]) -> None:
    """Whatever was decoded before, if it was whole."""
    rows, sent = [], b""
    for answers in frames:
        rows += decoding(cobs(bytes(len(rows) % 50)))
        for payload in answers:
            rows += encoding(payload)
            sent += cobs(payload[::-1])[::-1] + b"\0"
    found = stream(Cobs(), rows, ["coded"]) if rows else []
    coded = [row["coded"] for row, at in zip(found, rows, strict=True) if at.get("encodes")]
    assert coded == bits(sent)


@pytest.mark.parametrize("far", [False, True])
def test_the_queue_keeps_what_is_not_released(far: bool) -> None:
    """It gives its bytes in order, again after `rewind`; what does not fit is lost."""
    queue, got = Queue(far=far), []

    async def testbench(ctx: Any) -> None:
        async def strobe(**values: int) -> None:
            for name, value in values.items():
                ctx.set(getattr(queue, name), value)
            await ctx.tick()
            for name in values:
                ctx.set(getattr(queue, name), 0)

        async def take(count: int) -> list[int]:
            taken = []
            for _ in range(count):
                for _ in range(2 + far):
                    if not ctx.get(queue.available):
                        await ctx.tick()
                if not ctx.get(queue.available):
                    break
                taken.append(ctx.get(queue.head))
                await strobe(take=1)
            return taken

        for k in range(QUEUE_BYTES + 5):
            await strobe(data=k % 251, push=1)
            await ctx.tick()
        everything = [k % 251 for k in range(QUEUE_BYTES - 1)]
        got.append((await take(QUEUE_BYTES + 5), everything))
        await strobe(rewind=1)
        got.append((await take(10), everything[:10]))
        await strobe(release=1)
        await ctx.tick()
        await strobe(data=99, push=1)
        got.append((await take(5), everything[10:15]))
        await strobe(rewind=1)
        got.append((await take(QUEUE_BYTES), [*everything[10:], 99]))
        await strobe(rewind=1, release=1)
        got.append((await take(3), everything[10:13]))

    simulator = Simulator(queue)
    simulator.add_clock(1e-6)
    simulator.add_testbench(testbench)
    simulator.run()
    for found, expected in got:
        assert found == expected


@pytest.mark.parametrize("far", [False, True])
def test_a_byte_is_available_two_clocks_after_it_came(far: bool) -> None:
    rows: list[Row] = [{"push": int(k == 2), "data": 7} for k in range(8)]
    found = stream(Queue(far=far), rows, ["available", "head"])
    assert [row["available"] for row in found] == [0, 0, 0, 0, 1 - far, 1, 1, 1]
    assert all(row["head"] == 7 for row in found if row["available"])


@pytest.mark.parametrize("operation", Operation)
@pytest.mark.parametrize("address", [0, 0x00FF, 0x1234, 0xFFFF])
@pytest.mark.parametrize("count", [1, 2, 17, MAX_WORDS])
def test_a_header_goes_from_word_to_word(operation: Operation, address: int, count: int) -> None:
    data = bytes([0xA5, operation, address & 255, address >> 8, count])
    rows: list[Row] = [{"shift": 1, "bit": bit} for bit in bits(data)]
    for _ in range(count):
        rows += [{"shift": 0, "advance": 0}, {}, {"advance": 1}]
    rows += [{"advance": 0}, {}, *[{"turn": 1}] * 16, {"turn": 0}]
    flags = ["reads", "writes", "syncs", "known", "none_remain"]
    names = ["number", "address", "remaining", *flags]
    found = stream(Header(), rows, names)
    for k in range(count + 1):
        row = found[41 + 3 * k]
        assert row["number"] == 0xA5
        assert row["address"] == (address + k * operation.step) % 2**16
        assert (row["remaining"], row["none_remain"]) == (count - k, k == count)
        assert (row["reads"], row["writes"]) == (operation.reads, operation.writes)
        assert (row["syncs"], row["known"]) == (operation is Operation.SYNC, 1)
    assert [row["number"] & 1 for row in found[-17:-1]] == bits(data[:2])
    assert found[-1]["number"] == 0xA5


def test_only_requests_that_there_are_are_known() -> None:
    for code in range(256):
        for count in (0, MAX_WORDS, MAX_WORDS + 1, 64, 255) if code in (1, 2, 9) else (1,):
            data = bytes([0, code, 0, 0, count])
            rows: list[Row] = [*({"shift": 1, "bit": bit} for bit in bits(data)), {"shift": 0}, {}]
            known = stream(Header(), rows, ["known"])[-1]["known"]
            assert known == (code in set(Operation) and count <= MAX_WORDS)


@pytest.mark.parametrize("last", [0, 1, 127, 254, 255])
def test_the_last_write_knows_its_number_and_the_next(last: int) -> None:
    component = LastWrite()
    rows: list[Row] = [{"accept": 1, "number": last, "sync": 1}]
    numbers = sorted({0, 1, 2, 126, 127, 128, 253, 254, 255})
    for number in numbers:
        rows += [{"accept": 0, "sync": 0, "restart": 1, "compare": 0}, {"restart": 0}]
        rows += [{"compare": 1, "bit": bit} for bit in bits(bytes([number]))]
    rows += [{"compare": 0}, {"commit": 1, "status": Status.REFUSED, "remaining": 5}]
    rows += [{"commit": 0, "turn": 1}] * 16 + [{"turn": 0}]
    names = ["same", "follows", "failed", "last_status", "last_number", "last_remaining"]
    found = stream(component, rows, names)
    for k, number in enumerate(numbers):
        row = found[1 + 10 * (k + 1)]
        assert (row["same"], row["follows"]) == (number == last, number == (last + 1) % 256)
    assert (found[0]["failed"], found[1]["failed"], found[-1]["failed"]) == (1, 0, 1)
    assert found[-1]["last_status"] == Status.REFUSED
    for name, value in (("last_number", last), ("last_remaining", 5)):
        assert [row[name] for row in found[-17:-1]] == bits(bytes([value])) * 2
    assert found[-1]["follows"] == 0


def test_patience_ends_and_begins_again() -> None:
    rows: list[Row] = [{"slow": int(k % 3 == 2), "restart": int(k < 4)} for k in range(40)]
    ends = [k for k, row in enumerate(stream(Patience(), rows, ["ends"])) if row["ends"]]
    first = 2 + 3 * PATIENCE  # with the fourth strobe after the restart
    assert ends == [first, first + 3 * PATIENCE, first + 6 * PATIENCE]
