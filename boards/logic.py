"""How many LUTs a config's gateware will take, from what was measured: no tool is run.

Between the networks of reports/growth.json it is a straight line over P, and beyond the last one
goes on; then what a config has more or less than they is added, as reports/cells.json and pairs of
rows of `reports/*.json` measured it. A logic cell of an iCE40 counts as a LUT.
"""

from __future__ import annotations

from itertools import pairwise

from boards import folded
from spec import derive
from spec.config import Config
from spec.plant import Cost, Engine, MeanSquaredErrorSpec, Pipeline

MARGIN = 0.2
"""What was built is within this part of the estimate: all of `reports/*.json`."""

GROWTH = ((9, 1356), (49, 5112), (101, 11730), (220, 20746), (436, 36912))
"""(P, LUTs) of reports/growth.json: with formats of `nist7x7-fast`, and inferred multipliers."""

GROWTH_BITS = 16
"""Bits that a cell holds there: those of θ, as it has no G."""

CELLS = {
    "rcm": {"weight": (56, 83.75), "antithetic": (56, 83.75)},
    "cm": {"weight": (56.5, 85.25), "antithetic": (56.5, 85.25)},
    "tm": {"weight": (59, 87.25), "antithetic": (59, 87.25)},
    "fm": {"weight": (123.25, 131), "antithetic": (123.25, 131)},
    "fm_square": {"weight": (64.5, 97.5), "antithetic": (64.5, 97.5)},
    "ternary": {"weight": (59, 85.75), "antithetic": (59, 85.75)},
}
"""(iCE40, ECP5) of a cell by perturbation and estimator, of reports/cells.json."""

NODE = -17
"""For each cell that learns by nodes, against one that learns by weights: `nist7x7-node-fast` and
`nist7x7-fast`. u·x, which the neurons of a layer share, is a product."""

CELL_BITS = 20
"""Bits that a cell holds there: those of θ and of G."""

SECOND_RAIL = 30
"""For each parameter: what `parity4-fast` and `xor-fast` have more than networks of their size."""

PRODUCT_BIT = 1.6
"""For each bit of one factor and bit of the other without blocks: HX8K against iCEBreaker."""

CROSS_ENTROPY = (65, 53)
"""(iCE40, ECP5) for each output, against an MSE without its squares: yosys, 4 and 10 outputs of 8
fraction bits."""

LOOKED_UP = (0.7, 0.5)
"""(iCE40, ECP5) for each error whose square is looked up: yosys, of 2^7 errors."""

SHORT = 16
"""For each neuron of a rail: `xor-node-fast` with a short pipeline against a deep one, less its
tables."""

LINK = (1190, 1215)
"""(iCE40, ECP5) of XOR, of its rows with and without; how it grows with P was not measured."""


def luts(config: Config, family: str, *, products: int, blocks: bool, linked: bool) -> int:
    """Estimate the LUTs of a config's gateware on a board.

    Parameters
    ----------
    config : Config
    family : str
        'iCE40' or 'ECP5'.
    products : int
        As `estimate.multipliers` counts them.
    blocks : bool
        Whether multiplier blocks make them.
    linked : bool
        Whether there is a link.
    """
    if config.build.engine is Engine.FOLDED:
        found, weight = folded.luts(config), derive.weight(config)
        if not blocks:
            found += products * PRODUCT_BIT * weight.bits * (config.formats.activation_bits + 1)
        return round(found + (LINK[which(family)] if linked else 0))
    cell, training, P = derive.cell(config), config.training, config.parameters
    number = which(family)
    usual = CELLS["rcm"]["weight"][number]
    kinds = CELLS[training.perturbation.value]
    held = cell.theta.bits + (cell.gradient.bits if cell.accumulate else 0)
    found = _growth(P)
    found += P * usual / CELL_BITS * (held - GROWTH_BITS)
    estimator = "weight" if training.node else training.estimator.value
    found += P * (kinds[estimator][number] - usual + NODE * training.node)
    found += (config.build.rails - 1) * P * SECOND_RAIL
    if training.cost is Cost.CROSS_ENTROPY:
        found += config.data.outputs * CROSS_ENTROPY[number]
    if config.build.pipeline is Pipeline.SHORT:
        found += config.build.rails * _short(config, number)
    if not blocks:
        factor = config.formats.activation_bits + 1
        found += products * PRODUCT_BIT * cell.weight.bits * factor
    return round(max(found, 0) + (LINK[number] if linked else 0))


def _short(config: Config, number: int) -> float:
    """LUTs of a rail that a short pipeline has more than a deep one."""
    cost = derive.cost(config)
    found = SHORT * sum(layer.neurons for layer in derive.network(config).layers)
    if isinstance(cost, MeanSquaredErrorSpec) and cost.looked_up:
        found += cost.outputs * cost.largest * LOOKED_UP[number]
    return found


def which(family: str) -> int:
    """Return the place of a family's number among those of both."""
    return ("iCE40", "ECP5").index(family)


def _growth(cells: int) -> float:
    """LUTs of as many cells, by the line through the nearest two points."""
    pairs = [*pairwise(GROWTH)]
    (P0, low), (P1, high) = next((pair for pair in pairs if cells <= pair[1][0]), pairs[-1])
    return low + (cells - P0) * (high - low) / (P1 - P0)
