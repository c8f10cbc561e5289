"""Converters on SPI as their data sheets describe them, told of their pins.

They know nothing of `spec.external`: what is wrong there shows here. A chip hears its pins as often
as they may have changed, with the time in nanoseconds, and tells in `errors` what it did not like.
"""

from __future__ import annotations

import math
from collections.abc import Callable

HIGH_Z = 1  # an output that drives nothing is pulled up


class Pin:
    """A level, and when it last rose and fell."""

    def __init__(self, level: int) -> None:
        self.level = level
        self.rose = self.fell = -math.inf
        self.rises = self.falls = False

    def set(self, level: int, now: float) -> None:
        """Take over a level; `rises` or `falls` if it is another one."""
        self.rises, self.falls = level > self.level, level < self.level
        self.level = level
        self.rose = now if self.rises else self.rose
        self.fell = now if self.falls else self.fell

    @property
    def changed(self) -> float:
        """When it last rose or fell."""
        return max(self.rose, self.fell)


class Chip:
    """What all of them have: a clock, data in, a chip select, and complaints.

    Attributes
    ----------
    errors : list of str
        What went against the data sheet.
    """

    def __init__(self) -> None:
        self.errors: list[str] = []
        self.clock, self.data, self.select = Pin(0), Pin(0), Pin(1)
        self._bits = self._count = 0
        self._last_rise = -math.inf

    def _hear(self, now: float, sclk: int, mosi: int, cs_n: int) -> None:
        self.clock.set(sclk, now)
        self.data.set(mosi, now)
        self.select.set(cs_n, now)

    def _least(self, what: str, now: float, since: float, least: float) -> None:
        if now - since < least - 1e-6:
            self.errors.append(f"{now:g} ns: {what} {now - since:g} ns, must be {least:g} ns")

    def _clock_rules(self, now: float, period: float, high: float, low: float) -> None:
        if self.clock.rises:
            self._least("SCLK low", now, self.clock.fell, low)
            self._least("SCLK period", now, self._last_rise, period)
            self._last_rise = now
        if self.clock.falls:
            self._least("SCLK high", now, self.clock.rose, high)


class Dac8568(Chip):
    """TI DAC8568 (SBAS430): eight DACs of 16 bits, grade A or C, which come up at zero.

    Data goes in at SCLK's falling edges; the 32nd one executes the command.

    Parameters
    ----------
    external : bool
        Whether a reference is at its pin; else the internal one must be switched on. They must not
        meet.

    Attributes
    ----------
    inputs, registers : list of int
        Codes of the input registers and of the DAC registers, A to H.
    """

    def __init__(self, external: bool = False) -> None:
        super().__init__()
        self.inputs, self.registers, self.load = [0] * 8, [0] * 8, Pin(1)
        self._external, self._internal = external, False
        self._last = -math.inf

    @property
    def outputs(self) -> list[int]:
        """Codes of what is at the outputs; without a reference, that of no voltage."""
        return list(self.registers) if self._external or self._internal else [0] * 8

    def pins(self, now: float, sclk: int, mosi: int, cs_n: int, ldac_n: int) -> None:
        """Hear the pins; `cs_n` is SYNC."""
        self._hear(now, sclk, mosi, cs_n)
        self.load.set(ldac_n, now)
        self._clock_rules(now, 20, 8, 8)
        if self.select.rises:
            self._least("SCLK falling to SYNC rising", now, self.clock.fell, 10)
            if self._count != 32:
                self.errors.append(f"{now:g} ns: a frame of {self._count} bits")
        if self.select.falls:
            self._least("SYNC high", now, self.select.rose, 80)
            self._least("SCLK falling to SYNC falling", now, self.clock.fell, 10)
            self._bits = self._count = 0
        if self.clock.falls and not self.select.level:
            self._least("SYNC falling to SCLK falling", now, self.select.fell, 13)
            self._least("data set up for", now, self.data.changed, 6)
            self._last = now
            self._count += 1
            self._bits = self._bits << 1 | self.data.level
            if self._count == 32:
                self._execute(now)
        elif self.data.changed == now and not self.select.level:
            self._least("data held for", now, self._last, 4)
        if self.load.falls:
            self._least("SCLK falling to LDAC falling", now, self._last, 40)
            self.registers = list(self.inputs)
        if self.load.rises:
            self._least("LDAC low", now, self.load.fell, 80)

    def _execute(self, now: float) -> None:
        command, address = self._bits >> 24 & 15, self._bits >> 20 & 15
        if self._bits >> 24 == 8:  # set up the internal reference, static mode
            self._internal = bool(self._bits & 1)
            if self._internal and self._external:
                self.errors.append(f"{now:g} ns: two references")
            return
        if self._bits >> 31 or command > 3 or address > 7:
            self.errors.append(f"{now:g} ns: command {self._bits:#010x}")
            return
        if command != 1:
            self.inputs[address] = self._bits >> 4 & 0xFFFF
        if command in (1, 3):
            self.registers[address] = self.inputs[address]
        if command == 2 or not self.load.level:
            self.registers = list(self.inputs)


class Mcp4922(Chip):
    """Microchip MCP4922 (DS22250): two DACs of 12 bits.

    Data goes in at SCK's rising edges; CS's rising edge puts it into an input register.

    Attributes
    ----------
    outputs : list of int
        Of A and B, in 1/4096 of the reference voltage: twice the code where the gain is 2.
    """

    def __init__(self) -> None:
        super().__init__()
        self.inputs, self.outputs, self.load = [0] * 2, [0] * 2, Pin(1)

    def pins(self, now: float, sclk: int, mosi: int, cs_n: int, ldac_n: int) -> None:
        """Hear the pins."""
        self._hear(now, sclk, mosi, cs_n)
        self.load.set(ldac_n, now)
        self._clock_rules(now, 50, 15, 15)
        if self.select.falls:
            self._least("CS high", now, self.select.rose, 15)
            self._least("SCK idle before CS", now, self.clock.changed, 40)
            self._bits = self._count = 0
        if not self.select.level:
            if self.clock.rises:
                self._least("data set up for", now, self.data.changed, 15)
                self._count += 1
                self._bits = self._bits << 1 | self.data.level
            elif self.data.changed == now:
                self._least("data held for", now, self.clock.rose, 10)
        if self.select.rises:
            self._least("SCK rising to CS rising", now, self.clock.rose, 15)
            self._execute(now)
        if self.load.falls:
            self._least("CS rising to LDAC falling", now, self.select.rose, 40)
        if self.load.rises:
            self._least("LDAC low", now, self.load.fell, 100)
        if not self.load.level:
            self.outputs = list(self.inputs)

    def _execute(self, now: float) -> None:
        if self._count != 16:
            self.errors.append(f"{now:g} ns: a frame of {self._count} bits")
        elif not self._bits >> 12 & 1:
            self.errors.append(f"{now:g} ns: shut down by {self._bits:#06x}")
        else:
            gain = 1 if self._bits >> 13 & 1 else 2
            self.inputs[self._bits >> 15] = gain * (self._bits & 0xFFF)


class Adc(Chip):
    """What both ADCs have: an output, which is the opposite of a bit until that is valid."""

    _output = HIGH_Z, -math.inf

    def pins(self, now: float, sclk: int, mosi: int, cs_n: int) -> int:
        """Hear the pins; return the output."""
        raise NotImplementedError

    def miso(self, now: float) -> int:
        """Return the output at a time at which the pins are as they were last."""
        level, valid = self._output
        return level if now >= valid - 1e-6 else 1 - level


class Mcp3008(Adc):
    """Microchip MCP3008 (DS21295): an ADC of 10 bits with eight inputs.

    Data goes in at CLK's rising edges, and comes out at its falling ones. The first one that goes
    in is a start bit; the input is sampled until the fifth falling edge after that clock's.

    Parameters
    ----------
    read : callable
        Takes a channel, returns the code of its input at this moment.
    period : float
        Least one of CLK: 741 ns at 2.7 V, 278 ns at 5 V.
    """

    def __init__(self, read: Callable[[int], int], period: float = 741) -> None:
        super().__init__()
        self._read, self._period = read, period
        self._control: list[int] = []
        self._falls = self._result = 0

    def pins(self, now: float, sclk: int, mosi: int, cs_n: int) -> int:
        """Hear the pins; return the output."""
        self._hear(now, sclk, mosi, cs_n)
        self._clock_rules(now, self._period, 125, 125)
        if self.select.falls:
            self._least("CS high", now, self.select.rose, 270)
            self._control, self._falls = [], -1
        if self.select.rises:
            if len(self._control) < 17:
                self.errors.append(f"{now:g} ns: CS rises before the last bit")
            self._output = HIGH_Z, now
        if not self.select.level:
            if self.clock.rises:
                self._least("CS falling to CLK rising", now, self.select.fell, 100)
                self._least("data set up for", now, self.data.changed, 50)
                if self._control or self.data.level:
                    self._control.append(self.data.level)
            elif self.data.changed == now:
                self._least("data held for", now, self.clock.rose, 50)
            if self.clock.falls and self._control:
                self._falls += 1
                self._launch(now)
        return self.miso(now)

    def _launch(self, now: float) -> None:
        """Sample, then put out a null bit, the result, and the result backwards."""
        if self._falls == 5:
            _, single, *channel = self._control[:5]
            if not single:
                self.errors.append(f"{now:g} ns: differential")
            self._result = self._read(channel[0] << 2 | channel[1] << 1 | channel[2])
            self._output = 0, now + 200
        elif self._falls > 5:
            place = abs(15 - self._falls)
            self._output = self._result >> place & 1 if place < 10 else 0, now + 200


class Ads8681(Adc):
    """TI ADS8681 (SBAS633): an ADC of 16 bits, in its default protocol SPI-00-S.

    A conversion begins as CONVST/CS rises. Its result is on top of the next frame of 32 bits: the
    first as CONVST/CS falls, the others at SCLK's falling edges.

    Parameters
    ----------
    read : callable
        Returns the code of the input at this moment.
    """

    def __init__(self, read: Callable[[], int]) -> None:
        super().__init__()
        self._read, self._end = read, -math.inf
        self._result = self._command = 0

    def pins(self, now: float, sclk: int, mosi: int, cs_n: int) -> int:
        """Hear the pins; return the output."""
        self._hear(now, sclk, mosi, cs_n)
        self._clock_rules(now, 15, 6.75, 6.75)
        if self.select.falls:
            self._least("time since a conversion began", now, self.select.rose, 665)
            self._bits, self._command, self._count = self._result << 16, 0, 0
            self._output = self._bits >> 31, now + 9.5
        if not self.select.level:
            if self.clock.rises:
                self._least("CS falling to SCLK rising", now, self.select.fell, 7.5)
                self._least("data set up for", now, self.data.changed, 7.5)
                self._command = self._command << 1 | self.data.level
                self._count += 1
            elif self.data.changed == now:
                self._least("data held for", now, self.clock.rose, 7.5)
            if self.clock.falls:
                self._bits = self._bits << 1 & 0xFFFFFFFF
                self._output = self._bits >> 31, now + 12
        if self.select.rises:
            self._convert(now)
        return self.miso(now)

    def _convert(self, now: float) -> None:
        self._least("SCLK rising to CS rising", now, self.clock.rose, 7.5)
        self._least("acquisition", now, self._end, 335)
        if self._count not in (0, 32):
            self.errors.append(f"{now:g} ns: a frame of {self._count} bits")
        elif self._command:
            self.errors.append(f"{now:g} ns: command {self._command:#010x}")
        self._result = self._read()
        self._end = now + 665
        self._output = HIGH_Z, now
