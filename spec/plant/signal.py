"""What neurons and samples put out and take in."""

from __future__ import annotations

from dataclasses import dataclass

from spec.tasks import Inputs


@dataclass(frozen=True)
class SignalSpec:
    """What a neuron puts out or takes in: a bit with a meaning, or a fixed-point number.

    Parameters
    ----------
    low, high : int
        Range, in LSBs; of a bit, what 0 and 1 mean.
    fraction_bits : int
    binary : bool
        Whether it is a bit.
    """

    low: int
    high: int
    fraction_bits: int
    binary: bool = False

    @property
    def bits(self) -> int:
        """Bits of it in a sample: one, or two's complement if it can be negative."""
        if self.binary:
            return 1
        sign = self.low < 0
        return max(self.high.bit_length(), (-self.low - 1).bit_length() if sign else 0) + sign

    @classmethod
    def of_samples(cls, inputs: Inputs, fraction_bits: int) -> SignalSpec:
        """Return what an input of a sample is."""
        if inputs.binary:
            return cls(0 if inputs is Inputs.UNIPOLAR else -1, 1, 0, True)
        return cls(-2 << fraction_bits, (2 << fraction_bits) - 1, fraction_bits)
