"""What a folded engine needs of an FPGA: multipliers, block RAM, LUTs. No tool is run."""

from __future__ import annotations

from dataclasses import replace

from boards.single_port import blocks
from hdl.folded.lane import sum_shape
from hdl.folded.samples import inputs_of_word
from spec import derive
from spec.config import Config

PACKED = 1.2
"""LUTs after nextpnr for one before. With a link, this gives 9,819 for the perceptron, which takes
9,787 in reports/networks.json, and 18,075 for the convolutions on an ULX3S-25F: 19,894."""

BASE = 1714
"""LUTs before it, of what there is once, without outputs and neurons. This and all below: yosys,
synth_ecp5, 9-8-4 by node and by weight, with 2 lanes and with 8."""

OUTPUT = 106
"""For each output: y, and its part of the cost, of two evaluations."""

NEURON = 8
"""For each neuron: the bit of its perturbation, twice."""

LANE, SUM_BIT, BY_WEIGHT = 69, 6, 62
"""For each lane; for each bit of a sum in it; and for the third sum, that of the perturbations."""

SERIAL_OUTPUT, KEPT_BIT = 40, 2
"""In place of OUTPUT, if they take turns; of SUM_BIT, if sums stay where they are added up: for
what leaves. So it is some 10 % more than what the rows of an iCEBreaker take in
reports/networks.json."""

MIXED, MIXED_LANE = 117, 9
"""Where layers by weight and by node are in one network: once, and for each lane. 8×8, conv, pool,
conv, 10 neurons, the last layer by weight and by node, with 4 lanes and channels and with 16."""


def luts(config: Config) -> int:
    """Estimate LUTs, or logic cells of an iCE40, where blocks make the products."""
    spec = derive.folded(config)
    bits = sum_shape(spec).storage.width
    lane = LANE + (KEPT_BIT if spec.sums_stay else SUM_BIT) * bits + BY_WEIGHT * spec.sums_changes
    output = SERIAL_OUTPUT if config.build.serial_cost else OUTPUT
    mixed = (MIXED + MIXED_LANE * spec.lanes) * (spec.node and spec.by_weight)
    whole = BASE + mixed + output * spec.outputs + NEURON * spec.neurons + spec.lanes * lane
    return round(PACKED * whole)


def products(config: Config, *, linked: bool) -> int:
    """Products of lanes; of u and an input by node; and of a sample's number and its words."""
    spec, held = derive.folded(config), replace(derive.folded_samples(config), writable=linked)
    words = -(-spec.inputs // inputs_of_word(held))  # of a sample, times its number
    return spec.lanes * spec.lane_multipliers + spec.node + (words.bit_count() != 1)


def memory_bits(config: Config, single_port: int = 0) -> int:
    """Bits in block RAM: of words, of inputs for each bank, those of the step before, of samples.

    Words that `single_port` memory blocks of one port take are not in block RAM.
    """
    spec, held = derive.folded(config), derive.folded_samples(config)
    word = spec.theta.bits + spec.stored_bits
    rows, columns = blocks(word, spec.words)
    elsewhere = single_port // (rows * columns) if spec.word_ports == 1 else 0
    inputs = 2 * (spec.banks * spec.stored_inputs + len(spec.kept)) * spec.x.bits
    return max(0, spec.lanes - elsewhere) * spec.words * word + inputs + held.slots * held.bits
