"""Registers read and written over a stream that may lose and damage bytes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self

from host.link.errors import LinkError, Reason
from host.link.frames import DELIMITER, Answer, Frames, Request
from host.link.port import Stream
from host.link.registers import Write
from spec.link import ADDRESS_BITS, MAX_WORDS, QUEUE_BYTES, VERSION, Operation, Status

ATTEMPTS = 5
"""Times without any progress, then the channel gives up."""

ANSWERS_BYTES = 2048
"""Of answers that may be under way: half of what a terminal of Linux keeps."""


Flight = deque[tuple[int, int]]
"""Reads under way: the tag, and which one it is."""


class Channel:
    """Reads and writes words of 32 bits, each write exactly once.

    Several requests are under way at a time. What is lost is asked for again; a write that was
    executed already is not executed again. Closes the stream at the end of its context.

    Parameters
    ----------
    stream : Stream
    attempts : int
        Times without progress after which it gives up.
    """

    def __init__(self, stream: Stream, attempts: int = ATTEMPTS) -> None:
        self._stream = stream
        self._attempts = attempts
        self._frames = Frames()
        self._answers: deque[Answer] = deque()
        self._number = 0  # the last one of a write or sync
        self._tag = 0  # the last one of a read
        self._heard = False  # anything since the last answer
        self._known = False  # this is a device of ours
        self._synced = False

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the stream."""
        self._stream.close()

    def sync(self) -> None:
        """Agree on numbers, as the first write does by itself, and the first after a LinkError.

        Raises
        ------
        LinkError
            If nothing answers, or not in this protocol.
        """
        self._frames, self._heard = Frames(), False
        self._answers.clear()
        for _ in range(self._attempts):
            self._number = (self._number + 1) % 256
            request = Request(Operation.SYNC)
            self._stream.send(DELIMITER + request.encode(self._number))
            while (answer := self._next()) is not None:
                if (answer.number, answer.operation) == (self._number, Operation.SYNC):
                    if answer.remaining != VERSION:
                        raise LinkError(
                            Reason.FOREIGN,
                            f"the device has version {answer.remaining} of the link, "
                            f"and this program version {VERSION}",
                        )
                    self._synced = True
                    return
        raise self._silence()

    def read(self, address: int, count: int = 1, *, same: bool = False) -> list[int]:
        """Return words from an address on, or so many from the same one.

        Raises
        ------
        LinkError
            If one is refused or stuck, or the link gives up.
        """
        return self._words(self._reads(address, count, same), deque())

    def write(self, address: int, words: Sequence[int], *, same: bool = False) -> None:
        """Set words from an address on, or all to the same one, one after the other.

        Raises
        ------
        LinkError
            If one is refused or stuck: then those before it are written, and those after it are
            not. If the link gives up: then any number of them, from the first one on, are written.
        """
        self.write_all([Write(address, words, same)])

    def write_all(self, writes: Sequence[Write]) -> None:
        """Make writes one after the other, as `write` does, without waiting for each answer."""
        self._write_all(writes)

    def write_then_read(self, writes: Sequence[Write], address: int, count: int = 1) -> list[int]:
        """Make writes, then read, as `write_all` and `read` do; if nothing is lost, at once."""
        reads = self._reads(address, count, same=False)
        return self._words(reads, self._write_all(writes, reads[0]))

    def _write_all(self, writes: Sequence[Write], early: Request | None = None) -> Flight:
        """Make writes, and send what is to be read after them; return it if it still counts."""
        requests = [request for write in _joined(writes) for request in self._requests(write)]
        if not self._synced:
            self.sync()
        self._synced = False
        flight = self._write(requests, early)
        self._synced = True
        return flight

    def _reads(self, address: int, count: int, same: bool) -> list[Request]:
        self._check(address, count, same)
        operation = Operation.READ_SAME if same else Operation.READ
        return [
            Request(operation, address + first * operation.step, min(MAX_WORDS, count - first))
            for first in range(0, count, MAX_WORDS)
        ]

    def _words(self, reads: Sequence[Request], flight: Flight) -> list[int]:
        return [word for answer in self._read(reads, flight) for word in answer.words]

    def _requests(self, write: Write) -> list[Request]:
        address, words = write.address, write.words
        self._check(address, len(words), write.same)
        if not all(0 <= word < 1 << 32 for word in words):
            raise ValueError("words: must be from 0 to 2**32 - 1")
        operation = Operation.WRITE_SAME if write.same else Operation.WRITE
        return [
            Request(operation, address + first * operation.step, len(part), part)
            for first in range(0, len(words), MAX_WORDS)
            for part in [words[first : first + MAX_WORDS]]
        ]

    def _read(self, requests: Sequence[Request], flight: Flight) -> list[Answer]:
        answers: dict[int, Answer] = {}
        todo = deque(range(len(flight), len(requests)))
        failures = 0
        while todo or flight:
            while todo and self._room(requests, [k for _, k in flight], todo[0]):
                self._tag = (self._tag + 1) % 256
                flight.append((self._tag, todo[0]))
                self._stream.send(requests[todo.popleft()].encode(self._tag))
            answer = self._next()
            tags = [tag for tag, _ in flight]
            if answer is None:
                failures = self._again(failures)
                lost = len(flight)
            elif not answer.operation.reads or answer.number not in tags:
                continue  # an answer that came too late
            else:
                lost = tags.index(answer.number)  # those before it, as answers come in order
            todo.extendleft([flight.popleft()[1] for _ in range(lost)][::-1])
            if answer is None:
                continue
            _, k = flight.popleft()
            if answer.operation is not requests[k].operation or (
                len(answer.words) + answer.remaining != requests[k].count
            ):
                todo.appendleft(k)  # not an answer to this
                failures = self._again(failures)
                continue
            self._require(answer, requests[k])
            answers[k] = answer
            failures = 0
        return [answers[k] for k in range(len(requests))]

    def _write(self, requests: Sequence[Request], early: Request | None) -> Flight:
        """Go back to the first that is not executed whenever one is lost.

        What is read early is sent but once, and counts if nothing was lost: the device executes in
        order. Its answer comes after all others.
        """
        first = self._number + 1  # requests[k] has this number and k more
        done = sent = failures = 0
        flight: Flight = deque()
        everything = [*requests, *([early] if early else [])]
        while done < len(requests):
            while sent < len(requests) and self._room(requests, range(done, sent), sent):
                self._number = (first + sent) % 256
                self._stream.send(requests[sent].encode(self._number))
                sent += 1
            if early and sent == len(requests) and self._room(everything, range(done, sent), sent):
                self._tag = (self._tag + 1) % 256
                flight.append((self._tag, 0))
                self._stream.send(early.encode(self._tag))
                early = None
            answer = self._next()
            if answer is None:
                failures = self._again(failures)
                sent, early = done, None
                flight.clear()
                continue
            k = done + (answer.number - first - done) % 256
            if not answer.operation.writes or k >= sent:
                continue  # an answer that came too late
            executed = k + 1
            if answer.status in (Status.OUT_OF_ORDER, Status.HALTED):
                executed = self._executed(answer, (first, done, k, sent))
            else:
                self._require(answer, requests[k])
            failures = 0 if executed > done else failures
            if executed <= k == sent - 1:  # all that was sent is answered; go back
                failures = self._again(failures)
                sent, early = executed, None
                flight.clear()
            done = max(done, executed)
        return flight

    @staticmethod
    def _executed(answer: Answer, window: tuple[int, int, int, int]) -> int:
        """Return how many writes were, by an answer that tells the last one's number."""
        first, done, k, sent = window
        last = done - 1 + (answer.remaining - first - done + 1) % 256
        failed = answer.status is Status.HALTED  # the last one, and nobody heard of it; or no sync
        if last >= sent or (failed and last in (done - 1, k)):
            raise LinkError(
                Reason.RESTARTED, "the device was reset, or another program writes to it"
            )
        return last + (not failed)

    def _room(self, requests: Sequence[Request], flight: Sequence[int], k: int) -> bool:
        """Whether one more request may be under way."""
        under_way = [requests[j] for j in [*flight, k]]
        return len(under_way) == 1 or (
            sum(request.size for request in under_way) < QUEUE_BYTES
            and sum(request.answer_size for request in under_way) <= ANSWERS_BYTES
        )

    def _require(self, answer: Answer, request: Request) -> None:
        """Raise a LinkError if a request failed."""
        if answer.status is Status.OK:
            return
        address = request.place(request.count - answer.remaining)
        what = "read" if request.operation.reads else "write"
        if answer.status is Status.TIMEOUT:
            raise LinkError(
                Reason.STUCK, f"{what} at address {address:#06x}: the register is stuck", address
            )
        raise LinkError(Reason.REFUSED, f"{what} at address {address:#06x}: refused", address)

    def _next(self) -> Answer | None:
        """Return the next undamaged answer; None after a time-out."""
        while not self._answers:
            data = self._stream.receive()
            if not data:
                return None
            self._heard = True
            decoded = map(Answer.decode, self._frames.feed(data))
            self._answers.extend(answer for answer in decoded if answer is not None)
            self._known |= bool(self._answers)
        return self._answers.popleft()

    def _again(self, failures: int) -> int:
        """Count an attempt that failed, and end what may be half of a frame."""
        if failures + 1 >= self._attempts:
            raise self._silence()
        self._stream.send(DELIMITER)
        return failures + 1

    def _silence(self) -> LinkError:
        times = f"after {self._attempts} attempts"
        if self._known:
            return LinkError(Reason.NOISY, f"the device does not answer any more, {times}")
        if self._heard:
            return LinkError(
                Reason.FOREIGN,
                f"something answers, but not as this link does, {times}; "
                "another design, or another baud rate?",
            )
        return LinkError(Reason.SILENT, f"nothing answers, {times}")

    @staticmethod
    def _check(address: int, count: int, same: bool) -> None:
        most = 1 << ADDRESS_BITS
        if count < 0 or not 0 <= address <= most - (1 if same else count):
            raise ValueError(f"address = {address}, {count} words: must be within 0 to {most - 1}")


def _joined(writes: Sequence[Write]) -> Iterator[Write]:
    """Yield the same writes, those whose addresses follow each other as one."""
    writes = deque(writes)
    while writes:
        one = writes.popleft()
        words = [*one.words]
        while writes and not (one.same or writes[0].same):
            if writes[0].address != one.address + len(words):
                break
            words += writes.popleft().words
        yield replace(one, words=words)
