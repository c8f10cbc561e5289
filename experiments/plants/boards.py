"""The optimizer for the example plants, built for boards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from boards.catalogue import find
from boards.plant_top import at_clock
from boards.sweep import sweep
from experiments.place import ROOT, table
from spec.config import read_toml
from spec.external.config import ExternalConfig
from spec.external.timing import ExternalTiming

PLANTS = ROOT / "examples" / "plants"

USED = (("TRELLIS_COMB", "DP16KD"), ("ICESTORM_LC", "ICESTORM_RAM"))
"""What nextpnr calls logic and block RAM, by family."""

CELLS = {"spatial": "flip-flops", "folded": "words"}
"""What cells are, by the engine; a report of before there was a second one names none."""

SPI = {"weights": "spi", "cost": "spi", "adc": "ads8681"}
"""How plants on boards are connected."""


@dataclass(frozen=True)
class Built:
    """What is built.

    Attributes
    ----------
    example, board : str
    folded : bool
        Whether cells are words of memory, also where the example's are not.
    dac : str or dict
        `plant.dac`.
    """

    example: str
    board: str
    folded: bool = False
    dac: str | dict[str, Any] = "dac8568-external"


LARGE: dict[str, Any] = {
    **{"frame_bits": 24, "value_bits": 14, "channel_bits": 5, "channel_at": 16, "channels": 32},
    **{"command": 0x00C000, "falling": True, "load": True},
    **{"sclk_ns": 50, "high_ns": 50, "load_ns": 50},
}  # fmt: skip
"""A DAC of 32 channels, where a DAC8568 has 8; it is made up, to see what so many take."""

BOARDS = {
    "mesh:ulx3s-25f": Built("mesh", "ulx3s-25f"),
    "mesh-256:ulx3s-25f": Built("mesh-256", "ulx3s-25f"),
    "mesh:ice40_hx8k_b_evn": Built("mesh", "ice40_hx8k_b_evn"),
    "mesh-folded:ulx3s-25f": Built("mesh", "ulx3s-25f", folded=True),
    "mesh-256-folded:ulx3s-25f": Built("mesh-256", "ulx3s-25f", folded=True),
    "mesh-1024:ulx3s-25f": Built("mesh-1024", "ulx3s-25f", folded=True, dac=LARGE),
    "mesh-256-folded:ice40_hx8k_b_evn": Built("mesh-256", "ice40_hx8k_b_evn", folded=True),
}


def on_board(what: Built) -> ExternalConfig:
    """Return the config of an example whose plant is connected through converters."""
    given = read_toml(PLANTS / f"{what.example}.toml")
    given["plant"].pop("cost_width", None)
    given["plant"] |= SPI | {"dac": what.dac}
    if what.folded:
        given["build"] = given.get("build", {}) | {"engine": "folded"}
    return ExternalConfig.from_dict(given, PLANTS)


def built(name: str, *, routed: int, jobs: int) -> dict[str, Any]:
    """Build an example for a board, with several seeds."""
    what = BOARDS[name]
    config = on_board(what)
    made = sweep(
        config, what.board, routed=routed, jobs=jobs,
        progress=lambda stage: print(f"{name}: {stage}", flush=True),
    )  # fmt: skip
    timing = ExternalTiming.of_external(at_clock(config, find(what.board)))
    return {
        "example": what.example,
        "engine": config.build.engine.value,
        "parameters": config.parameters,
        "clocks_per_step": timing.step(),
        **made.to_dict(),
    }


def render(report: dict[str, Any]) -> str:
    """Make the Markdown of the table of builds."""
    header = (
        "plant", "P", "cells", "board", "logic", "block RAMs", "Fmax, min / median (MHz)",
        "seeds", "clocks a step",
    )  # fmt: skip
    rows = []
    for name in BOARDS:
        row = report["boards"].get(name)
        if not row:
            continue
        used, fmax = row["utilization"], row["fmax_mhz"]
        logic, blocks = next(pair for pair in USED if pair[0] in used)
        logic, blocks = used[logic], used[blocks]
        rows.append(
            (
                row["example"],
                f"{row['parameters']:,}",
                CELLS[row.get("engine", "spatial")],
                row["board"],
                f"{logic['used']:,} of {logic['available']:,}",
                f"{blocks['used']} of {blocks['available']}",
                f"{fmax['min']:.1f} / {fmax['median']:.1f}",
                f"{sum(mhz is not None for mhz in fmax['by_seed'].values())}",
                f"{row['clocks_per_step']:,}",
            )
        )
    return table(header, ("---", "---:", "---", "---", *["---:"] * 5), rows)
