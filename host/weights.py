"""Trained weights in a file: θ, the config that it belongs to, and how its data were prepared."""

from __future__ import annotations

import io
import json
from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from boards.designs import design_of
from host import files, ports, writing
from host.screen import console
from model.number.fixed import Ints
from model.trainer import theta_digest
from spec import derive
from spec.config import Config
from spec.data.preparation import Preparation
from spec.errors import InputError
from spec.external.config import AnyConfig
from spec.keys import without_gone
from spec.tasks import OWN

VERSION = 2
"""Of the file: counts up when its arrays change. Version 1, which is read too, had no
`preparation`."""

ARRAYS = ("version", "theta", "theta_digest", "identity", "config")

NO_CONFIG = "damaged: its config is none that can be trained"

LARGEST = 1 << 28
"""Bytes of all arrays: an archive can be a thousand times as large as its file."""


@dataclass(frozen=True)
class Trained:
    """What a file of weights holds.

    Attributes
    ----------
    theta : array of int, shape (P,)
        In LSBs.
    tables : dict
        Of the config that they were trained with, as its `to_dict` has them.
    identity : str
        Of the gateware, 32 hexadecimal digits.
    preparation : Preparation or None
        Of the user's own data; None for a built-in task, for an external plant, and in a file of
        version 1.
    """

    theta: Ints
    tables: dict[str, Any]
    identity: str
    preparation: Preparation | None

    @classmethod
    def of(cls, config: AnyConfig, theta: Ints) -> Trained:
        """Put together what a run has."""
        own = config.own if isinstance(config, Config) else None
        identity = f"{design_of(config).identity:032x}"
        return cls(theta, config.to_dict(), identity, own and own.preparation)


SHARED = (
    ("network", "layers"),
    ("network", "hidden"),
    ("network", "output"),
    ("task", "inputs"),
    ("formats", "theta"),
)
"""Keys that a config must have in common with the one that weights were trained with; those of
tables that it does not have do not count."""


KINDS = {False: "a network of ours", True: "an external plant"}
"""By whether there is a plant."""


def write(path: Path, config: AnyConfig, theta: Ints) -> None:
    """Write weights as NPZ, whole or not at all.

    Parameters
    ----------
    path : Path
    config : Config or ExternalConfig
        What they were trained with.
    theta : array of int, shape (P,)
        In LSBs.
    """
    keep(path, Trained.of(config, theta))


def keep(path: Path, trained: Trained) -> None:
    """Write what a file of weights holds, as `write`."""
    preparation = trained.preparation and trained.preparation.to_dict()
    arrays = {
        "version": np.array(VERSION),
        "theta": np.asarray(trained.theta).astype("<i4"),
        "theta_digest": np.array(theta_digest(trained.theta)),
        "identity": np.array(trained.identity),
        "config": np.array(json.dumps(trained.tables)),
        "preparation": np.array(json.dumps(preparation)),
    }
    packed = io.BytesIO()
    np.savez(packed, allow_pickle=False, **arrays)
    writing.write({path: packed.getvalue()})


def read(path: Path, config: AnyConfig) -> Ints:
    """Read θ for a config, shape (P,), in LSBs; as `read_trained`."""
    return read_trained(path, config).theta


def read_trained(path: Path, config: AnyConfig) -> Trained:
    """Read what a file holds, for a config.

    Raises
    ------
    InputError
        If the file is none of weights, is damaged, or its weights are of another topology or
        format.
    """
    arrays = _arrays(path)
    theirs, ours = _tables(path, arrays), config.to_dict()
    if ("plant" in theirs) != ("plant" in ours):
        there, here = (KINDS["plant" in tables] for tables in (theirs, ours))
        raise InputError(f"{path}: its weights are of {there}; the config is of {here}")
    for table, key in (shared for shared in SHARED if shared[0] in ours):
        there, here = theirs.get(table, {}).get(key), ours[table][key]
        if there != here:
            raise InputError(
                f"{path}: its weights are of {table}.{key} = {there!r}; the config has {here!r}"
            )
    return _trained(path, config, arrays)


def read_alone(path: Path) -> tuple[Config, Trained]:
    """Read what a file holds, and its config: enough to evaluate the network, not to train it.

    Raises
    ------
    InputError
        If the file is none of weights, or is damaged.
    """
    arrays = _arrays(path)
    tables = _tables(path, arrays)
    if "plant" in tables:
        raise InputError(f"{path}: its weights are of {KINDS[True]}; this needs {KINDS[False]}")
    try:
        config = Config.without_samples(without_gone(tables))
        network = derive.network(config)
        derive.bank(config)
        if not network.layers:
            raise ValueError("no layer")
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    except Exception:  # keys that are right by themselves, but not together
        raise InputError(f"{path}: {NO_CONFIG}") from None
    return config, _trained(path, config, arrays)


def _tables(path: Path, arrays: dict[str, Any]) -> dict[str, Any]:
    """Return the tables of the config that is in a file."""
    tables = json.loads(str(arrays["config"]))
    if not isinstance(tables, dict):
        raise InputError(f"{path}: {NO_CONFIG}")
    return tables


def _trained(path: Path, config: AnyConfig, arrays: dict[str, Any]) -> Trained:
    """Check what a file holds."""
    theta = arrays["theta"].astype(np.int64)
    if theta.shape != (config.parameters,):
        raise InputError(f"{path}: θ of {theta.shape}; the config has {config.parameters} weights")
    half = 1 << derive.theta(config).bits - 1
    if theta.min() < -half or theta.max() >= half:
        raise InputError(
            f"{path}: damaged: has weights beyond {config.formats.theta}, their format"
        )
    own = config if isinstance(config, Config) and config.task.name in OWN else None
    preparation = own and _preparation(path, own, arrays)
    return Trained(theta, _tables(path, arrays), str(arrays["identity"]), preparation)


def _preparation(path: Path, config: Config, arrays: dict[str, Any]) -> Preparation | None:
    """Make a preparation again; it must be for as many inputs and outputs as the config has."""
    try:
        given = json.loads(str(arrays["preparation"])) if int(arrays["version"]) > 1 else None
        made = given and Preparation.from_dict(given)
    except (KeyError, TypeError, ValueError):
        raise InputError(f"{path}: damaged: it does not say how its data were prepared") from None
    layers = config.network.sizes
    if made and (len(made.scaling), len(made.target_scaling)) != (layers[0], layers[-1]):
        raise InputError(f"{path}: its weights are of data with other inputs or outputs")
    return made or None


def _arrays(path: Path) -> dict[str, Any]:
    """Read the file's arrays, which are of a version that is known, and are not damaged."""
    arrays = _plain_arrays(path)
    version = int(arrays["version"])
    if not 1 <= version <= VERSION:
        raise InputError(f"{path}: weights of version {version}; this mgd reads 1 to {VERSION}")
    if theta_digest(arrays["theta"].astype(np.int64)) != str(arrays["theta_digest"]):
        raise InputError(f"{path}: damaged: its weights do not have the digest that it names")
    return arrays


def _plain_arrays(path: Path) -> dict[str, Any]:
    """Read the file's arrays."""
    files.check_readable(path)
    try:
        with np.load(path, allow_pickle=False) as found:
            if sum(member.file_size for member in found.zip.infolist()) > LARGEST:
                raise ValueError("no weights of ours are as large")
            arrays = {name: found[name] for name in found.files}
        json.loads(str(arrays["config"]))
        integers = all(arrays[name].dtype.kind in "iu" for name in ("version", "theta"))
        if integers and arrays["version"].shape == () and set(ARRAYS) <= set(arrays):
            return arrays
    except PermissionError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except Exception:  # zipfile, zlib, json and NumPy raise all sorts on a broken file
        pass
    raise InputError(f"{path}: no weights: an NPZ of `mgd weights save` or `--save` is needed")


def save(options: Namespace) -> int:
    """Write the weights that a board has."""
    config = files.load_any(options)
    check_suffix(options.file)
    files.check_outputs([options.file], files.read_by(options, config))
    with ports.device(config, options.port) as device:
        if device.state().busy:
            raise RuntimeError(
                "the board is training, so that its weights are of different steps; wait, or stop "
                f"it with: mgd poke {options.config} control 2"
            )
        theta = device.theta()
    write(options.file, config, theta)
    console.print(f"{options.file}: {len(theta)} weights, theta_digest {theta_digest(theta)}")
    return 0


def load(options: Namespace) -> int:
    """Bring weights to a board, which then waits at step 0; 1 if it has others afterwards."""
    config = files.load_any(options)
    theta = read(options.file, config)
    with ports.device(config, options.port) as device:
        device.load_initial(config.training.seed, theta)
        found = device.theta()
    if (found != theta).any():
        console.print("the board has other weights now than those of the file", style="red")
        return 1
    console.print(f"the board has {len(theta)} weights, theta_digest {theta_digest(theta)}")
    return 0


def check_suffix(path: Path | None) -> None:
    """Raise an InputError if a file of weights is named otherwise than NPZ."""
    files.check_suffix(path, (".npz",))
