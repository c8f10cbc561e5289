"""docs/json.md has every key that a command or a report writes, and no other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from boards.build import BuildReport
from host import commands, files
from host.cli import main
from sim.simulators import Simulator
from sim.verify import Mismatch, Verification
from tests.conftest import EXAMPLES, need

ROOT = EXAMPLES.parent
PAGE = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")

OPEN = {"config", "compared", "utilization", "versions", "options", "by_seed", "fmax_by_seed"}
OPEN |= {"tables", "costs", "changes", "last"}
"""What holds names of something else: keys of a config, signals, resources, tools, seeds, η."""

OWN = """
[task]
name = "file"
path = "own.csv"
inputs = "fixed"
test = 0.5
[network]
layers = [1, 1]
[training]
steps = 9
"""

Keys = dict[str, set[str]]
"""Of each heading of the page: "train", …, "growth.json"."""


def documented(page: str) -> Keys:
    """Read the keys of every heading: of its tables, and those named inside braces of a list."""
    found: Keys = {}
    for section in page.split("\n## ")[1:]:
        title = section.splitlines()[0]
        name = re.findall(r"`(?:mgd |reports/)?([\w.]+)", title)[0]
        text = section.split("\n", 1)[1]
        rows = re.findall(r"^\| (`.*?) \| (.*?) \| (.*?) ?\|$", text, re.MULTILINE)
        keys = {key for row in rows for key in re.findall(r"`(\w+)`", row[0])}
        for key, kind, meaning in [*rows, ("", "list", text.split("\n|")[0])]:
            if set(re.findall(r"`(\w+)`", key)) & OPEN:
                continue
            listed = re.findall(r"\{(.*?)\}", meaning) if kind.startswith("list") else []
            if kind.startswith("object"):
                listed = [meaning]
            keys |= {part for words in listed for part in re.findall(r"`(\w+)`", words)}
        found[name] = keys
    return found


def written(content: Any) -> Iterator[str]:
    """All keys of what was written, those of objects in it too."""
    for item in content if isinstance(content, list) else [content]:
        if isinstance(item, list):
            yield from written(item)
        elif isinstance(item, dict):
            for key, value in item.items():
                yield key
                if key not in OPEN:
                    yield from written(value)


def mistakes(page: str, outputs: dict[str, list[Any]]) -> set[str]:
    """Whatever is written and not documented, or documented and never written."""
    keys = documented(page)
    found = set(keys) ^ set(outputs)
    for name in set(keys) & set(outputs):
        found |= {f"{name}: {key}" for key in keys[name] ^ set(written(outputs[name]))}
    return found


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory, port: str) -> dict[str, list[Any]]:
    """What each command writes, and the reports: of `build` and `verify` with values made up."""
    need(Simulator.ICARUS)
    folder = tmp_path_factory.mktemp("json")
    report = BuildReport(
        "icebreaker", "iCE40UP5K", "b.bin", "b.log", 30.0, 12.0, {1: 30.0}, 29.0, "UP", True,
        10, 1.2e6, {}, 1, 1, {"versions": {}, "options": {}, "seed": 1},
    )  # fmt: skip
    mismatch = Mismatch(clock=3, step=0, signal="u", gateware=1, golden=2)
    verification = Verification("icarus", "rtl", 3, 0, {"u": 4}, [mismatch], "0" * 64)
    reports = ROOT / "reports"
    tables = [json.loads(path.read_text()) for path in sorted(reports.glob("*_*.json"))]
    found: dict[str, list[Any]] = {
        "EXAMPLE_BOARD.json": tables,
        "growth.json": json.loads((reports / "growth.json").read_text()),
    }
    for name in (
        "eta.json",
        "delay.json",
        "letters.json",
        "datasets.json",
        "cells.json",
        "folded.json",
        "shares.json",
    ):
        found[name] = [json.loads((reports / name).read_text())]
    images = json.loads((reports / "folded.json").read_text())
    found["folded.json"] = [images | {"cases": list(images["cases"].values())}]
    built = json.loads((reports / "networks.json").read_text())
    found["networks.json"] = [built | {"networks": list(built["networks"].values())}]
    equal = json.loads((reports / "lockstep.json").read_text())
    found["lockstep.json"] = [equal | {"networks": list(equal["networks"].values())}]
    made = json.loads((reports / "plants.json").read_text())
    kept = {name: list(made[name].values()) for name in ("training", "software", "boards")}
    found["plants.json"] = [made | kept]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(files, "BUILD", ROOT / "build")
        recorded = "wave xor --steps 2 --simulator icarus -o wave.svg --json out.json"
        main(recorded.split())  # a lockstep that is not made up
        found["wave"] = [json.loads(Path("out.json").read_text())]
        patch.setattr(commands.lockstep, "verify", lambda *_, **__: verification)
        patch.setattr(commands.lockstep, "waveform_of", lambda *_: "")
        patch.setattr(commands.bitstreams, "build", lambda *_, **__: report)
        Path("own.toml").write_text(OWN)
        Path("own.csv").write_text("a,kind\n" + "1,red\n0,blue\n" * 4)
        for words in (
            "train own.toml --save own.npz",
            "show own.npz",
            "train nist7x7 --steps 20",
            "verify xor --steps 2 --simulator icarus",
            "build xor --board icebreaker",
            "estimate xor --board icebreaker",
            "boards",
            "train xor --steps 20 --save w.npz",
            "infer xor --weights w.npz",
            f"selftest xor --port {port}",
            f"watch xor --once --port {port}",
            "train mesh-9 --steps 20",
            "watch mesh-9 --once --port virtual",
        ):
            name = words.split()[0]
            main([*words.split(), "--json", "out.json"])
            found.setdefault(name, []).append(json.loads(Path("out.json").read_text()))
        main(["tune", "own.toml", "--trials", "2", "--study", "s.json", "--jobs", "1"])
        found["tune"] = [json.loads(Path("s.json").read_text())]
        main(["export", "xor", "-o", "."])
        found["trainer.json"] = [json.loads(Path("trainer.json").read_text())]
        main(["export", "own.toml", "-o", ".", "--weights", "own.npz"])
        found["network.json"] = [json.loads(Path("network.json").read_text())]
    return found


def test_every_key_is_documented_and_occurs(outputs: dict[str, list[Any]]) -> None:
    assert mistakes(PAGE, outputs) == set()


@pytest.mark.parametrize(
    ("right", "wrong", "mistake"),
    [
        ("| `solved_fraction` |", "| `fraction` |", {"train: solved_fraction", "train: fraction"}),
        ("`gateware`, `golden`}", "`gateware`}", {"verify: golden"}),
        ("`clock_mhz`, `serial`, `aliases`}", "`clock_mhz`, `serial`}", {"boards: aliases"}),
        ("## `mgd estimate`", "## `mgd guess`", {"estimate", "guess"}),
        ("`at_clock` and `at_median_fmax`", "`at_clock`", {"EXAMPLE_BOARD.json: at_median_fmax"}),
    ],
)  # fmt: skip
def test_a_key_missing_on_the_page_is_found(
    right: str, wrong: str, mistake: set[str], outputs: dict[str, list[Any]]
) -> None:
    assert right in PAGE
    assert mistakes(PAGE.replace(right, wrong), outputs) == mistake


def test_a_key_that_is_not_on_the_page_or_no_longer_occurs_is_found(
    outputs: dict[str, list[Any]],
) -> None:
    more = [{**outputs["train"][0], "speed": 1}, *outputs["train"]]
    assert mistakes(PAGE, outputs | {"train": more}) == {"train: speed"}
    boards = [{key: row[key] for key in row if key != "aliases"} for row in outputs["boards"][0]]
    assert mistakes(PAGE, outputs | {"boards": boards}) == {"boards: aliases"}
