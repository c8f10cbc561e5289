"""What takes hours, or more memory than there is, says so before it starts."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from host import effort, export, ports
from host import train as training
from host.loop import LoopTrainer
from model.training import seconds, trainer_of
from spec.config import Config
from tests.host.conftest import XOR, run


def network(*layers: int) -> Config:
    return Config.from_dict({"task": {"name": "xor"}, "network": {"layers": list(layers)}})


@pytest.mark.parametrize(
    ("layers", "words", "status", "said"),
    [
        ([2, 1024, 1024, 1], ["verify"], 2, "1,053,697 cells: about 790 GB of memory are needed"),
        ([2, 1024, 1024, 1], ["export", "-o", "out"], 2, "the golden model can train it"),
        ([2, 1024, 1024, 1], ["train"], 1, "1,053,697 cells × 10,000 steps: about"),
        ([2] * 3001 + [1], ["export", "-o", "out"], 1, "18,003 cells: about"),
        ([2, 2, 1], ["train", "--steps", "4000000000", "--runs", "2"], 1, "× 2 runs: about"),
        ([2, 2, 1], ["train"], 1, ""),
    ],
)
def test_what_takes_hours_says_so_at_once(
    layers: list[int],
    words: list[str],
    status: int,
    said: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def begin(*_: object, **__: object) -> None:
        raise RuntimeError("it begins")

    monkeypatch.setattr(training, "train", begin)
    monkeypatch.setattr(export, "trainer_of", begin)
    monkeypatch.setattr(effort, "memory_bytes", lambda: 32 << 30)
    (folder / "my.toml").write_text(f'[task]\nname = "xor"\n[network]\nlayers = {layers}\n')
    assert run(words[0], "my.toml", *words[1:]) == status
    first, *_ = lines = capsys.readouterr().err.splitlines()
    assert said in first
    assert len(lines) == (2 if said and status == 1 else 1)


@pytest.mark.parametrize("runs", [1, 100])
def test_the_time_that_is_told_is_about_right(runs: int) -> None:
    """Minutes and days can be told apart: within a factor of ten, on a busy computer too."""
    config = network(2, 24, 24, 1).with_training(steps=200)
    begin = time.process_time()
    trainer_of(config, range(1, runs + 1)).run()
    taken = time.process_time() - begin
    assert taken / 10 < seconds(config, runs) < taken * 10


def test_the_time_of_a_virtual_loop_is_about_right(port: str) -> None:
    config = XOR.with_training(steps=60)
    with ports.device(config, port) as device:
        device.stop()
        trainer = LoopTrainer(device, 1)
        begin = time.perf_counter()
        trainer.run()
        taken = time.perf_counter() - begin
    assert taken / 10 < effort.loop_seconds(config, simulated=True) < taken * 10
