"""What the tools of a family are told: scripts for yosys, options of nextpnr."""

from __future__ import annotations

from dataclasses import dataclass, field

from boards.chains import CHAINS

REPORT = "top.report.json"
"""What nextpnr measured."""

NEXTPNR_OPTIONS = f"--router router2 --timing-allow-fail --report {REPORT}"
"""iCE40's default, router1, can try the same few nets for ever. We judge the timing ourselves."""

ALTERNATE_WEIGHTS = "--router2-alt-weights"
"""Of wires against congestion: faster on an ECP5; on an iCE40 some seeds find no route any more."""

TIMING_WEIGHT = "--placer-heap-timingweight 20"
"""Twice nextpnr's own: what limits a step on every clock is the way between near registers."""

ELECTROSTATIC = "--placer static"
"""nextpnr's other placer, for networks on an ECP5 with a link, a folded engine, or `MANY` cells.

Its analytic one puts a network between the pins and block RAMs of a link, moves multipliers to
their rows only in the end, and leaves large networks with a quarter to two thirds more of wire.
"""

CONFLICTS = {
    "router2/initCurrCongWeight": "2",
    "router2/currCongWeightMult": "0.5",
    "router2/histCongWeight": "1",
    "router2/estimateWeight": "1",
}
"""Settings of nextpnr-ecp5's router, which no option sets, in place of `ALTERNATE_WEIGHTS`: for
folded engines, and designs with registered multipliers. XOR without them is slower by 3 %.

What two nets on a wire cost, how much more in each round, how much more for ever, and how far a way
is thought to be. With nextpnr's own, ways take detours of up to 5 ns. With its alternate ones, the
cost does not grow, so that a large design is left with a hundred wires in conflict for ever.
"""

AIM = "--tmg-ripup"
"""Has nextpnr's router go on until no path is too slow for its clock: for an ECP5 with a clock from
its PLL. What is too slow is routed anew by the shortest way, and what is in its way has to yield.

Without it, a way that others have forced into a detour stays as it is. The board's own clock is so
slow that nothing would be routed anew.
"""

MANY = 100
"""Cells, one for each parameter, of a network that is large."""


MAC16 = """
synth_ice40 -run begin:coarse -top top
opt
wreduce t:$mul
techmap -map +/mul2dsp.v -map +/ice40/dsp_map.v -D DSP_A_MAXWIDTH=16 -D DSP_B_MAXWIDTH=16 \
-D DSP_A_MINWIDTH=2 -D DSP_B_MINWIDTH=2 -D DSP_Y_MINWIDTH=11 -D DSP_NAME=$__MUL16X16
chtype -set $mul t:$__soft_mul
"""
"""Makes products with SB_MAC16, as synth_ice40 -dsp does but for its last step, ice40_dsp.

That step moves registers into the blocks. In yosys 0.70 it moves the register between one product
and the addition of another into both blocks, and leaves an input of one undefined.
"""


BOOTH = """
opt_expr
opt_clean
wreduce t:$mul
booth
"""
"""Makes products of logic in Booth's way: half as many rows to add up as yosys has by itself."""


NEVER_COLLIDE = ("rows", "page", "trace", "ring", "words", "now", "before", "inputs")
"""Memories that are not read in the clock in which the same word is written, or not used then."""

NO_COLLISIONS = "".join(
    f"setparam -set COLLISION_X_MASK 1'1 t:$memrd_v2 r:MEMID=*{name} %i\n" for name in NEVER_COLLIDE
)
"""Says so.

yosys 0.70 does not heed `no_rw_check` of synchronous ports, and takes a register for each
bit of address and data, and more, to give what was there before.
"""

COPIES = f"""
{NO_COLLISIONS}hierarchy -top top
proc
flatten
setattr -set keep 1 a:keep=1 %ci1 t:$dff %i
{CHAINS}"""
"""Keeps registers apart that are copies on purpose (`hdl.number.delay.copy`), and sums (`CHAINS`).

yosys 0.70 heeds the attribute on a cell alone, and not on the wire, where Amaranth puts it.
"""


BEFORE_FLIP_FLOPS = "-run begin:map_ffs"
"""The part of a synthesis that comes before `SHARED_RESETS`, which runs the rest."""

ICE40_FLIP_FLOPS = """
dfflegalize -cell $_DFF_?_ 0 -cell $_DFFE_?P_ 0 -cell $_DFF_?P?_ 0 -cell $_DFFE_?P?P_ 0 \
-cell $_SDFF_?P?_ 0 -cell $_SDFFCE_?P?P_ 0 {}
synth_ice40 -run map_ffs: -top top
"""
"""What is done instead, with some options, and that rest."""

SHARED_RESETS = {
    "iCE40": ICE40_FLIP_FLOPS.format("-minsrst 6"),
    "ECP5": """
dfflegalize -cell $_DFF_?_ 01 -cell $_DFFE_??_ 01 -cell $_SDFF_?P?_ r -cell $_SDFFE_?P??_ r \
-minsrst 64
synth_ecp5 -run map_ffs: -top top
""",
}
"""Lets yosys use the flip-flops' synchronous reset only where many share a signal.

Else on an ECP5 each cell's saturation takes a reset of its own; a slice has one for all of its
flip-flops, so that hundreds of cells find no place, and the way to it is long. A tile of an iCE40
has one for eight: resets of one or two flip-flops leave some seeds without a route.
"""

FULL = {
    "synth_opts": BEFORE_FLIP_FLOPS,
    "script_after_synth": ICE40_FLIP_FLOPS.format("-minsrst 32 -mince 8"),
}
"""For engines that take nearly all of an iCE40, with multipliers or without.

A tile has eight flip-flops, and one reset and one enable for all of them. What only a few hear
leaves tiles half empty: 137 sets of both, 63 of fewer than four flip-flops, of an engine of 4,643
logic cells. With these there are 53, and 8 logic cells more. And a chain of carries whose
flip-flops differ in their resets goes from tile to tile by way of LUTs.
"""

AIMS = (1.025, 0.95, 0.9)
"""What the router aims for, of the clock that is wanted, until it gets there.

It counts the skew of the clock in, and nextpnr's verdict does not: that finds up to 2 % less.
"""

AIMED = 500
"""Iterations for each of them."""


@dataclass(frozen=True)
class Flow:
    """How bitstreams of a family are made.

    Parameters
    ----------
    tools : tuple of str
        The tool of each stage.
    overrides : dict
        Of Amaranth's platform, in any case.
    with_multipliers, without_multipliers : dict
        Those that make products with multiplier blocks, and without.
    suffix : str
        Of the bitstream.
    large : str
        Options of nextpnr more, for networks with a link, a folded engine, or `MANY` cells.
    one_port : dict
        Overrides for folded engines whose words are in memory of one port: those of small devices.
    weights : str
        Options of nextpnr's router.
    settings : dict
        Of nextpnr, in place of these, for folded engines and registered multipliers.
    aim : str
        Option of nextpnr more, for a clock from a PLL.
    """

    tools: tuple[str, str, str]
    overrides: dict[str, str]
    with_multipliers: dict[str, str]
    without_multipliers: dict[str, str]
    suffix: str
    large: str = ""
    one_port: dict[str, str] = field(default_factory=dict[str, str])
    weights: str = ""
    settings: dict[str, str] = field(default_factory=dict[str, str])
    aim: str = ""


FLOWS = {
    "iCE40": Flow(
        ("yosys", "nextpnr-ice40", "icepack"),
        {"nextpnr_opts": NEXTPNR_OPTIONS},
        {"script_after_read": COPIES + MAC16},
        {
            "script_after_read": COPIES + BOOTH,
            "synth_opts": BEFORE_FLIP_FLOPS,
            "script_after_synth": SHARED_RESETS["iCE40"],
        },
        ".bin",
        one_port=FULL,
    ),
    "ECP5": Flow(
        ("yosys", "nextpnr-ecp5", "ecppack"),
        {
            "script_after_read": COPIES,
            "script_after_synth": SHARED_RESETS["ECP5"],
            "nextpnr_opts": f"{TIMING_WEIGHT} {NEXTPNR_OPTIONS}",
        },
        {"synth_opts": BEFORE_FLIP_FLOPS},
        {"synth_opts": f"-nodsp {BEFORE_FLIP_FLOPS}"},
        ".bit",
        ELECTROSTATIC,
        weights=ALTERNATE_WEIGHTS,
        settings=CONFLICTS,
        aim=AIM,
    ),
}
