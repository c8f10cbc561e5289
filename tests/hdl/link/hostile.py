"""Streams that no host would send, and what the golden model makes of them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from model.link import Device
from spec.link import MAX_WORDS, PATIENCE, SLOW_BITS, Operation
from tests.hdl.link.bench import Event, Run
from tests.link import SINK, Memory, request

Stream = list[tuple[Event, int]]

PAUSE = PATIENCE * SLOW_BITS + 50
NO_PAUSE = (PATIENCE - 1) * SLOW_BITS - 50
"""Bits that surely are, and are no time-out."""

PLACES = (0, 1, 2, 3, 4, 7, 0x3FE, 0x3FF, 0x400, 0x4FE, 0x500, SINK, 0x5FF, 0x700, 0xFFFF)
"""Where registers of a kind begin and end."""


def expected(stream: Sequence[tuple[Event, int]]) -> tuple[bytes, Memory]:
    """Return what the model sends, and what it does."""
    memory = Memory()
    device = Device(memory)
    sent = b""
    for event, value in stream:
        if event is Event.BYTE:
            sent += device.receive(bytes([value]))
        elif event in (Event.CUT, Event.BREAK) or (event is Event.IDLE and value >= PAUSE):
            sent += device.cut()
    return sent, memory


def agrees(run: Run, stream: Sequence[tuple[Event, int]]) -> bool:
    """Whether the gateware did what the model does."""
    sent, memory = expected(stream)
    return (bytes(run.sent), run.log, run.errors) == (sent, memory.log, 0)


def some_request(rng: random.Random, number: int) -> bytes:
    """Return a request that is good, or only nearly so, with a right CRC."""
    operation = rng.choice([*Operation, *Operation, Operation.WRITE, rng.randrange(256)])
    address = rng.choice(PLACES) if rng.random() < 0.7 else rng.randrange(0x700)
    count = rng.choice([0, 1, 1, 2, 3, 5, MAX_WORDS, rng.randrange(256)])
    words = count
    if operation in (Operation.WRITE, Operation.WRITE_SAME, 10):
        kept = min(count, MAX_WORDS + 5)
        words = [rng.choice([0, 1, 0xFFFFFFFF, rng.getrandbits(32)]) for _ in range(kept)]
        if rng.random() < 0.1:
            return request(number, operation, address, words, count=rng.randrange(64))
    return request(number, operation, address, words)


def mutated(rng: random.Random, data: bytes) -> Stream:
    """Lose, double, swap, flip, cut or delay bytes, or leave them as they are."""
    events = [(Event.BYTE, byte) for byte in data]
    k = rng.randrange(len(data))
    match rng.randrange(14):
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
    number, open_bytes = 0, 0
    for _ in range(requests):
        if rng.random() < 0.1:
            number = rng.randrange(256)
            data = request(number, Operation.SYNC)
        elif rng.random() < 0.05:
            data = rng.randbytes(1 + rng.randrange(400))
        else:
            number = (number + rng.choice([0, 1, 1, 1, 1, 2, 255])) % 256
            data = some_request(rng, number)
        if open_bytes + len(data) > 400:
            # The queue would run over; that is another test.
            yield from [(Event.BYTE, 0), (Event.SETTLE, 30)]
            open_bytes = 0
        open_bytes += len(data) + 1
        yield from mutated(rng, data)
    yield (Event.BYTE, 0)


def noise(seed: int, count: int) -> Stream:
    """Return random bytes."""
    return [(Event.BYTE, byte) for byte in random.Random(seed).randbytes(count)]
