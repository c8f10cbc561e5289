"""Verilog of the trainer; or of a trained network alone, and a bench of what it must compute."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from hdl.inference import Inference
from hdl.trainers import trainer_of
from host import effort, files, golden, weights, writing
from host.screen import console
from model.number.fixed import Ints, Rounding, shift_right
from model.trainer import theta_digest
from sim.inference_bench import MOST_SAMPLES
from sim.inference_bench import verilog as bench
from sim.simulators import TOP, to_verilog
from spec import derive
from spec.config import Config
from spec.data.preparation import Preparation
from spec.errors import InputError
from spec.plant import NetworkSpec, SignalSpec
from spec.registers import registers
from spec.tasks import Dataset

NAME = "network"
"""Of the top module of a trained network, unless the user gives one."""

ENDINGS, TRAINER_ENDINGS = (".v", "_tb.v", ".json"), (".v", ".json")
"""Of its files, and of the trainer's."""


def export(options: Namespace) -> int:
    """Write the Verilog of the trainer, or of a trained network, and what its ports mean."""
    config, folder = files.load_config(options.config, options.data), options.folder
    trained = weights.read_trained(options.weights, config) if options.weights else None
    name = options.name or (NAME if trained else TOP)
    if trained:
        spec_of(config)  # fails now, if it does
    else:
        effort.require_gateware(config)
    inputs = files.read_by(options, config)
    paths = prepare_folder(folder, name, ENDINGS if trained else TRAINER_ENDINGS, inputs)
    if trained:
        write(config, trained.theta, folder, name, trained.preparation)
        console.print(
            f"{paths[0]}, its test bench {paths[1].name}, and its ports in {paths[2].name}"
        )
        return 0
    write_trainer(config, folder, name)
    console.print(f"{paths[0]}, and its registers in {paths[1]}")
    return 0


def prepare_folder(
    folder: Path, name: str, endings: Sequence[str], inputs: Iterable[Path] = ()
) -> list[Path]:
    """Make a folder for files called NAME and an ending, unless it is there; return their paths.

    Raises
    ------
    InputError
        If they cannot be written, or are among the `inputs`, which must stay as they are.
    """
    paths = [folder / f"{name}{ending}" for ending in endings]
    files.check_folder(folder)
    if folder.exists():
        files.check_outputs(paths, inputs)
    files.make_folder(folder)
    return paths


def write_trainer(config: Config, folder: Path, name: str) -> list[Path]:
    """Write NAME.v and NAME.json of the trainer, both or none, to a folder that is there."""
    source = to_verilog(trainer_of(config), name)
    said = {
        "module": name,
        "clock": "clk",
        "reset": "rst",
        "registers": [
            {"name": r.name, "width": r.width, "value": r.value, "doc": r.doc}
            for r in registers(config)
        ],
        "config": config.to_dict(),
    }
    paths = [folder / f"{name}{ending}" for ending in TRAINER_ENDINGS]
    writing.write({paths[0]: source.encode(), paths[1]: writing.to_json(said)})
    return paths


def spec_of(config: Config) -> NetworkSpec:
    """Return what the network is.

    Raises
    ------
    InputError
        If its neurons have defects, which are those of one device.
    """
    if config.hardware.defects:
        raise InputError(
            f"hardware.defects = {config.hardware.defects}: belong to the device that drew them; "
            "only a network without can be exported"
        )
    return derive.network(config)


def network(config: Config, theta: Ints) -> Inference:
    """Make the gateware of a trained network.

    Parameters
    ----------
    config : Config
    theta : array of int, shape (P,)
        In LSBs. Multipliers see their top bits, as while it trained.
    """
    dropped = derive.theta(config).bits - derive.weight(config).bits
    seen = shift_right(np.asarray(theta), dropped, Rounding.TRUNCATE)
    return Inference(spec_of(config), seen.tolist())


def write(
    config: Config,
    theta: Ints,
    folder: Path,
    name: str,
    preparation: Preparation | None = None,
    data: Dataset | None = None,
) -> list[Path]:
    """Write NAME.v, NAME_tb.v and NAME.json, all or none.

    Parameters
    ----------
    config : Config
    theta : array of int, shape (P,)
        In LSBs.
    folder : Path
        Which is there.
    name : str
        Of the top module.
    preparation : Preparation, optional
        Of the user's own data.
    data : Dataset, optional
        Samples for the bench, in place of the config's.

    Returns
    -------
    list of Path
        Of the files.
    """
    design = network(config, theta)
    data = data or config.data
    data = replace(data, x=data.x[:MOST_SAMPLES], t=data.t[:MOST_SAMPLES])
    x, y = ports(design.spec, data), golden.outputs(config, theta, data).tolist()
    widths = (design.spec.input.bits, design.spec.output.bits)
    said = to_json(config, theta, design.spec, name)
    said["preparation"] = preparation and preparation.to_dict()
    made = (
        to_verilog(design, name).encode(),
        bench(name, x, y, widths, design.spec.latency).encode(),
        writing.to_json(said),
    )
    paths = [folder / f"{name}{ending}" for ending in ENDINGS]
    writing.write(dict(zip(paths, made, strict=True)))
    return paths


def ports(spec: NetworkSpec, data: Dataset) -> list[list[int]]:
    """Return samples as they are at the ports: bits for binary inputs."""
    high = spec.input.high
    return [[int(v == high) if spec.input.binary else v for v in row] for row in data.x]


def to_json(config: Config, theta: Ints, spec: NetworkSpec, name: str) -> dict[str, Any]:
    """Return the documented JSON."""
    return {
        "module": name,
        "clock": "clk",
        "reset": "rst",
        "latency": spec.latency,
        "inputs": _signal(spec.input, spec.inputs),
        "outputs": _signal(spec.output, spec.outputs),
        "theta_digest": theta_digest(theta),
        "config": config.to_dict(),
    }


def _signal(spec: SignalSpec, count: int) -> dict[str, Any]:
    return {
        "count": count,
        "bits": spec.bits,
        "signed": spec.low < 0 and not spec.binary,
        "binary": spec.binary,
        "fraction_bits": spec.fraction_bits,
        "low": spec.low,
        "high": spec.high,
    }
