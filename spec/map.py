"""The register map: what a link reads and writes at which address; docs/registers.md is made of it.

One source for gateware, driver and documentation. An address never changes its meaning; what is new
gets a new one, and `MAP_VERSION` counts up.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

MAP_VERSION = 4

MAGIC = int.from_bytes(b"mgd1", "little")

TRACE_DEPTH = 256
"""Points of the trace, each a word."""

LIVE = ("tau_p", "tau_x", "tau_theta", "eta_shift")
"""Registers that may be written while a run is busy."""

LIVE_COMMANDS = ("control", "lane")
"""Commands that may be given while a run is busy."""

LESS_ONE = ("tau_p", "tau_x", "tau_theta", "check_every", "steps", "samples_in_use")
"""Registers of which the map has the value less one."""

PAGE = 0x40
"""Addresses below are of single words, those above of windows."""

SPACING = 0x1000
"""From a window to the next one: where windows begin, and the most words that one can have."""

LANE_WORDS = 8 * SPACING
"""Words of a lane that `words` shows at most: the upper half of all addresses."""

LARGEST_LEARN = 255
"""What `learn` takes at most."""

TAG_PLACE = 24
"""Of the tag in what `evaluate` writes."""

LINE_BITS = 8
"""Of a word written to `line`, the lowest, move into the line of cells."""


class Kind(enum.Enum):
    """What one may do at an address."""

    CONSTANT = "constant"  # read
    STATUS = "status"  # read, at any time
    REGISTER = "register"  # read and write, as the trainer's port of that name
    COMMAND = "command"  # write; what it says happens
    WINDOW = "window"  # read: a word for each of many things


@dataclass(frozen=True)
class Entry:
    """An address, or a run of them.

    Parameters
    ----------
    name : str
    address : int
        Of the first word of 32 bits.
    kind : Kind
    doc : str
        Meaning, with its unit.
    words : int
        How many there are; of a window, how many there can be.
    """

    name: str
    address: int
    kind: Kind
    doc: str
    words: int = 1


CONSTANT, STATUS, REGISTER = Kind.CONSTANT, Kind.STATUS, Kind.REGISTER
COMMAND, WINDOW = Kind.COMMAND, Kind.WINDOW

ENTRIES = (
    Entry("magic", 0x00, CONSTANT, f"{MAGIC:#010x}, the letters mgd1"),
    Entry("map_version", 0x01, CONSTANT, f"{MAP_VERSION}"),
    Entry("identity", 0x02, CONSTANT, "hash of all that the gateware depends on, lowest first", 4),
    Entry("parameters", 0x06, CONSTANT, "P"),
    Entry("inputs", 0x07, CONSTANT, "inputs of the network"),
    Entry("outputs", 0x08, CONSTANT, "outputs of the network"),
    Entry("samples", 0x09, CONSTANT, "samples that the sample memory can hold, or a plant has"),
    Entry("sample_words", 0x0A, CONSTANT, "words that a sample takes"),
    Entry("theta_format", 0x0B, CONSTANT, "θ: fraction bits, and 256 times its bits"),
    Entry("gradient_bits", 0x0C, CONSTANT, "bits of G"),
    Entry("cost_bits", 0x0D, CONSTANT, "fraction bits of a cost"),
    Entry("output_format", 0x0E, CONSTANT, "an output: fraction bits, and 256 times its bits"),
    Entry("clock_hz", 0x0F, CONSTANT, "the trainer's clock, in Hz"),
    Entry("state", 0x10, STATUS, "bit 0: busy, 1: done, 2: solved; bits 4 to 7: the phase"),
    Entry("correct", 0x11, STATUS, "correct samples of the last check"),
    Entry("cost_sum", 0x12, STATUS, "its sum of costs, in LSBs of 2**-cost_bits"),
    Entry("C", 0x13, STATUS, "the last cost, in LSBs of 2**-cost_bits"),
    Entry("C0", 0x14, STATUS, "the cost that is held"),
    Entry("step", 0x15, STATUS, "n, the step now made"),
    Entry("u_saturated", 0x16, STATUS, "u since start that were as large as can be, mod 65,536"),
    Entry("checks", 0x17, STATUS, "checks since start, mod 65,536"),
    Entry("supplied", 0x1A, STATUS, "samples that came since a run began or went on, mod 65,536"),
    Entry("used", 0x1B, STATUS, "those of them that were taken, mod 65,536"),
    Entry("waited", 0x1C, STATUS, "clocks since then in which there was none to take"),
    Entry(
        "timeouts", 0x1D, STATUS, "how often the plant was asked again since start; at most 65,535"
    ),
    Entry(
        "unasked", 0x1E, STATUS, "conversions since start that nobody had asked for; at most 65,535"
    ),
    Entry("control", 0x18, COMMAND, "1: start over; 2: stop; 4: resume; 8: start over and pause"),
    Entry("tau_p", 0x20, REGISTER, "steps between perturbations, less one"),
    Entry("tau_x", 0x21, REGISTER, "steps between samples, less one"),
    Entry("tau_theta", 0x22, REGISTER, "steps between updates, less one"),
    Entry("eta_shift", 0x23, REGISTER, "η/Δθ: u = RNE(C̃·2**(4 - this))"),
    Entry("seed", 0x24, REGISTER, "state of the random sources at start; mixed"),
    Entry("steps", 0x25, REGISTER, "step at which a run ends, less one"),
    Entry("check_every", 0x26, REGISTER, "steps between checks, less one"),
    Entry("solved_correct", 0x27, REGISTER, "solved: at least so many correct samples …"),
    Entry("solved_cost", 0x28, REGISTER, "… and at most this sum of costs"),
    Entry("samples_in_use", 0x29, REGISTER, "samples that are drawn and checked, less one"),
    Entry(
        "solved_below", 0x2A, REGISTER, "of an external plant; solved: a sum of costs below this"
    ),
    Entry(
        "line",
        0x30,
        COMMAND,
        f"its lowest {LINE_BITS} bits move into the line of cells",
    ),
    Entry("u", 0x31, COMMAND, "puts it on the bus, signed, in LSBs of θ"),
    Entry(
        "learn",
        0x32,
        COMMAND,
        f"so many times, at most {LARGEST_LEARN}: θ ← sat(θ ∓ u), by each cell's bit",
    ),
    Entry("evaluate", 0x33, COMMAND, "the sample of that number; bits 24 to 28: the tag"),
    Entry("lane", 0x34, COMMAND, "whose words are at `words`, counted from 0"),
    Entry("row", 0x38, COMMAND, "the sample that is written next"),
    Entry("sample_data", 0x39, COMMAND, "its next word, the lowest first; then the next sample's"),
    Entry("sample", 0x1000, WINDOW, "words of the sample that was read last", 0x1000),
    Entry("trace", 0x2000, WINDOW, "cost_sum of checks: that of check k at k mod 256", TRACE_DEPTH),
    Entry("theta", 0x4000, WINDOW, "θ of each parameter, signed, in LSBs", 0x1000),
    Entry("G", 0x5000, WINDOW, "G of each parameter, signed, in LSBs of θ", 0x1000),
    Entry("y", 0x6000, WINDOW, "outputs of the last evaluation by command, signed", 0x1000),
    Entry("words", 0x8000, WINDOW, "θ of each word of a lane, signed, in LSBs", LANE_WORDS),
)
"""All of it. Nothing else can be read or written: the link refuses it. So are commands other than
`LIVE_COMMANDS`, while a run is busy, and registers that must not change then."""

SPATIAL_ONLY = ("line", "u", "learn", "sample", "theta", "G")
"""What a device with a folded engine does not have."""

FOLDED_ONLY = ("lane", "words")
"""What only such a device has."""

RING_ONLY = ("supplied", "used", "waited")
"""What it has only if samples come while it trains."""


NETWORK_ONLY = (
    *("inputs", "outputs", "sample_words", "output_format", "correct"),
    *("evaluate", "row", "sample_data", "sample", "y"),
)
"""What a device does not have whose plant is outside."""

EXTERNAL_ONLY = ("timeouts", "unasked")
"""What only such a device has."""

COUNTERS = {"supplied": 16, "used": 16, "waited": 32, "timeouts": 16, "unasked": 16}
"""Bits of what some trainers count themselves."""


def has(name: str, *, folded: bool = False, ring: bool = False, external: bool = False) -> bool:
    """Whether a device has an entry; registers are another matter."""
    absent = (
        SPATIAL_ONLY if folded else FOLDED_ONLY,
        () if ring else RING_ONLY,
        NETWORK_ONLY if external else EXTERNAL_ONLY,
    )
    return not any(name in names for names in absent)


MAP = {entry.name: entry for entry in ENTRIES}


def in_map(name: str, value: int) -> int:
    """Return the word that stands for a register's value, which is at least 1 if in `LESS_ONE`."""
    return value - (name in LESS_ONE)


def address_of(name: str, word: int = 0) -> int:
    """Return the address of an entry's word."""
    return MAP[name].address + word


class Control(enum.IntFlag):
    """Bits of `control`."""

    START = 1
    STOP = 2
    RESUME = 4
    PAUSE = 8


@dataclass(frozen=True)
class RegistersSpec:
    """What the register file must know of a trainer.

    Parameters
    ----------
    constants : tuple of (str, int)
        Values of the map's constants, as `spec.identity.constants`.
    registers : tuple of (str, int, int)
        Names of the trainer's registers, with widths, and words at power-up (`in_map`).
    parameters : int
    theta_bits, gradient_bits : int
    cost_bits : int
        Of C and C0, all of them.
    cost_signed : bool
    sum_bits : int
        Of `cost_sum`.
    outputs, output_bits : int
    output_signed : bool
    samples : int
        That the sample memory can hold.
    sample_bits : int
        Of a sample, as it is written; 0: there is no sample memory.
    correct_bits : int
        Of `correct`.
    lanes, lane_words : int
        Of a folded engine, and words of each; 0: θ is in cells.
    ring : bool
        Whether samples come while it trains.
    external : bool
        Whether the plant is outside, so that there are neither outputs nor samples to look at.
    memory : bool
        Whether θ and G are words of memory, which come when they are asked for.
    """

    constants: tuple[tuple[str, int], ...]
    registers: tuple[tuple[str, int, int], ...]
    parameters: int
    theta_bits: int
    gradient_bits: int
    cost_bits: int
    cost_signed: bool
    sum_bits: int
    outputs: int = 0
    output_bits: int = 0
    output_signed: bool = False
    samples: int = 0
    sample_bits: int = 0
    correct_bits: int = 0
    lanes: int = 0
    lane_words: int = 0
    ring: bool = False
    external: bool = False
    memory: bool = False

    def has(self, name: str) -> bool:
        """Whether the device has an entry that is no register."""
        return has(name, folded=bool(self.lanes), ring=self.ring, external=self.external)

    @property
    def counters(self) -> dict[str, int]:
        """Bits of what its trainer counts itself, by name."""
        return {name: bits for name, bits in COUNTERS.items() if self.has(name)}
