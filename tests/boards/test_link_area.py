"""What the link takes of a device is what docs/link.md says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from boards import flow
from hdl.link.link import Link
from sim.simulators import to_verilog
from spec.link import Rate

PAGE = Path(__file__).parents[2] / "docs" / "link.md"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("synthesis", "nextpnr", "options", "resource", "name", "most"),
    [
        ("synth_ice40", "nextpnr-ice40", ["--hx8k"], "ICESTORM_LC", "logic cells", 470),
        ("synth_ecp5", "nextpnr-ecp5", ["--25k"], "TRELLIS_COMB", "LUTs", 440),
    ],
)
def test_the_link_is_small(
    synthesis: str,
    nextpnr: str,
    options: list[str],
    resource: str,
    name: str,
    most: int,
    tmp_path: Path,
) -> None:
    (tmp_path / "top.v").write_text(to_verilog(Link(Rate(12e6, 1_000_000)), "top"))
    script = f"read_verilog top.v; {synthesis} -top top -json top.json"
    flow.run_tool("yosys", ["-q", "-p", script], tmp_path)
    files = ["--json", "top.json", "--report", "report.json"]
    flow.run_tool(nextpnr, [*options, *files, "--pack-only"], tmp_path)
    used = json.loads((tmp_path / "report.json").read_text())["utilization"][resource]["used"]
    assert used <= most
    assert f" {used} {name}" in PAGE.read_text(encoding="utf-8")
