"""The host's channel and the gateware, with each other."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from host.link import Channel, LinkError, Reason
from sim.simulators import Simulator
from spec.link import MAX_WORDS, Rate
from tests.conftest import need
from tests.hdl.link.bench import Event, compiled
from tests.host.link.gateware import GatewareStream
from tests.host.link.streams import spoiler
from tests.link import RAM, SINK

RATE = Rate(12e6, 1_000_000)
"""A slow board at a fast rate."""


@pytest.fixture(scope="module")
def program(builds: Path) -> Path:
    need(Simulator.VERILATOR)
    return compiled(builds, RATE)


def test_windows_go_at_seventy_percent_of_the_line_rate(program: Path) -> None:
    """Of 1,000 words, and 220 words are read within 10 ms, all with the host's own windows."""
    words = [random.Random(1).getrandbits(32) for _ in range(1000)]
    stream = GatewareStream(program)
    with Channel(stream) as channel:
        channel.sync()
        start = stream.clock
        channel.write(0, words)
        written = stream.clock
        assert channel.read(0, 1000) == words
        read = stream.clock
        assert channel.read(0, 220) == words[:220]
        assert (stream.clock - read) / RATE.clock_hz < 10e-3
    line = 1000 * 4 * 10 * RATE.clocks
    assert line / (written - start) > 0.7
    assert line / (read - written) > 0.7


@pytest.mark.parametrize("seed", range(3))
def test_every_write_once_on_a_bad_line(seed: int, program: Path) -> None:
    rng = random.Random(seed)
    stream = GatewareStream(program, spoiler(rng, 1e-3), spoiler(rng, 1e-3))
    expected = []
    with Channel(stream, attempts=200) as channel:
        for _ in range(8):
            words = [rng.getrandbits(32) for _ in range(rng.choice([1, 3, MAX_WORDS, 150]))]
            channel.write(SINK, words, same=True)
            expected += [("W", SINK, word) for word in words]
            place = rng.randrange(len(RAM) - 150)
            channel.write(place, words)
            expected += [("W", place + k, word) for k, word in enumerate(words)]
            assert channel.read(place, len(words)) == words
    assert stream.run.log == expected


def test_refusals_and_resets_are_told(program: Path) -> None:
    stream = GatewareStream(program)
    with Channel(stream) as channel:
        with pytest.raises(LinkError) as caught:
            channel.write(RAM.stop - 100, [1] * 200)
        assert (caught.value.reason, caught.value.address) == (Reason.REFUSED, RAM.stop)
        assert len(stream.run.log) == 100
        channel.write(0, [1])
        stream.event(Event.RESET, 10)
        with pytest.raises(LinkError) as caught:
            channel.write(0, [2])
        assert caught.value.reason is Reason.RESTARTED
        channel.write(0, [3])
        assert channel.read(0) == [3]
    assert stream.run.log[-2:] == [("W", 0, 1), ("W", 0, 3)]
