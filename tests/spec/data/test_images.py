"""Published collections of images, made small: read right, or refused in one line."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spec.config import Config
from spec.data import images as images_module
from spec.data.images import RECORD, images
from spec.tasks import IMAGES

Refusal = Callable[..., str]

RNG = np.random.default_rng(5)
PIXELS = RNG.integers(0, 256, (30, 3, 4), dtype=np.uint8)
LABELS = np.arange(30, dtype=np.uint8) % 10


def idx(values: np.ndarray) -> bytes:
    """Bytes as an IDX file."""
    sizes = b"".join(size.to_bytes(4, "big") for size in values.shape)
    return bytes((0, 0, 8, values.ndim)) + sizes + values.tobytes()


def mnist(folder: Path, suffix: str = "") -> Path:
    """Twenty images to train with, ten for the test."""
    folder.mkdir()
    for name, part in (("train", slice(0, 20)), ("t10k", slice(20, 30))):
        for kind, values in (("images-idx3", PIXELS[part]), ("labels-idx1", LABELS[part])):
            data = idx(values)
            path = folder / f"{name}-{kind}-ubyte{suffix}"
            path.write_bytes(gzip.compress(data) if suffix else data)
    return folder


def cifar(folder: Path) -> Path:
    """Two batches of ten images, and one for the test."""
    folder.mkdir()
    records = RNG.integers(0, 256, (30, RECORD), dtype=np.uint8)
    records[:, 0] = LABELS
    for k, name in enumerate(("data_batch_1.bin", "data_batch_2.bin", "test_batch.bin")):
        (folder / name).write_bytes(records[10 * k : 10 * k + 10].tobytes())
    return folder


def configure(folder: Path, name: str, pixels: int, **task: Any) -> Config:
    given = {"name": name, "path": str(folder), "inputs": "fixed"} | task
    return Config.from_dict({"task": given, "network": {"layers": [pixels, 10]}})


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_idx(name: str, suffix: str, tmp_path: Path) -> None:
    """Pixels in their order as 0 to 255/256, each with its own class; the test apart."""
    config = configure(mnist(tmp_path / "there", suffix), name, 12)
    assert config.own is not None
    assert config.own.test is not None
    names = config.own.preparation.targets.classes
    published = images_module.COLLECTIONS[name].classes
    for data, part in ((config.data, slice(0, 20)), (config.own.test.data, slice(20, 30))):
        np.testing.assert_array_equal(data.x, PIXELS[part].reshape(-1, 12))
        assert [names[k] for k in data.classes] == [published[k] for k in LABELS[part]]


def test_fewer_bits_are_rounded(tmp_path: Path) -> None:
    folder = mnist(tmp_path / "there")
    task = {"name": "mnist", "path": str(folder), "inputs": "fixed"}
    network, formats = {"layers": [12, 10]}, {"activation_bits": 5}
    config = Config.from_dict({"task": task, "network": network, "formats": formats})
    np.testing.assert_array_equal(config.data.x, np.rint(PIXELS[:20].reshape(-1, 12) / 8))


def test_cifar(tmp_path: Path) -> None:
    """All batches that there are, one after the other."""
    folder = cifar(tmp_path / "there")
    config = configure(folder, "cifar10", RECORD - 1)
    assert config.own is not None
    assert config.own.test is not None
    raw = b"".join((folder / f"data_batch_{k}.bin").read_bytes() for k in (1, 2))
    np.testing.assert_array_equal(
        config.data.x, np.frombuffer(raw, np.uint8).reshape(-1, RECORD)[:, 1:]
    )
    assert len(config.own.test.data) == 10
    assert config.own.preparation.targets.classes == images_module.OBJECTS
    assert config.data.classes == (*range(10), *range(10))


def test_without_a_test_some_may_be_drawn(tmp_path: Path) -> None:
    folder = mnist(tmp_path / "there")
    for path in folder.glob("t10k*"):
        path.unlink()
    config = configure(folder, "mnist", 12, test=0.5)
    assert config.own is not None
    assert config.own.test is not None
    assert (len(config.data), len(config.own.test.data)) == (10, 10)


def cut(folder: Path, name: str, count: int) -> None:
    path = folder / name
    path.write_bytes(path.read_bytes()[:count])


def replace(folder: Path, name: str, data: bytes) -> None:
    (folder / name).write_bytes(data)


TRAIN, LABEL = images_module.IDX_TRAIN
FAULTS: dict[str, tuple[str, Callable[[Path], None], str]] = {
    "no folder": ("mnist", shutil.rmtree, "there is no such folder; mnist is a folder with train-"),
    "no images": ("mnist", lambda f: (f / TRAIN).unlink(), f"there is no {TRAIN}; mnist is"),
    "no labels": ("fashion_mnist", lambda f: (f / LABEL).unlink(), "zalandoresearch"),
    "an image short": ("mnist", lambda f: cut(f, TRAIN, 250), "ends after 234 of 240 values"),
    "a head only": ("mnist", lambda f: cut(f, TRAIN, 9), "not an IDX file of bytes with 3"),
    "other labels": ("mnist", lambda f: replace(f, LABEL, idx(LABELS)), "has 30 labels, train-"),
    "labels for images": ("mnist", lambda f: replace(f, TRAIN, idx(LABELS)), "with 3 dimensions"),
    "a label of no class": (
        "mnist",
        lambda f: replace(f, LABEL, idx(LABELS[:20] + np.uint8(1))),
        "label 10 of image 9; labels are 0 to 9",
    ),
    "too many": (
        "mnist",
        lambda f: replace(f, TRAIN, idx(PIXELS)[:4] + b"\xff" * 12),
        "values are read",
    ),
    "a test of another size": (
        "mnist",
        lambda f: replace(f, images_module.IDX_TEST[0], idx(PIXELS[:10, :2])),
        "of another size than train-images",
    ),
    "more than the head says": (
        "mnist",
        lambda f: replace(f, TRAIN, idx(PIXELS[:20]) + b"x"),
        "has more than 256 bytes",
    ),
    "half a record": ("cifar10", lambda f: cut(f, "data_batch_1.bin", 4000), "3,073, and the file"),
    "an empty batch": ("cifar10", lambda f: cut(f, "data_batch_2.bin", 0), "is empty"),
    "no batch": ("cifar10", lambda f: (f / "data_batch_1.bin").unlink(), "cs.toronto.edu"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_what_is_wrong_is_said(case: str, tmp_path: Path, refusal: Refusal) -> None:
    name, spoil, expected = FAULTS[case]
    folder = (cifar if name == "cifar10" else mnist)(tmp_path / "there")
    spoil(folder)
    assert expected in refusal(configure, folder, name, RECORD - 1 if name == "cifar10" else 12)


def test_damaged_compression(tmp_path: Path, refusal: Refusal) -> None:
    folder = mnist(tmp_path / "there", ".gz")
    path = folder / f"{TRAIN}.gz"
    path.write_bytes(path.read_bytes()[:-20])
    assert "damaged: its compressed data end early" in refusal(configure, folder, "mnist", 12)


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        ({"path": ""}, "task.path: is missing; a 'mnist' task needs the folder of its images"),
        ({"inputs": "bipolar"}, "'fixed' takes other numbers"),
        ({"test": 0.2}, "must be 0, as its folder has the samples of the test"),
        ({"bits": 3}, "task.bits: is for task.name = 'parity' only"),
    ],
)
def test_keys(task: dict[str, Any], expected: str, tmp_path: Path, refusal: Refusal) -> None:
    folder = mnist(tmp_path / "there")
    assert expected in refusal(lambda: configure(folder, "mnist", 12, **task))


def test_every_task_has_its_collection() -> None:
    assert tuple(images_module.COLLECTIONS) == IMAGES


def test_a_file_is_no_folder(tmp_path: Path, refusal: Refusal) -> None:
    (tmp_path / "file").write_text("")
    assert "is not a folder; cifar10 is" in refusal(images, tmp_path / "file", "cifar10")
