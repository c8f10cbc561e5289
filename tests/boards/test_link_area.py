"""What the link and its registers take of a device is what docs/link.md says."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from amaranth.back import verilog
from amaranth.hdl import Elaboratable, Module, Value
from amaranth.lib import wiring

from boards import flow
from boards.top import PAGE_LATENCY
from hdl.device import registers_spec
from hdl.link.by_hand import ByHand
from hdl.link.link import Link
from hdl.link.register_file import RegisterFile
from hdl.trainer import Trainer
from spec.config import Config
from spec.link import Rate
from tests.conftest import EXAMPLES

PAGE = Path(__file__).parents[2] / "docs" / "link.md"

INTERNAL = {"bus", "reads", "word", "meaning", "kept"}
"""What `RegisterFile` connects of its parts."""

TOOLS: dict[str, tuple[str, str, list[str], str]] = {
    "iCE40": ("synth_ice40", "nextpnr-ice40", ["--hx8k"], "ICESTORM_LC"),
    "ECP5": ("synth_ecp5", "nextpnr-ecp5", ["--25k"], "TRELLIS_COMB"),
}


class Together(Elaboratable):
    """A link, or the registers, or both."""

    def __init__(self, *parts: Link | RegisterFile) -> None:
        self.parts = parts

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules += self.parts
        if len(self.parts) == 2:
            wiring.connect(m, *(part.bus for part in self.parts))
        return m

    def ports(self) -> list[Value]:
        """Return what is not connected."""
        components: list[Any] = []
        for part in self.parts:
            components.append(part)
            if isinstance(part, RegisterFile):
                components += [part.reader, part.writer]
        inside = INTERNAL if len(self.parts) == 2 else INTERNAL - {"bus"}
        return [
            Value.cast(signal)
            for each in components
            for path, _, signal in each.signature.flatten(each)
            if path[0] not in inside and not (path[0] == "bus" and hasattr(each, "spec"))
        ]


def parts(family: str) -> dict[str, Together]:
    """Return the link, what XOR has behind it, and both."""
    config = Config.load(EXAMPLES / "xor.toml")
    spec = registers_spec(config, 12_000_000)
    # Of a register that is not 0 at power-up, an iCE40 has the complement: a port of it would take
    # a logic cell, but what is behind it in a device does not.
    spec = replace(spec, registers=tuple((name, width, 0) for name, width, _ in spec.registers))
    trainer = Trainer(config, control=True)

    def registers() -> RegisterFile:
        by_hand = ByHand(trainer.hand.shape(), trainer.line.shape())
        return RegisterFile(spec, by_hand, trainer.write.shape(), PAGE_LATENCY[family])

    def link() -> Link:
        return Link(Rate(12e6, 1_000_000))

    return {
        "`Link`": Together(link()),
        "`RegisterFile`, of XOR": Together(registers()),
        "in one": Together(link(), registers()),
    }


def area(part: Together, family: str, work: Path) -> int:
    """Pack a part; return what it takes."""
    synthesis, nextpnr, options, resource = TOOLS[family]
    work.mkdir()
    text = verilog.convert(part, name="top", ports=part.ports(), strip_internal_attrs=True)
    (work / "top.v").write_text(text)
    flow.run_tool(
        "yosys", ["-q", "-p", f"read_verilog top.v; {synthesis} -top top -json top.json"], work
    )
    files = ["--json", "top.json", "--report", "report.json"]
    flow.run_tool(nextpnr, [*options, *files, "--pack-only"], work)
    return json.loads((work / "report.json").read_text())["utilization"][resource]["used"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::amaranth.hdl.UnusedElaboratable")
def test_the_link_is_small(tmp_path: Path) -> None:
    used: dict[str, list[int]] = {}
    for family in TOOLS:
        for k, (name, part) in enumerate(parts(family).items()):
            used.setdefault(name, []).append(area(part, family, tmp_path / f"{family}-{k}"))
    page = PAGE.read_text(encoding="utf-8")
    for name, (cells, luts) in used.items():
        assert f"| {name} | {cells:,} | {luts} |" in page
    assert used["in one"][0] <= 900
    assert used["in one"][1] <= 800
