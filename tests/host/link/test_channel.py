"""The channel against the golden model, on good lines and bad ones."""

from __future__ import annotations

import random
from typing import Any

import pytest

from host.link import Channel, LinkError, Reason, Write
from host.link.frames import Request
from model.link import Device
from spec.link import MAX_WORDS, QUEUE_BYTES, Operation, request_bytes
from tests.host.link.streams import Deaf, ModelStream, spoiler
from tests.link import RAM, READ_ONLY, SILENT, SINK


def some_words(rng: random.Random, count: int) -> list[int]:
    return [rng.choice([0, 1, 0xFFFFFFFF, rng.getrandbits(32)]) for _ in range(count)]


@pytest.mark.parametrize("count", [0, 1, 2, MAX_WORDS - 1, MAX_WORDS, MAX_WORDS + 1, 1000])
def test_what_is_written_is_read(count: int) -> None:
    stream = ModelStream()
    words = some_words(random.Random(count), count)
    with Channel(stream) as channel:
        channel.write(5, words)
        assert channel.read(5, count) == words
        assert channel.read(4, 1) == [0]
    assert stream.closed
    assert stream.memory.log == [("W", 5 + k, word) for k, word in enumerate(words)]


def test_the_same_address() -> None:
    stream = ModelStream()
    channel = Channel(stream)
    words = list(range(200))
    channel.write(SINK, words, same=True)
    assert stream.memory.log == [("W", SINK, word) for word in words]
    assert channel.read(SINK, 3, same=True) == [199] * 3


def test_reading_needs_no_sync() -> None:
    stream = ModelStream()
    assert Channel(stream).read(READ_ONLY[2]) == [READ_ONLY[2] * 0x10001]
    assert stream.memory.log == []


def once_and_in_order(seed: int, rate: float, device: type[Device] = Device) -> bool:
    """Whether that is how words are written, while the line spoils requests and answers."""
    rng = random.Random(seed)
    stream = ModelStream(spoiler(rng, rate), spoiler(rng, rate))
    stream.device = device(stream.memory)
    channel = Channel(stream, attempts=200)
    expected, right = [], True
    for _ in range(20):
        words = some_words(rng, rng.choice([1, 3, 60, 150]))
        place = rng.randrange(len(RAM) - 150)
        if rng.random() < 0.5:
            channel.write(SINK, words, same=True)
            expected += [("W", SINK, word) for word in words]
        else:
            channel.write(place, words)
            expected += [("W", place + k, word) for k, word in enumerate(words)]
            right &= channel.read(place, len(words)) == words
    return right and stream.memory.log == expected


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("rate", [1e-4, 2e-3])
def test_every_write_once_on_a_bad_line(seed: int, rate: float) -> None:
    assert once_and_in_order(seed, rate)


class Forgetful(Device):
    """The planted fault: every write follows the last one."""

    def _execute(self, number: int, operation: Operation, payload: bytes) -> Any:
        self._last = (number - 1) % 256
        return super()._execute(number, operation, payload)


def test_writes_that_happen_twice_are_noticed() -> None:
    assert not all(once_and_in_order(seed, 2e-3, Forgetful) for seed in range(5))


def test_damaged_writes_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault: a device that does not look at the CRC."""
    whole = request_bytes(0) - 2
    monkeypatch.setattr(
        "model.link._sound",
        lambda p: (
            len(p) >= whole
            and p[1] in set(Operation)
            and len(p) == whole + 4 * p[4] * Operation(p[1]).writes
        ),
    )
    noticed = False
    for seed in range(5):
        try:
            noticed |= not once_and_in_order(seed, 1e-3)
        except LinkError:  # a damaged address is refused
            noticed = True
    assert noticed


@pytest.mark.parametrize("seed", range(20))
def test_a_refusal_on_a_bad_line(seed: int) -> None:
    """Told as it is, with nothing behind it written, and the next write works."""
    rng = random.Random(seed)
    stream = ModelStream(spoiler(rng, 2e-3), spoiler(rng, 2e-3))
    channel = Channel(stream, attempts=200)
    end = RAM.stop
    for length in range(1, 200, 20):
        before = len(stream.memory.log)
        with pytest.raises(LinkError) as caught:
            channel.write(end - length, [7] * (length + 130))
        assert caught.value.reason is Reason.REFUSED
        assert caught.value.address == end
        assert len(stream.memory.log) == before + length
        channel.write(length, [length])
        assert stream.memory.log[-1] == ("W", length, length)


def refused(channel: Channel, *, write: bool, address: int, count: int) -> LinkError:
    call = (
        (lambda: channel.write(address, [1] * count))
        if write
        else (lambda: channel.read(address, count))
    )
    with pytest.raises(LinkError) as caught:
        call()
    assert len(str(caught.value).splitlines()) == 1
    return caught.value


@pytest.mark.parametrize("write", [False, True])
def test_refused_and_stuck_words_are_named(write: bool) -> None:
    channel = Channel(ModelStream())
    beyond = SILENT.stop + 1
    error = refused(channel, write=write, address=beyond, count=2)
    assert (error.reason, error.address) == (Reason.REFUSED, beyond)
    assert "0x0601" in str(error)
    error = refused(channel, write=write, address=SILENT[3], count=1)
    assert (error.reason, error.address) == (Reason.STUCK, SILENT[3])
    first = READ_ONLY[0] if write else SILENT[0]
    error = refused(channel, write=write, address=first - 70, count=80)
    assert error.address == first


def test_nothing_answers() -> None:
    for call in (Channel(Deaf()).sync, lambda: Channel(Deaf()).read(0)):
        with pytest.raises(LinkError, match="nothing answers") as caught:
            call()
        assert caught.value.reason is Reason.SILENT


@pytest.mark.parametrize("says", [b"login: ", b"\xff\0\xfe\0", b"\0", bytes(range(256)) * 9])
def test_something_else_answers(says: bytes) -> None:
    for call in (Channel(Deaf(says)).sync, lambda: Channel(Deaf(says)).write(0, [1])):
        with pytest.raises(LinkError, match="not as this link does") as caught:
            call()
        assert caught.value.reason is Reason.FOREIGN


def test_an_echo_is_something_else() -> None:
    class Echo(Deaf):
        def send(self, data: bytes) -> None:
            self.says, self.left = data, 2

    with pytest.raises(LinkError) as caught:
        Channel(Echo()).write(0, [1])
    assert caught.value.reason is Reason.FOREIGN


def test_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.link.VERSION", 2)
    with pytest.raises(LinkError, match="version 2") as caught:
        Channel(ModelStream()).sync()
    assert caught.value.reason is Reason.FOREIGN


def test_a_device_that_falls_silent() -> None:
    stream = ModelStream()
    channel = Channel(stream)
    channel.write(0, [1])
    stream.spoil_request = lambda _: b""
    with pytest.raises(LinkError, match="any more") as caught:
        channel.write(0, [2])
    assert caught.value.reason is Reason.NOISY
    stream.spoil_request = bytes
    channel.write(0, [3])
    assert channel.read(0) == [3]


@pytest.mark.parametrize("number", range(0, 256, 5))
def test_a_reset_is_noticed(number: int) -> None:
    """Before anything else is written, whatever the number of the next write is."""
    stream = ModelStream()
    channel = Channel(stream)
    for k in range(number):
        channel.write(0, [k])
    channel.write(0, [1])
    stream.device = type(stream.device)(stream.memory)
    with pytest.raises(LinkError, match="reset") as caught:
        channel.write(1, [2] * 150)
    assert caught.value.reason is Reason.RESTARTED
    assert stream.memory.log[-1] == ("W", 0, 1)
    channel.write(1, [2])
    assert stream.memory.log[-1] == ("W", 1, 2)


def test_the_queue_never_runs_over() -> None:
    """Between two looks at answers, no more bytes are sent than a device keeps."""
    stream = ModelStream()
    under_way = most = 0
    send, receive = stream.send, stream.receive

    def count_sent(data: bytes) -> None:
        nonlocal under_way, most
        under_way += len(data)
        most = max(most, under_way)
        send(data)

    def count_received() -> bytes:
        nonlocal under_way
        data = receive()
        if not stream._answers:
            under_way = 0
        return data

    stream.send, stream.receive = count_sent, count_received  # type: ignore[method-assign]
    channel = Channel(stream)
    channel.write(0, list(range(1000)))
    assert 2 * request_bytes(MAX_WORDS) <= most < QUEUE_BYTES
    most = 0
    assert channel.read(0, 1000) == list(range(1000))
    assert 5 * request_bytes(0) < most < QUEUE_BYTES


def test_arguments_are_checked() -> None:
    channel = Channel(ModelStream())
    for address, count in ((-1, 1), (0x10000, 1), (0xFFFF, 2), (0, -1)):
        with pytest.raises(ValueError, match="address"):
            channel.read(address, count)
    for word in (-1, 1 << 32):
        with pytest.raises(ValueError, match="words"):
            channel.write(0, [word])


def test_sizes_are_those_of_the_bytes() -> None:
    request = Request(Operation.WRITE, 0x1234, 3, [1, 2, 3])
    assert len(request.encode(9)) == request.size


def test_several_writes_at_once() -> None:
    """In their order, over a line that spoils some, each once."""
    rng = random.Random(8)
    stream = ModelStream(spoiler(rng, 1e-3), spoiler(rng, 1e-3))
    writes = [Write(k, [k, k + 1]) for k in range(50)] + [Write(SINK, list(range(100)), same=True)]
    Channel(stream, attempts=200).write_all(writes)
    expected = [("W", write.address + j, write.words[j]) for write in writes[:50] for j in (0, 1)]
    assert stream.memory.log == expected + [("W", SINK, k) for k in range(100)]


def test_writes_that_follow_each_other_share_a_frame() -> None:
    stream = ModelStream()
    channel = Channel(stream)
    channel.sync()
    before = len(stream.sent)
    channel.write_all([Write(7, [1, 2]), Write(9, [3]), Write(11, [4]), Write(12, [5], same=True)])
    assert len(stream.sent) - before == 3
    assert stream.memory.log == [
        ("W", *pair) for pair in ((7, 1), (8, 2), (9, 3), (11, 4), (12, 5))
    ]


@pytest.mark.parametrize("seed", range(20))
def test_what_is_read_after_writes_is_never_of_before(seed: int) -> None:
    """On a bad line; the words are other ones each time."""
    rng = random.Random(seed)
    rate = rng.choice([1e-4, 1e-3])
    stream = ModelStream(spoiler(rng, rate), spoiler(rng, rate))
    channel = Channel(stream, attempts=200)
    for _ in range(60):
        words = [rng.getrandbits(32) for _ in range(rng.choice([1, 2, 100]))]
        writes = [Write(k * rng.choice([1, 1, 2]), [word]) for k, word in enumerate(words)]
        found = channel.write_then_read(writes, 0, 200)
        assert found == channel.read(0, 200)
        assert found[writes[-1].address] == words[-1]


def test_writes_and_a_read_take_one_round_trip() -> None:
    """All is sent before anything is received."""
    stream = ModelStream()
    channel = Channel(stream)
    channel.sync()
    received = []
    receive = stream.receive
    stream.receive = lambda: received.append(len(stream.sent)) or receive()  # type: ignore[method-assign]
    before = len(stream.sent)
    assert channel.write_then_read([Write(0, [1]), Write(5, [2])], 0, 6) == [1, 0, 0, 0, 0, 2]
    assert received[0] == len(stream.sent) == before + 3
