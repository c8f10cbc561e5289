"""Waveforms of the link, from the pins to its bus."""

from __future__ import annotations

from hdl.link.cobs import Cobs
from hdl.link.crc import Crc
from hdl.link.executor import Executor
from hdl.link.header import Header
from hdl.link.last_write import LastWrite
from hdl.link.link import Link
from hdl.link.patience import Patience
from hdl.link.queue import Queue
from hdl.link.uart import BitClock, Receiver, Transmitter
from spec.link import Rate
from spec.map import address_of
from tests.hdl.waveforms.scenario import Claim, Scenario, at
from tests.link import READ, request

FAST = Rate(48e6, 12_000_000)
"""Four clocks a bit."""

READ_STEP = request(1, READ, address_of("step"), 1)
"""A request, as bytes."""


def bits(*numbers: int) -> str:
    """Return the bits of bytes, the lowest of each first."""
    return "".join(str(number >> k & 1) for number in numbers for k in range(8))


def line(*numbers: int) -> str:
    """Return bytes on a wire, of four clocks a bit, after a bit of silence."""
    return "".join(4 * bit for bit in "1" + "".join(f"0{bits(n)}1" for n in numbers))


def head(*numbers: int) -> list[int]:
    """Return the head of a queue, for an executor that takes a byte in 11 clocks."""
    return [numbers[0]] * 3 + [number for number in numbers[1:] for _ in range(11)]


SCENARIOS = {
    BitClock: Scenario(
        make=lambda: BitClock(Rate(48e6, 10_666_667)),
        caption=(
            "Bits of 4.5 clocks: after `restart` the next strobe comes in half a bit, and then "
            "they come after 4 clocks and after 5."
        ),
        inputs={"restart": at(1)},
        shows="restart bit",
        clocks=24,
    ),
    Receiver: Scenario(
        make=lambda: Receiver(FAST),
        caption=(
            "The last bits of the byte 0x35, four clocks each, move into `data` from above; in the "
            "middle of the stop bit, `valid` says that it is there."
        ),
        inputs={"rx": line(0x35) + "1"},
        shows="rx receiving data:#04x valid error",
        first=23,
        clocks=23,
    ),
    Transmitter: Scenario(
        make=Transmitter,
        caption=(
            "The byte 0x35 goes out, two clocks a bit: a start bit, its bits as `shift` asks for "
            "them, a stop bit. `empty` comes with the last of them."
        ),
        inputs={
            "bit": "01" * 12,
            "valid": "0110",
            "data": "0000" + "".join(2 * bit for bit in bits(0x35)) + "0",
        },
        shows="valid data bit between shift empty tx",
        clocks=24,
    ),
    Cobs: Scenario(
        make=Cobs,
        caption=(
            "A frame that begins with the bytes 2, 0x35: the first one only says where the next "
            "code is; the second one is data, and comes through. The byte after it is that code."
        ),
        inputs={
            "end": at(0),
            "take": at(1, 11, 21),
            "decodes": "001111111100111111110",
            "bit": "00" + bits(2) + "00" + bits(0x35),
            "next": at(10, 20),
        },
        shows="end take decodes bit next first code decoded",
        clocks=23,
    ),
    Crc: Scenario(
        make=Crc,
        caption=(
            "After `restart`, a byte goes in, a bit a clock; then the first bits of its CRC go "
            "out, one for each `out`."
        ),
        inputs={
            "restart": at(1),
            "shift": "00" + "1" * 8 + "0",
            "bit": "00" + bits(0x35),
            "out": "0" * 12 + "1" * 10 + "0",
        },
        shows="restart shift bit out crc_bit",
        clocks=23,
    ),
    Header: Scenario(
        make=Header,
        caption=(
            "The last bits of a request to read 2 words from 0x15 on; then `advance` makes the "
            "next address of it, {0} later, and a word less remains."
        ),
        inputs={
            "shift": "1" * 40 + "0",
            "bit": bits(1, READ, 0x15, 0, 2),
            "advance": at(45, 49),
        },
        shows="shift bit advance number address:#x remaining reads writes syncs known none_remain",
        first=37,
        clocks=15,
        claims=[Claim("advance", "address", 1)],
    ),
    LastWrite: Scenario(
        make=LastWrite,
        caption=(
            "The last write was 5. Number 6 comes in, bit by bit: it follows. It is accepted, and "
            "commits; when 6 comes in again, it is the same, and will not be made twice."
        ),
        inputs={
            "accept": at(0, 12),
            "sync": at(0),
            "number": [5] + [6] * 24,
            "restart": at(2, 14),
            "compare": "000" + "1" * 8 + "0000" + "1" * 8 + "0",
            "bit": "000" + bits(6) + "0000" + bits(6),
            "commit": at(12),
        },
        shows="restart compare bit accept number commit same follows failed",
        first=1,
        clocks=24,
    ),
    Queue: Scenario(
        make=Queue,
        caption=(
            "Three bytes go in, and the first is available {0} after its `push`. Two are taken; "
            "`rewind` goes back to the first, and `release` lets go of all before the next one."
        ),
        inputs={
            "push": at(2, 4, 6),
            "data": [0, 0, 0x11, 0x11, 0x22, 0x22, 0x33, 0x33, 0],
            "take": at(8, 10, 16),
            "rewind": at(13),
            "release": at(18),
        },
        shows="data:#x push take rewind release head:#x available",
        clocks=21,
        claims=[Claim("push", "available", 2)],
    ),
    Patience: Scenario(
        make=lambda: Patience(3),
        caption=(
            "`ends` comes with the third `slow`; after `restart`, with the third one from there."
        ),
        inputs={"slow": "0100100100100100100100100", "restart": at(13)},
        shows="restart slow ends",
        clocks=24,
    ),
    Executor: Scenario(
        make=Executor,
        caption=(
            "The answer to a request to read the step. `full`: a byte is to be sent, and `coded` "
            "is its next bit, at each `shift`. While the second byte goes, the bus is asked for "
            "the word."
        ),
        inputs={
            "available": "1" * 113 + "0",
            "head": head(*READ_STEP),
            "between": "1",
            "shift": at(*range(125, 133)),
            "empty": at(132),
            "bus.done": at(145),
            "bus.read_data": [1234],
        },
        shows="between shift empty bus.done full coded bus.address:#x bus.read",
        first=123,
        clocks=24,
    ),
    Link: Scenario(
        make=lambda: Link(FAST),
        caption=(
            "The last bits of a request to read the step come in on rx, a bit in four clocks. The "
            "answer goes out at once; while its second byte does, the bus is asked for the word."
        ),
        inputs={
            "rx": line(*READ_STEP) + "1",
            "bus.done": at(505),
        },
        shows="rx tx bus.address:#x bus.read",
        first=408,
        every=4,
        clocks=24,
    ),
}
