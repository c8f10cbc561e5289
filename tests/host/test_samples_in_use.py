"""One bitstream with room for samples, for any data that fit: digests are the golden model's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import host.driver
from host import selftest
from host.device import Device
from sim.simulators import Simulator
from spec.config import Config
from spec.registers import register_values
from tests.bus import Bus
from tests.configs import first_samples, perceptron
from tests.host import scenarios
from tests.host.conftest import MakeBoard, read_json, run

TABLES = """
[task]
name = "file"
path = "{name}.csv"
order = "{order}"
[network]
layers = [2, 2, 1]
[training]
steps = 300
check_every = 7
solved_cost = 0.04
seed = {seed}
[build]
samples = {room}
"""
CORNERS = ((-1, -1, 0), (1, -1, 1), (-1, 1, 1), (1, 1, 0))
SOFT = ((-1, -1, 0.25), (1, -1, 0.75), (1, 1, 0.5))


def own(folder: Path, name: str, rows: tuple[tuple[float, ...], ...], **keys: object) -> Path:
    """Write data of one's own, and a config for them."""
    lines = [",".join(map(str, row)) for row in rows]
    (folder / f"{name}.csv").write_text("\n".join(["x0,x1,t0", *lines]))
    path = folder / f"{name}.toml"
    path.write_text(
        TABLES.format(**{"name": name, "order": "random", "room": 16, "seed": 1} | keys)
    )
    return path


@pytest.fixture(scope="module")
def board(make_board: MakeBoard, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Port of a virtual board with room for 16 samples, built for four."""
    folder = tmp_path_factory.mktemp("built")
    with make_board(config=Config.load(own(folder, "built", CORNERS))) as board:
        yield board.port


def test_two_data_sets_on_one_board(
    board: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Four samples, then seven with other targets, then four again."""
    digests = []
    for name, rows, seed in (
        ("four", CORNERS, 1),
        ("seven", CORNERS + SOFT, 2),
        ("four", CORNERS[::-1], 3),
    ):
        own(folder, name, rows, seed=seed)
        runs = []
        for engine in (["model"], ["board", "--port", board]):
            words = ["train", f"{name}.toml", "--json", "out.json", "--engine", *engine]
            assert run(*words) in (0, 1)
            (found,) = read_json(folder / "out.json")["runs"]
            runs.append({key: found[key] for key in found if key != "clocks"})
        assert runs[0] == runs[1]
        digests.append(runs[0]["theta_digest"])
        assert "the golden model agrees" in capsys.readouterr().out
    assert len(set(digests)) == 3


def test_all_the_room_is_tested_and_used(board: str, folder: Path) -> None:
    """The self-test writes all places; inference takes as many samples at a time."""
    own(folder, "seven", CORNERS + SOFT)
    assert run("selftest", "seven.toml", "--port", board, "--json", "out.json") == 0
    details = {check["name"]: check["detail"] for check in read_json(folder / "out.json")}
    assert details["sample memory"].startswith("16 of")
    assert details["evaluations"].startswith("7 samples")
    assert set(details) == {"identity", *selftest.CHECKS}
    (folder / "many.csv").write_text("x0,x1\n" + "1,-1\n-1,-1\n" * 20)
    assert run("train", "seven.toml", "--save", "w.npz") in (0, 1)
    words = ["infer", "seven.toml", "--weights", "w.npz", "--data", "many.csv"]
    assert run(*words, "--engine", "board", "--port", board) == 0


def test_the_register_by_hand(board: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own(folder, "four", CORNERS)
    for value, status in (("16", 0), ("17", 2), ("0", 2), ("1", 0)):
        assert run("poke", "four.toml", "samples_in_use", value, "--port", board) == status
    assert run("peek", "four.toml", "samples_in_use", "--port", board) == 0
    assert "samples_in_use 0x00000000 1" in capsys.readouterr().out
    assert run("peek", "xor", "samples_in_use", "--port", board) == 2


def test_other_bitstreams_and_too_many_samples(
    board: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own(folder, "wide", CORNERS, room=17)
    own(folder, "order", CORNERS, order="sequential")
    own(folder, "many", CORNERS * 5)
    for name, named in (
        ("wide", "its samples is 16, that of the config is 17"),
        ("order", "bitstream of another config"),
        ("many", "build.samples = 16: must be at least 20"),
    ):
        assert run("train", f"{name}.toml", "--engine", "board", "--port", board) == 2
        printed = capsys.readouterr()
        assert named in printed.err
        assert printed.err.count("\n") == 1


@pytest.mark.parametrize("order", ["random", "sequential"])
def test_any_number_in_use(
    order: str, icarus: Simulator, builds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Runs, in clocks too; a run that was resumed; evaluations, and the host in the loop."""
    monkeypatch.setattr(host.driver, "POLL_S", 0)
    most = perceptron(2, 2, 1, samples=7, room=11, order=order, steps=60, check_every=9)
    with Bus(most, builds) as bus:
        for count in (7, 4, 1, 6):
            device = Device(bus, first_samples(most, count))
            device.upload()
            scenarios.train(device, bus)
            assert device.get("samples_in_use") == count
            scenarios.resume(device, bus)
            scenarios.evaluate(device, bus)
            scenarios.loop(device, bus)


def test_a_wrong_number_is_noticed(
    icarus: Simulator, builds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: one sample fewer in use than the config has."""
    monkeypatch.setattr(host.driver, "POLL_S", 0)
    config = perceptron(2, 2, 1, samples=7, room=11, steps=60, check_every=9)
    golden = scenarios.golden(config)
    with Bus(config, builds) as bus:
        device = Device(bus, config)
        device.configure(config.with_training(seed=scenarios.SEED))
        device.put("samples_in_use", register_values(config)["samples_in_use"] - 1)
        device.start()
        found = device.result(scenarios.SEED, device.wait(lambda state: bus.idle(500)))
    assert np.any(found.theta != golden.theta)
    assert found.cost_sum != golden.cost_sum
