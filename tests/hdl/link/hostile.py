"""Streams that no host would send, and what the golden model makes of them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from model.link import Device
from spec.link import MAX_WORDS, PATIENCE, SLOW_BITS, Operation
from tests.hdl.link.bench import QUIET, Event, Run
from tests.link import SINK, Memory, request

Stream = list[tuple[Event, int]]

PAUSE = PATIENCE * SLOW_BITS + 50
NO_PAUSE = (PATIENCE - 1) * SLOW_BITS - 50
"""Bits that surely are, and are no time-out."""

PLACES = (0x3FE, 0x3FF, 0x400, 0x4FE, 0x500, SINK, 0x5FF, 0x700, 0xFFFF)
"""Where registers of a kind begin and end."""


def expected(stream: Sequence[tuple[Event, int]]) -> tuple[bytes, Memory]:
    """Return what the model sends, and what it does."""
    memory = Memory()
    device = Device(memory)
    return b"".join(meets(device, *event) for event in stream), memory


def meets(device: Device, event: Event, value: int) -> bytes:
    """Return what a device says to an event."""
    if event is Event.BYTE:
        return device.receive(bytes([value]))
    if event in (Event.CUT, Event.BREAK) or (event is Event.IDLE and value >= PAUSE):
        return device.cut()
    return b""


def agrees(run: Run, stream: Sequence[tuple[Event, int]]) -> bool:
    """Whether the gateware did what the model does."""
    sent, memory = expected(stream)
    found = (bytes(run.sent), run.log, run.refused, run.errors)
    return found == (sent, memory.log, memory.refused, 0)


def some_request(rng: random.Random, number: int) -> bytes:
    """Return a request that is good, or only nearly so, with a right CRC."""
    operation = rng.choice([*Operation, *Operation, Operation.WRITE, rng.randrange(256)])
    address = rng.choice(PLACES) if rng.random() < 0.3 else rng.randrange(0x3C0)
    count = rng.choice([0, 1, 1, 2, 3, 5, MAX_WORDS, MAX_WORDS + 1, rng.randrange(256)])
    words = count
    if operation in (Operation.WRITE, Operation.WRITE_SAME, 10):
        kept = min(count, MAX_WORDS + 5)
        words = [rng.choice([0, 1, 0xFFFFFFFF, rng.getrandbits(32)]) for _ in range(kept)]
        if rng.random() < 0.1:
            return request(number, operation, address, words, count=rng.randrange(64))
    tail = rng.choice([b"\0", b"\xff"]) * 4  # as what is left of a CRC that is out
    data = request(number, operation, address, words, tail=tail[rng.randrange(30) :])
    if rng.random() < 0.03:  # the frame ends before the place of the next code
        last = max(k for k in codes(data))
        data = data[:last] + bytes([data[last] + 1]) + data[last + 1 :]
    return data


def codes(data: bytes) -> Iterator[int]:
    """Return the places of the codes of a frame."""
    k = 0
    while data[k]:
        yield k
        k += data[k]


def mutated(rng: random.Random, data: bytes) -> Stream:
    """Lose, double, swap, flip, cut or delay bytes, or leave them as they are."""
    events = [(Event.BYTE, byte) for byte in data]
    k = rng.randrange(len(data))
    match rng.randrange(25):
        case 0:
            del events[k]
        case 1:
            events.insert(k, events[k])
        case 2:
            j = rng.randrange(len(data))
            events[k], events[j] = events[j], events[k]
        case 3:
            events[k] = (Event.BYTE, data[k] ^ 1 << rng.randrange(8))
        case 4:
            del events[k:]
        case 5:
            events[k] = (Event.CUT, data[k])
        case 6:
            events.insert(k, (Event.IDLE, PAUSE + rng.randrange(2000)))
        case 7:
            events.insert(k, (Event.IDLE, 1 + rng.randrange(NO_PAUSE)))
        case 8:
            events.insert(k, (Event.GLITCH, 1))
        case 9:
            events.insert(k, (Event.BREAK, 11 + rng.randrange(40)))
    return events


def stream(seed: int, requests: int) -> Stream:
    """Return requests, good and bad, in turns, and noise between them."""
    return list(_stream(random.Random(seed), requests))


def _stream(rng: random.Random, requests: int) -> Iterator[tuple[Event, int]]:
    device, open_bytes = Device(Memory()), 0
    for _ in range(requests):
        if rng.random() < 0.15:
            data = request(rng.randrange(256), Operation.SYNC)
        elif rng.random() < 0.05:
            data = rng.randbytes(1 + rng.randrange(400))
            if rng.random() < 0.3:
                data = data.replace(b"\0", b"") + bytes([1 + rng.randrange(255)]) * 300
        else:
            number = device._last + rng.choice([0, 1, 1, 1, 1, 1, 2, 255])
            data = some_request(rng, number % 256)
        if open_bytes and open_bytes + len(data) > 400:
            # The queue would run over; that is another test.
            yield from [(Event.BYTE, 0), (Event.SETTLE, QUIET)]
            open_bytes = 0
        open_bytes += len(data) + 1
        for event in mutated(rng, data):
            meets(device, *event)
            yield event
    yield (Event.BYTE, 0)


def noise(seed: int, count: int) -> Stream:
    """Return random bytes."""
    return [(Event.BYTE, byte) for byte in random.Random(seed).randbytes(count)]
