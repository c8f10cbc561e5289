"""Measures one synapse cell alone, of each kind; writes reports/cells.json and its table."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any

from amaranth.back import rtlil  # pyright: ignore[reportAttributeAccessIssue]
from amaranth.hdl import Module, Signal, Value

from boards import flow, tools
from hdl import layouts
from hdl.optimizer.synapse import SynapseCell
from spec.config import Config
from spec.errors import InputError
from spec.training import Estimator, Perturbation

BEGIN, END = "<!-- cells -->", "<!-- /cells -->"
COMMAND = "make report"
CONFIG = "examples/xor.toml"
SEED = 1

SYNTH_ICE40 = "synth_ice40 -dffe_min_ce_use 2"
"""An enable for a single flip-flop takes a LUT: in a network, all cells of a layer share it."""

FAMILIES = {
    "iCE40": (SYNTH_ICE40, "nextpnr-ice40", ("--hx8k", "--package", "ct256"), "ICESTORM_LC"),
    "ECP5": ("synth_ecp5", "nextpnr-ecp5", ("--25k", "--package", "CABGA381"), "TRELLIS_COMB"),
}
"""By family: yosys's command, nextpnr, its device, and what it calls a LC or a LUT."""


def kinds(config: Config) -> Iterator[Config]:
    """Give the config each perturbation with each estimator that its checks accept."""
    for perturbation, estimator in product(Perturbation, Estimator):
        try:
            yield config.with_training(perturbation=perturbation, estimator=estimator)
        except InputError:
            continue


def design(config: Config) -> str:
    """Return RTLIL of a module `top` that is a cell without its probe.

    An input that the trainer never drives is no port but 0, as it is on a board. The cell is the
    one whose row of a Walsh code takes the most logic; with node perturbation, one that multiplies
    an activation.
    """
    x = layouts.activation(config, 0) if config.node else None
    cell = SynapseCell(config, max(range(config.parameters), key=int.bit_count), x)
    m = Module()
    m.submodules.cell = cell
    idle = () if config.antithetic else ("opposite",)
    ports = []
    for name, member in cell.signature.members.items():
        if name == "state" or name in idle:
            continue
        inner = Value.cast(getattr(cell, name))
        ports.append(port := Signal(len(inner), name=name))
        m.d.comb += inner.eq(port) if member.flow.name == "In" else port.eq(inner)
    return rtlil.convert(m, name="top", ports=ports, emit_src=False)


def area(text: str, family: str) -> int:
    """Count the LCs (iCE40) or LUTs (ECP5) of a module `top` in RTLIL, packed by nextpnr.

    Carries and flip-flops that take one of their own are counted; the two cells that nextpnr adds
    to any design, one for each constant, are not.

    Raises
    ------
    InputError
        If a tool is missing.
    ToolError
        If a tool fails.
    """
    synthesis, nextpnr, device, kind = FAMILIES[family]
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "top.il").write_text(text, encoding="utf-8")
        script = f"read_rtlil top.il\n{synthesis} -top top\nwrite_json top.json\n"
        (work / "top.ys").write_text(script, encoding="utf-8")
        flow.run_tool("yosys", ["-q", "top.ys"], work)
        arguments = [*device, "--json", "top.json", "--write", "packed.json", "--pack-only"]
        flow.run_tool(nextpnr, [*arguments, "--seed", str(SEED)], work)
        packed = json.loads((work / "packed.json").read_text(encoding="utf-8"))
    cells = packed["modules"]["top"]["cells"].items()
    return sum(c["type"] == kind and not name.startswith("$PACKER_") for name, c in cells)


def measure(config: Config) -> dict[str, Any]:
    """Measure the cells of all `kinds`; see docs/json.md for the keys."""
    cells = []
    for kind in kinds(config):
        text = design(kind)
        training = kind.training
        cells.append(
            {"perturbation": training.perturbation.value, "estimator": training.estimator.value}
            | {family: area(text, family) for family in FAMILIES}
        )
    names = ("yosys", *(family[1] for family in FAMILIES.values()))
    return {
        "command": COMMAND,
        "config": CONFIG,
        "theta_bits": config.theta.bits,
        "gradient_bits": config.gradient.bits,
        "seed": SEED,
        "cells": cells,
        "versions": {name: tools.version(name) for name in names},
    }


def render(measured: dict[str, Any]) -> str:
    """Make the Markdown between the markers: a table, and what made it."""
    rows: Sequence[Sequence[str]] = [
        ("perturbation", "estimator", "LCs (iCE40)", "LUTs (ECP5)"),
        ("---", "---", "---:", "---:"),
        *(
            (f"`{c['perturbation']}`", f"`{c['estimator']}`", f"{c['iCE40']}", f"{c['ECP5']}")
            for c in measured["cells"]
        ),
    ]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    versions = ", ".join(f"{name} {number}" for name, number in measured["versions"].items())
    made = f"Made by `{measured['command']}` with {versions}; numbers in reports/cells.json."
    return f"{BEGIN}\n{table}\n\n{made}\n{END}"
