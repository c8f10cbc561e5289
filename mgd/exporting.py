"""Verilog, from Python."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from host import effort, verilog_name
from host import export as verilog
from mgd.inference import Weights, samples
from mgd.training import Run
from model.eta import chosen
from sim.simulators import TOP
from spec.config import Config
from spec.errors import InputError


def export(
    what: Config | Run | Weights,
    folder: Path | str,
    *,
    name: str | None = None,
    x: Any = None,
) -> list[Path]:
    """Write Verilog, as `mgd export`: of the trainer, or of a trained network alone.

    Parameters
    ----------
    what : Config, Run or Weights
        A config is exported as its trainer, NAME.v, with its registers in NAME.json. A trained
        network is a pipeline that takes a sample a clock, NAME.v, with a test bench, NAME_tb.v, and
        its ports and scaling in NAME.json.
    folder : path-like
        Made if need be; files of these names are replaced, all or none.
    name : str, optional
        Of the top module; by default "trainer" or "network".
    x : array-like, shape (samples, inputs), optional
        Samples for the bench, in your unit: the first 64 of them. By default those of training;
        `Weights`, as files have them, bring none.

    Returns
    -------
    list of Path
        Of the files.

    Raises
    ------
    InputError
        If an argument is wrong, or there can be no such files.
    """
    trainer, folder = isinstance(what, Config), Path(os.fspath(folder))
    name = name or (TOP if trainer else verilog.NAME)
    if not verilog_name.is_name(name):
        raise InputError(f"name = {name!r}: must be {verilog_name.WANTED}")
    if isinstance(what, Config):
        if x is not None:
            raise InputError("x: is for a trained network; a trainer has its own samples")
        config = chosen(what)
        effort.require_gateware(config)
        verilog.prepare_folder(folder, name, verilog.TRAINER_ENDINGS)
        return verilog.write_trainer(config, folder, name)
    data = None if x is None else samples(what, x).data
    if data is None and not len(what.config.data):
        raise InputError("x: is missing; weights bring no samples for the test bench")
    verilog.spec_of(what.config)  # fails now, if it does
    verilog.prepare_folder(folder, name, verilog.ENDINGS)
    trained = what.weights.trained if isinstance(what, Run) else what.trained
    return verilog.write(what.config, what.theta, folder, name, trained.preparation, data)
