"""Measures a synapse cell of each kind; writes reports/cells.json and its table."""

from __future__ import annotations

import dataclasses
import json
import tempfile
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

from amaranth.back import rtlil  # pyright: ignore[reportAttributeAccessIssue]
from amaranth.hdl import Module, Signal, Value

from boards import flow, tools
from experiments.place import Place, table
from hdl.optimizer.bank import Bank
from spec import derive
from spec.config import Config
from spec.errors import InputError
from spec.optimizer import Block
from spec.training import Estimator, Perturbation

PLACE = Place("docs/measured.md", "cells")
COMMAND = "make report"
CONFIG = "examples/xor.toml"
SEED = 1

CELLS, MORE = 3, 4
"""A cell is a share of what a neuron with so many more takes: what cells share is not counted.

The mean of several, since one alone takes by chance up to three LUTs more or less: yosys does not
find the same logic for each.
"""

FAMILIES = {
    "iCE40": ("synth_ice40", "nextpnr-ice40", ("--hx8k", "--package", "ct256"), "ICESTORM_LC"),
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


def design(config: Config, cells: int) -> str:
    """Return RTLIL of a module `top` that is a bank of one neuron with so many cells, no probe.

    With node perturbation, the cells multiply an activation.
    """
    spec = derive.bank(config)
    block = Block(0, cells, 0)
    group = dataclasses.replace(spec.groups[-1], blocks=(block,), offset=0)
    bank = Bank(dataclasses.replace(spec, groups=(group,)))
    m = Module()
    m.submodules.bank = bank
    idle = {"cells"} | (set() if spec.cell.noise else {"noise"})
    ports = []
    for name, member in bank.signature.members.items():
        if name in idle:
            continue
        inner = Value.cast(getattr(bank, name))
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
        training = kind.training
        fewer, more = (design(kind, count) for count in (CELLS, CELLS + MORE))
        cells.append(
            {"perturbation": training.perturbation.value, "estimator": training.estimator.value}
            | {family: (area(more, family) - area(fewer, family)) / MORE for family in FAMILIES}
        )
    names = ("yosys", *(family[1] for family in FAMILIES.values()))
    return {
        "command": COMMAND,
        "config": CONFIG,
        "theta_bits": derive.theta(config).bits,
        "gradient_bits": derive.gradient(config).bits,
        "seed": SEED,
        "cells": cells,
        "versions": {name: tools.version(name) for name in names},
    }


def render(measured: dict[str, Any]) -> str:
    """Make the Markdown: a table, and what made it."""
    header = ("perturbation", "estimator", "LCs (iCE40)", "LUTs (ECP5)")
    rows = [
        (f"`{c['perturbation']}`", f"`{c['estimator']}`", f"{c['iCE40']:g}", f"{c['ECP5']:g}")
        for c in measured["cells"]
    ]
    made_of = table(header, ("---", "---", "---:", "---:"), rows)
    versions = ", ".join(f"{name} {number}" for name, number in measured["versions"].items())
    made = f"Made by `{measured['command']}` with {versions}; numbers in reports/cells.json."
    return f"{made_of}\n\n{made}"
