"""Verilog of an optimizer for an external plant."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from amaranth.hdl import Shape
from amaranth.lib.wiring import Out

from hdl.external.trainer import ExternalTrainer
from host import export, files, writing
from host.screen import console
from sim.simulators import TOP, to_verilog
from spec.errors import InputError
from spec.external.config import ExternalConfig
from spec.external.ports import PORTS
from spec.external.registers import registers


def run(options: Namespace) -> int:
    """Write the Verilog of the optimizer, and what its ports mean."""
    if options.weights:
        raise InputError(f"--weights: needs a network of ours; {options.config} has a plant")
    config, name = files.load_plant(options), options.name or TOP
    read = files.read_by(options, config)
    paths = export.prepare_folder(options.folder, name, export.TRAINER_ENDINGS, read)
    write(config, options.folder, name)
    console.print(f"{paths[0]}, and its registers and ports in {paths[1]}")
    return 0


def write(config: ExternalConfig, folder: Path, name: str) -> list[Path]:
    """Write NAME.v and NAME.json, both or none, to a folder that is there."""
    trainer = ExternalTrainer(config)
    said = {
        "module": name,
        "clock": "clk",
        "reset": "rst",
        "registers": [
            {"name": r.name, "width": r.width, "value": r.value, "doc": r.doc}
            for r in registers(config)
        ],
        "ports": ports(trainer),
        "config": config.to_dict(),
    }
    paths = [folder / f"{name}{ending}" for ending in export.TRAINER_ENDINGS]
    source = to_verilog(trainer, name)
    writing.write({paths[0]: source.encode(), paths[1]: writing.to_json(said)})
    return paths


def ports(trainer: ExternalTrainer) -> list[dict[str, Any]]:
    """List all ports that are no registers."""
    known = {register.name for register in registers(trainer.config)}
    return [
        {
            "name": name,
            "direction": "output" if member.flow is Out else "input",
            "width": Shape.cast(member.shape).width,
            "doc": PORTS[name],
        }
        for name, member in trainer.signature.members.items()
        if name not in known
    ]
