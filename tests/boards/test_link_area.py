"""What the link and its registers take of a device is what docs/link.md says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from amaranth.lib import wiring

from boards import flow
from hdl.device import Device
from hdl.link.link import Link
from sim.simulators import to_verilog
from spec.config import Config
from spec.link import Rate
from tests.conftest import EXAMPLES

PAGE = Path(__file__).parents[2] / "docs" / "link.md"


def parts() -> dict[str, wiring.Component]:
    """Return the link, and what XOR has behind it."""
    device = Device(Config.load(EXAMPLES / "xor.toml"), 12_000_000)
    return {
        "`Link`": Link(Rate(12e6, 1_000_000)),
        "`Reader`, of XOR": device.reader,
        "`Writer`, of XOR": device.writer,
    }


def area(part: wiring.Component, tools: tuple[str, str, list[str], str], work: Path) -> int:
    """Pack a part by itself; return what it takes."""
    synthesis, nextpnr, options, resource = tools
    work.mkdir()
    (work / "top.v").write_text(to_verilog(part, "top"))
    flow.run_tool(
        "yosys", ["-q", "-p", f"read_verilog top.v; {synthesis} -top top -json top.json"], work
    )
    files = ["--json", "top.json", "--report", "report.json"]
    flow.run_tool(nextpnr, [*options, *files, "--pack-only"], work)
    return json.loads((work / "report.json").read_text())["utilization"][resource]["used"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::amaranth.hdl.UnusedElaboratable")
def test_the_link_is_small(tmp_path: Path) -> None:
    ice40 = ("synth_ice40", "nextpnr-ice40", ["--hx8k"], "ICESTORM_LC")
    ecp5 = ("synth_ecp5", "nextpnr-ecp5", ["--25k"], "TRELLIS_COMB")
    sums = [0, 0]
    page = PAGE.read_text(encoding="utf-8")
    for k, (name, part) in enumerate(parts().items()):
        used = [area(part, tools, tmp_path / f"{tools[1]}-{k}") for tools in (ice40, ecp5)]
        sums = [a + b for a, b in zip(sums, used, strict=True)]
        assert f"| {name} | {used[0]} | {used[1]} |" in page
    assert f"| together | {sums[0]:,} | {sums[1]:,} |" in page
    assert sums[0] <= 1170
    assert sums[1] <= 885
