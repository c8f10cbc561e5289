"""Converters of a user's own: chips that do what a shape says, of which there is no data sheet."""

from __future__ import annotations

from collections.abc import Callable

from spec.external.converter import AdcShape, DacShape


class OwnDac:
    """A DAC; what has to be set up puts out nothing until it is.

    Parameters
    ----------
    shape : DacShape

    Attributes
    ----------
    outputs : list of int
        Codes of its channels.
    errors : list of str
        Frames that it does not know.
    """

    def __init__(self, shape: DacShape) -> None:
        self.shape = shape
        self.inputs, self.outputs = [0] * shape.channels, [0] * shape.channels
        self.errors: list[str] = []
        self._on = not shape.setup
        self._sclk, self._cs_n, self._ldac_n = 0, 1, 1
        self._bits: list[int] = []

    def pins(self, now: float, sclk: int, mosi: int, cs_n: int, ldac_n: int) -> None:
        """Hear the pins."""
        taken = sclk < self._sclk if self.shape.falling else sclk > self._sclk
        if taken and not cs_n:
            self._bits.append(mosi)
        if cs_n < self._cs_n:
            self._bits = []
        if cs_n > self._cs_n:
            self._execute(now)
        if self._on and (ldac_n < self._ldac_n or not self.shape.load):
            self.outputs = list(self.inputs)
        self._sclk, self._cs_n, self._ldac_n = sclk, cs_n, ldac_n

    def _execute(self, now: float) -> None:
        shape, word = self.shape, int("0" + "".join(map(str, self._bits)), 2)
        if shape.setup and (word, len(self._bits)) == (shape.setup, shape.frame_bits):
            self._on = True
            return
        value, channel = word >> shape.value_at, word >> shape.channel_at
        value &= (1 << shape.value_bits) - 1
        channel &= (1 << shape.channel_bits) - 1
        command = word & ~(value << shape.value_at | channel << shape.channel_at)
        known = command == shape.command and channel < shape.channels
        if len(self._bits) != shape.frame_bits or not known:
            self.errors.append(f"{now:g} ns: {len(self._bits)} bits, {word:#x}")
            return
        self.inputs[channel] = value


class OwnAdc:
    """An ADC; it converts as CS rises, or when it has heard the channel, in the middle of a frame.

    Parameters
    ----------
    shape : AdcShape
    read : callable
        Takes a channel, and returns the code of what is at that input. A chip that converts as CS
        rises has one channel only, 0.

    Attributes
    ----------
    errors : list of str
        Of frames that do not ask for what there is.
    """

    def __init__(self, shape: AdcShape, read: Callable[[int], int]) -> None:
        self.shape, self._read = shape, read
        self.errors: list[str] = []
        self._sclk, self._cs_n = 0, 0 if shape.convert_ns else 1
        self._word = self._left = self._level = 0
        self._heard: list[int] = []

    def pins(self, now: float, sclk: int, mosi: int, cs_n: int) -> None:
        """Hear the pins: put out a bit at the edge at which none is taken, the first by then."""
        shape, falls = self.shape, cs_n < self._cs_n
        if shape.convert_ns and cs_n > self._cs_n:
            self._word = self._read(0) << shape.value_at
        if falls:
            self._left, self._heard = shape.frame_bits, []
        changes = not cs_n and sclk != self._sclk
        if changes and bool(sclk) != shape.falling:
            self._heard.append(mosi)
        launches = changes and bool(sclk) == shape.falling
        if self._left and (launches or (falls and not shape.falling)):
            if not shape.convert_ns and self._left == shape.value_at + shape.value_bits:
                self._word = self._read(self._channel()) << shape.value_at
            self._left -= 1
            self._level = self._word >> self._left & 1
        self._sclk, self._cs_n = sclk, cs_n

    def _channel(self) -> int:
        """Return the channel that the frame so far asks for."""
        shape, heard = self.shape, self._heard
        bits = heard + [0] * (shape.frame_bits - len(heard))
        word = int("0" + "".join(map(str, bits)), 2)
        return word >> shape.channel_at & (1 << shape.channel_bits) - 1

    def miso(self, now: float) -> int:
        """Return the level of its output."""
        return self._level
