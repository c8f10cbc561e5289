"""A report as `experiments.report.combine` makes it, and what it is made of."""

from __future__ import annotations

from typing import Any

from boards.sweep import Sweep

SOLVED: dict[str, Any] = {
    "golden": {"seeds": 200, "solved": 199, "median_steps": 790.0, "median_clocks": 17400.0},
    "simulated": {"seeds": 3, "simulator": "verilator", "steps": None},
}


def sweep_of(board: str = "icebreaker", met: int = 3) -> Sweep:
    return Sweep(
        board=board,
        device="iCE40UP5K",
        clock_mhz=12.0,
        fmax_mhz={1: 29.0, 2: None, 3: 28.04, 4: 40.0},
        icetime_mhz={1: 30.0, 2: None, 3: 28.5, 4: 41.0},
        speed_grade="UP",
        met=met,
        utilization={
            "ICESTORM_LC": {"used": 2006, "available": 5280},
            "ICESTORM_DSP": {"used": 3, "available": 8},
        },
        flip_flops=951,
        multipliers=3,
        tools={
            "versions": {"amaranth": "0.5.10", "yosys": "0.70", "nextpnr-ice40": "0.11.1"},
            "options": {"nextpnr_opts": "--router router2"},
        },
    )


REPORT: dict[str, Any] = {
    "example": "xor",
    "link": False,
    "commit": "0123abc",
    "board": "icebreaker",
    "device": "iCE40UP5K",
    "parameters": 9,
    "clock_mhz": 12.0,
    "speed_grade": "UP",
    "fmax_mhz": {
        "by_seed": {"1": 29.0, "2": None, "3": 28.04, "4": 40.0},
        "min": 28.04,
        "median": 29.0,
    },
    "icetime_mhz": {
        "by_seed": {"1": 30.0, "2": None, "3": 28.5, "4": 41.0},
        "min": 28.5,
        "median": 30.0,
    },
    "clocks_per_step": 19,
    "steps_per_second": {"at_clock": 631578.9, "at_median_fmax": 1526315.8},
    "golden": SOLVED["golden"],
    "time_to_solution_s": 0.0006,
    "simulated": SOLVED["simulated"],
    "utilization": sweep_of().utilization,
    "flip_flops": 951,
    "multipliers": 3,
    "tools": {
        "versions": {
            "amaranth": "0.5.10",
            "yosys": "0.70",
            "nextpnr-ice40": "0.11.1",
            "verilator": "5.48.0",
        },
        "options": {"nextpnr_opts": "--router router2"},
    },
}
"""Of the example xor; 17,400 clocks at 29 MHz are 0.6 ms."""
