"""Inference: outputs and classes of samples by given weights, on the golden model or on a board."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from host import files, golden, infer_report, ports, screen, weights, writing
from host.device import Device
from host.judging import Judgement, judge
from host.screen import console
from model.number.fixed import Ints
from model.plant.cost import cost_of
from model.trainer import theta_digest
from spec import derive
from spec.config import Config, read_toml
from spec.data.coding import Coding
from spec.data.images import images
from spec.data.own import Part, apply
from spec.data.preparation import Preparation
from spec.data.source import open_source
from spec.errors import InputError
from spec.tasks import IMAGES, OWN, Dataset, Kind

ENGINES = ("model", "board")


@dataclass(frozen=True)
class Inference:
    """What a network makes of samples.

    Attributes
    ----------
    engine : str
    config : Config
    theta : array of int, shape (P,)
    preparation : Preparation
        How samples were made of what the user has, and outputs mean something to them.
    part : Part
        The samples, with targets or without.
    y : array of int, shape (samples, outputs)
        In LSBs.
    """

    engine: str
    config: Config
    theta: Ints
    preparation: Preparation
    part: Part
    y: Ints

    @property
    def data(self) -> Dataset:
        """The samples."""
        return self.part.data

    @property
    def numeric(self) -> bool:
        """Whether outputs are numbers in the user's unit, and no classes."""
        return self.preparation.targets.kind is Kind.NUMBERS

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the classes."""
        return self.preparation.targets.classes

    @property
    def classes(self) -> Ints:
        """Class of each sample, shape (samples,)."""
        return golden.classes_of(self.y, self.config.formats.activation_bits)

    @property
    def values(self) -> np.ndarray:
        """Outputs in the user's unit, shape (samples, outputs)."""
        return self.preparation.in_users_unit(self.y, self.config.formats.activation_bits)

    @cached_property
    def judgement(self) -> Judgement | None:
        """What the outputs are worth; None without targets."""
        if not self.data.outputs:
            return None
        return judge(self.preparation, self.y, self.part, self.part)

    @property
    def mean_cost(self) -> float:
        """Mean cost over the samples, as a check would find it."""
        costs = cost_of(derive.cost(self.config), self.y, np.array(self.data.t))
        return float(costs.mean()) / 2**self.config.formats.cost_bits

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the documented JSON of each sample."""
        numbers = self.y / 2**self.config.formats.activation_bits
        none = [None] * len(self.data)
        found = none if self.numeric else self.classes.tolist()
        values = self.values.tolist() if self.numeric else none
        given = self.part.numbers or none
        judged = self.data.outputs and not self.numeric
        wanted = self.data.classes if judged else none
        for y, one, other, value, number in zip(
            numbers.tolist(), found, wanted, values, given, strict=True
        ):
            yield {
                "y": y,
                "class": one,
                "target": other,
                "class_name": None if one is None else self.names[one],
                "target_name": None if other is None else self.names[other],
                "values": value,
                "target_values": number and list(number),
            }

    def to_json(self) -> dict[str, Any]:
        """Return the documented JSON."""
        found = self.judgement
        accuracy = found and found.accuracy
        return {
            "engine": self.engine,
            "config": self.config.to_dict(),
            "theta_digest": theta_digest(self.theta),
            "samples": len(self.data),
            "correct": None if accuracy is None else round(accuracy * len(self.data)),
            "accuracy": accuracy,
            "cost": self.mean_cost if found else None,
            "confusion": found and found.confusion,
            "rmse": found and found.rmse,
            "r2": found and found.r2,
            "notes": list(self.part.notes),
            "outputs": list(self.rows()),
        }


def infer(options: Namespace) -> int:
    """Evaluate samples; 1 if a board computes other outputs than the golden network."""
    config = _config(options)
    if options.port and options.engine != "board":
        raise InputError("--port: is for --engine board")
    files.check_outputs([options.json, options.csv], files.read_by(options, config))
    theta, preparation, part = _prepared(config, options)
    data = part.data
    wanted = golden.outputs(config, theta, data)
    if options.engine == "board":
        with ports.device(config, options.port) as device:
            y = on_board(device, theta, data)
    else:
        y = wanted
    if not len(config.data):
        config = replace(config, data=data)  # whose shape and formats are the same
    found = Inference(options.engine, config, theta, preparation, part, y)
    if (y != wanted).any():
        infer_report.show(found)
        samples = int((y != wanted).any(axis=1).sum())
        console.print(
            f"the golden network differs in {samples} of {len(data)} samples", style="red"
        )
        return 1
    try:
        writing.attempt(
            lambda: writing.write_json(options.json, found.to_json()),
            lambda: infer_report.write_csv(options.csv, found),
        )
    finally:
        infer_report.show(found)
    if options.engine == "board":
        console.print("the golden network agrees: same outputs bit for bit")
    return 0


def _config(options: Namespace) -> Config:
    """Load the config: without its samples where they have no part in it.

    Then the files that it was trained on need not be there any more.
    """
    path = files.config_path(options.config)
    files.refuse_plant(options.config)
    given = read_toml(path)
    try:
        config = Config.without_samples(given)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    own = config.task.name in OWN and not config.hardware.defects
    alone = own and options.data is not None and options.engine != "board"
    return config if alone else files.load_config(options.config)


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
        most = derive.samples(config).slots
        for first in range(0, len(data), most):
            part = slice(first, first + most)
            piece = replace(data, x=data.x[part], t=data.t[part])
            device.upload(piece)
            for k in range(len(piece)):
                y.append(device.evaluate(k)[1])
                advance(first + k + 1, "")
    device.upload()
    return np.array(y, dtype=np.int64)


def _prepared(config: Config, options: Namespace) -> tuple[Ints, Preparation, Part]:
    """Read the weights, and the user's samples as those were trained, or those of the config."""
    trained = weights.read_trained(options.weights, config)
    own = config.own
    preparation = trained.preparation
    if preparation is None and own is None and config.task.name in OWN:
        own = files.load_config(options.config).own  # weights of version 1 do not say it
    if preparation is None and own is None:
        preparation = Preparation.plain(config.data.inputs, config.data.outputs)
    elif preparation is None:
        assert own is not None
        preparation = own.preparation
        if not preparation.targets.coded:
            raise InputError(
                f"{options.weights}: weights of version 1 do not say how data were prepared; train "
                "again with --save"
            )
    if options.data is None:
        if own and preparation != own.preparation:
            raise InputError(
                f"{options.weights}: trained on other data, or with other keys of [task], than "
                "those of the config; give samples with --data"
            )
        return trained.theta, preparation, own.train if own else Part(config.data)
    task = config.task
    coding = Coding(task.inputs, config.network.output, config.formats.activation_bits)
    if config.task.name in IMAGES and options.data.is_dir():
        folder = images(options.data, config.task.name, "--data")
        source = folder.test or folder
    else:
        source = open_source(options.data, "--data")
    part = apply(preparation, source, coding, f"--data {options.data}", task.missing)
    return trained.theta, preparation, part
