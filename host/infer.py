"""Inference: outputs and classes of samples by given weights, on the golden model or on a board."""

from __future__ import annotations

import csv
import io
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from host import files, golden, ports, screen, weights, writing
from host.device import Device
from host.screen import console
from model.number.fixed import Ints
from model.plant.cost.mse import mean_squared_error
from model.trainer import theta_digest
from spec import derive, tasks
from spec.config import Config
from spec.errors import InputError
from spec.samples_file import file_rows
from spec.tasks import Dataset

ENGINES = ("model", "board")

MOST_ROWS = 20
"""Samples that are listed one by one."""

MOST_CLASSES = 26
"""Classes of a confusion matrix that is shown."""


@dataclass(frozen=True)
class Inference:
    """What a network makes of samples.

    Attributes
    ----------
    engine : str
    config : Config
    theta : array of int, shape (P,)
    data : Dataset
        With targets or without.
    y : array of int, shape (samples, outputs)
        In LSBs.
    """

    engine: str
    config: Config
    theta: Ints
    data: Dataset
    y: Ints

    @property
    def classes(self) -> Ints:
        """Class of each sample, shape (samples,)."""
        return golden.classes(self.config, self.y)

    @property
    def judged(self) -> bool:
        """Whether there are targets; `correct`, `mean_cost` and `confusion` need them."""
        return self.data.outputs > 0

    @property
    def correct(self) -> int:
        """Number of samples whose class is that of their targets."""
        return int((self.classes == np.array(self.data.classes)).sum())

    @property
    def mean_cost(self) -> float:
        """Mean cost over the samples, as a check would find it."""
        costs = mean_squared_error(derive.cost(self.config), self.y, np.array(self.data.t))
        return float(costs.mean()) / 2**self.config.formats.cost_bits

    @property
    def confusion(self) -> list[list[int]]:
        """Samples of each class (row) that were found to be of each class (column)."""
        count = max(2, self.data.outputs)
        matrix = np.zeros((count, count), dtype=np.int64)
        np.add.at(matrix, (np.array(self.data.classes), self.classes), 1)
        return matrix.tolist()

    def rows(self) -> Iterator[tuple[list[float], int, int | None]]:
        """Yield (outputs, class, class of the targets if there are any) of each sample."""
        numbers = self.y / 2**self.config.formats.activation_bits
        targets = self.data.classes if self.judged else [None] * len(self.data)
        for y, found, wanted in zip(numbers, self.classes, targets, strict=True):
            yield y.tolist(), int(found), wanted

    def to_json(self) -> dict[str, Any]:
        """Return the documented JSON."""
        return {
            "engine": self.engine,
            "config": self.config.to_dict(),
            "theta_digest": theta_digest(self.theta),
            "samples": len(self.data),
            "correct": self.correct if self.judged else None,
            "accuracy": self.correct / len(self.data) if self.judged else None,
            "cost": self.mean_cost if self.judged else None,
            "confusion": self.confusion if self.judged else None,
            "outputs": [
                {"y": y, "class": found, "target": wanted} for y, found, wanted in self.rows()
            ],
        }


def infer(options: Namespace) -> int:
    """Evaluate samples; 1 if a board computes other outputs than the golden network."""
    config = files.load_config(options.config)
    if options.port and options.engine != "board":
        raise InputError("--port: is for --engine board")
    files.check_outputs([options.json, options.csv], files.read_by(options, config))
    theta = weights.read(options.weights, config)
    data = _data(config, options.data)
    wanted = golden.outputs(config, theta, data)
    if options.engine == "board":
        with ports.device(config, options.port) as device:
            y = on_board(device, theta, data)
    else:
        y = wanted
    found = Inference(options.engine, config, theta, data, y)
    if (y != wanted).any():
        _show(found)
        samples = int((y != wanted).any(axis=1).sum())
        console.print(
            f"the golden network differs in {samples} of {len(data)} samples", style="red"
        )
        return 1
    try:
        writing.attempt(
            lambda: writing.write_json(options.json, found.to_json()),
            lambda: _write_csv(options.csv, found),
        )
    finally:
        _show(found)
    if options.engine == "board":
        console.print("the golden network agrees: same outputs bit for bit")
    return 0


def on_board(device: Device, theta: Ints, data: Dataset) -> Ints:
    """Evaluate samples on a board, in pieces as large as its sample memory.

    Afterwards it has the samples of its config again, and waits at step 0 with the weights.

    Returns
    -------
    array of int, shape (samples, outputs)
        In LSBs.
    """
    config, y = device.config, []
    if not data.outputs:  # the memory has targets; outputs do not depend on them
        data = replace(data, t=((0,) * config.data.outputs,) * len(data))
    device.load_initial(config.training.seed, theta)
    with screen.progress_bar("evaluating on the board", len(data)) as advance:
        most = derive.samples(config).depth
        for first in range(0, len(data), most):
            part = slice(first, first + most)
            piece = replace(data, x=data.x[part], t=data.t[part])
            device.upload(piece)
            for k in range(len(piece)):
                y.append(device.evaluate(k)[1])
                advance(first + k + 1, "")
    device.upload()
    return np.array(y, dtype=np.int64)


def _data(config: Config, path: Path | None) -> Dataset:
    """Read the user's samples, with targets or without, or those of the config."""
    if path is None:
        return config.data
    rows = file_rows(path, "--data", targets=False)
    limits = derive.network(config).output
    data = tasks.dataset(
        rows,
        config.task.inputs,
        config.formats.activation_bits,
        (limits.low, limits.high),
        f"--data {path}",
    )
    for what in ("inputs", "outputs"):
        there, here = getattr(data, what), getattr(config.data, what)
        if there and there != here:
            raise InputError(f"--data {path}: {there} {what}; the network has {here}")
    return data


def _write_csv(path: Path | None, found: Inference) -> None:
    if path is None:
        return
    text = io.StringIO()
    writer = csv.writer(text)
    names = [*(f"y{k}" for k in range(found.config.data.outputs)), "class", "target"]
    columns = len(names) if found.judged else -1
    writer.writerow(names[:columns])
    writer.writerows([*y, one, other][:columns] for y, one, other in found.rows())
    writing.write_text(path, text.getvalue())


def _show(found: Inference) -> None:
    if len(found.data) <= MOST_ROWS:
        table = Table("sample", "outputs", "class", *(["target"] if found.judged else []))
        for k, (y, one, other) in enumerate(found.rows()):
            target = [str(other)] if found.judged else []
            table.add_row(str(k), " ".join(f"{value:.4f}" for value in y), str(one), *target)
        console.print(table)
    engine, count = {"model": "golden model", "board": "board"}[found.engine], len(found.data)
    if not found.judged:
        console.print(f"{engine}: {count} samples; without targets, there is no accuracy or cost")
        return
    confusion = found.confusion
    if len(confusion) <= MOST_CLASSES:
        table = Table("target \\ class", *map(str, range(len(confusion))))
        for k, row in enumerate(confusion):
            table.add_row(str(k), *map(str, row))
        console.print(table)
    console.print(f"{engine}: {found.correct} of {count} correct, mean cost {found.mean_cost:.4f}")
