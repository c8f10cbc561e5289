"""Planted faults in the kernel are found; and a kernel of other sources is never taken for it.

The faulty copies are not compiled: they run as Python, which does the same.
"""

from __future__ import annotations

import errno
import importlib
import shutil
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from numba.core import caching
from numba.core import config as options

import model.compiled
import spec
from model.compiled import jit, kernel
from model.compiled.trainer import CompiledTrainer
from spec.config import Config
from spec.training import Estimator, Loop, Perturbation
from tests.configs import named, perceptron
from tests.model.compiled.test_trainer import RULES, compare

SOURCES = Path(model.compiled.__file__).parent

PARTS = sorted(path.stem for path in SOURCES.glob("[!_]*.py"))


def uncompiled(
    folder: Path, monkeypatch: pytest.MonkeyPatch, kind: str = "CompiledTrainer"
) -> type[CompiledTrainer]:
    """Import a copy of model/compiled in place of ours, as plain Python."""
    for part in PARTS:  # else there is nothing to put back, and the copy stays
        importlib.import_module(f"model.compiled.{part}")
    monkeypatch.setattr(options, "DISABLE_JIT", True)
    for name in [f"model.compiled.{part}" for part in PARTS]:
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(model.compiled, "__path__", [str(folder)])
    for part in PARTS:  # which the package has as attributes, too
        monkeypatch.delattr(model.compiled, part, raising=False)
    found = [importlib.import_module(f"model.compiled.{part}") for part in PARTS]
    for part, module in zip(PARTS, found, strict=True):
        assert Path(module.__file__ or "").parent == folder
        monkeypatch.setattr(model.compiled, part, module, raising=False)
    return next(getattr(module, kind) for module in found if hasattr(module, kind))


Keys = dict[str, Any]


def config(**keys: Any) -> Config:
    given = {"inputs": "fixed", "steps": 33, "check_every": 11, "binary_targets": True}
    return perceptron(2, 2, 2, samples=5, **given | keys)


def optimiser(perturbation: str, loop: str = "discrete", estimator: str = "weight") -> Keys:
    return named((Perturbation(perturbation), Loop(loop), Estimator(estimator)))


OVERLAP = {"update_delay": "auto", "check_every": 25, "steps": 60}
ANALOG = optimiser("rcm", "analog") | {"tau_x": 3, "tau_theta": 4, "tau_hp": 4}
SOLVED = {"solved_cost": 0.19, "solved_accuracy": 0.0}
"""At another check by each of the runs."""
TIES = {"output": "hard_sigmoid", "theta": "Q5.3", "init": 4, "amplitude": -1, "activation_bits": 4}
"""Many outputs are 0 or 1."""
NOISE = {"cost_noise": 0.05, "update_noise": 0.05, "defects": 0.2}
NODE = optimiser("rcm", estimator="node")
CLASSES = {"cost": "cross_entropy", "output": "identity"}

FAULTS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("number", "min(max(value, low), high)", "max(value, low)", RULES["rails"]),
    ("number", "(odd + half - 1)", "half", {}),
    ("number", "(value > 0) * ((1 << bits) - 1)", "0", {"momentum": 2}),
    ("number", "^ (state >> min(d - leap, 63))", "", {}),
    ("number", "noise.first, first, DRAW_BITS", "noise.first, first, 15", NOISE),
    ("number", "v[place + 2] = shift", "v[place + 1] = shift", NOISE),
    ("plant", "(weights[w + inputs] << fraction)", "0", {}),
    ("plant", "        source = target\n", "        pass\n", {}),
    ("plant", "fit(z + end, 0", "fit(z + end + 1, 0", {}),
    ("plant", "(x0 << fraction)", "(y0 << fraction)", NOISE),
    ("plant", "L * values", "k * values", NOISE),
    ("plant", "total // len(t)", "total", {}),
    ("plant", "largest = max(largest, y[k])", "pass", CLASSES),
    ("plant", "(behind + one - 1) >> cost.fraction", "behind >> cost.fraction", CLASSES),
    ("plant", "if t[k] > 0:", "if t[k] >= 0:", CLASSES),
    ("plant", "(exponent << cost.sum_fraction)", "(1 << cost.sum_fraction)", CLASSES),
    ("plant", "if y[k] > y[found]", "if y[k] >= y[found]", TIES),
    ("plant", "else 0\n", "else 1\n", {"order": "sequential"}),
    ("plant", "v[ORDERED], plant.draw_bits", "v[ORDERED], plant.draw_bits - 1", {}),
    ("optimizer", "            v[HEAD] = len(line) // 2\n            copy(line, line[v[HEAD] :])\n",
     "            v[HEAD] = len(line) // 2\n", {}),
    ("optimizer", "bit = bit << 1 | second", "bit = bit << 1 | 1", optimiser("ternary")),
    ("optimizer", "count // code.period % 2", "0", optimiser("cm")),
    ("optimizer", "            met ^= met >> 2\n", "", optimiser("cm")),
    ("optimizer", "v[TURN] + v[STRIDE]", "v[TURN] + 1", optimiser("tm")),
    ("optimizer", "line[p] + frequency[p]", "line[p] - frequency[p]", optimiser("fm")),
    ("optimizer", "levels[held[p] >> down]", "levels[held[p] >> down - 1 & 63]", optimiser("fm")),
    ("optimizer", "sign * tilde[p]", "tilde[p]", optimiser("rcm", estimator="antithetic")),
    ("optimizer", "C if new_sample else v[C0]", "v[C0]", ANALOG),
    ("optimizer", "total - away(total, change.guard)", "total", ANALOG),
    ("optimizer", "- MAX_LEFT_SHIFT + change.guard", "- MAX_LEFT_SHIFT", ANALOG),
    ("optimizer", "nearest_even(u * tilde[p], cells.fraction)", "(u * tilde[p] >> cells.fraction)",
     optimiser("fm")),
    ("optimizer", "tilde[w + inputs]", "tilde[w]", NODE),
    ("optimizer", "x[k] << missing", "x[k]", NODE | {"inputs": "bipolar"}),
    ("optimizer", "noise[0] = draw(", "_ = draw(", NOISE),
    ("optimizer", "G[p] = g - away(g, cells.leak)", "G[p] = 0", {"momentum": 2}),
    ("kernel", "+ 1 >= clock[TAU_P + k]", "+ 1 > clock[TAU_P + k]", {}),
    ("kernel", "clock[TAU_P + k] = changes", "_ = changes",
     {"schedule": [{"step": 7, "tau_x": 3}]}),
    ("kernel", "                clock[SINCE_P + k] = 0\n", "                pass\n",
     {"tau_p": 4, "schedule": [{"step": 7, "eta": -3}]}),
    ("kernel", "new_sample or (clock[N] > 0", "new_sample and (clock[N] > 0", {"tau_x": 3}),
    ("kernel", "range(o.code.shifts)", "range(1)", ANALOG),
    ("kernel", "v[HEAD] + delay", "v[HEAD] + delay - 1", OVERLAP),
    ("kernel", "ENDS if clock[SINCE_THETA] == 0 else FOUND", "ENDS", OVERLAP | {"tau_theta": 3}),
    ("kernel", "copy(a, inputs)", "pass", OVERLAP | NODE),
    ("kernel", "if drain and clock[DUE]", "if clock[DUE] and False", OVERLAP),
    ("kernel", "not (drain and step == steps - 1)", "True", OVERLAP | {"order": "sequential"}),
    ("trainer", "clock[state.TAU_P + k] = getattr(schedule, name)",
     "clock[state.TAU_P + k] = getattr(schedule, REGISTERS[0])", {"tau_x": 3}),
    ("trainer", "* (timing.shifts - 1)", "* timing.shifts", ANALOG),
    ("trainer", "drain * timing.update_delay", "drain", OVERLAP),
    ("trainer", "self._rows = self._rows[runs]", "pass", SOLVED),
]  # fmt: skip


def copy(folder: Path, *fault: str) -> Path:
    """Copy the sources, with one text in place of another in a file."""
    made = Path(shutil.copytree(SOURCES, folder / "compiled"))
    if fault:
        part, right, wrong = fault
        text = (made / f"{part}.py").read_text()
        assert right in text, f"{part}.py no longer has {right!r}"
        (made / f"{part}.py").write_text(text.replace(right, wrong, 1))
    return made


@pytest.mark.parametrize("keys", [{}, NOISE, OVERLAP | NODE, optimiser("fm")])
def test_an_uncompiled_copy_finds_the_same(
    keys: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare(config(**keys), kind=uncompiled(copy(tmp_path), monkeypatch), stop_when_solved=True)


@pytest.mark.parametrize(
    ("part", "right", "wrong", "keys"), FAULTS, ids=[f"{k}-{f[0]}" for k, f in enumerate(FAULTS)]
)
def test_a_fault_is_found(
    part: str,
    right: str,
    wrong: str,
    keys: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    faulty = uncompiled(copy(tmp_path, part, right, wrong), monkeypatch)
    with pytest.raises((AssertionError, IndexError)):
        compare(config(**keys), kind=faulty, stop_when_solved=True)


def test_other_sources_have_another_stamp(tmp_path: Path) -> None:
    """Of any file, as Numba itself looks at that of the outermost function only."""
    assert jit.stamp(copy(tmp_path / "same")) == jit.stamp(SOURCES)
    constants = Path(spec.__file__).parent
    assert jit.stamp() == jit.stamp(SOURCES, constants) != jit.stamp(constants, SOURCES)
    others = {jit.stamp(copy(tmp_path / part, part, "\n", "\n\n")) for part in ("number", "kernel")}
    assert len(others | {jit.stamp(SOURCES)}) == 3
    folder = Path(shutil.copytree(constants, tmp_path / "spec"))
    before = jit.stamp(folder)
    (folder / "plant" / "layer.py").write_text("DEFECT_FRACTION = 9")
    assert jit.stamp(folder) != before


def test_where_nothing_can_be_kept_it_is_compiled_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As in a read-only installation of a user without a home."""
    monkeypatch.setattr(options, "CACHE_LOCATOR_CLASSES", "ZipCacheLocator")
    assert jit.outer(lambda x: x + 1)(2) == 3


def test_a_full_disk_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numba has the function, and says only then that it cannot be kept."""

    def save(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(caching.IndexDataCacheFile, "save", save)
    function = jit.outer(lambda x: x + 1)
    with pytest.raises(OSError, match="No space"):
        function(2)
    assert function(2) == 3
    monkeypatch.setattr(kernel, "leap", mock.Mock(side_effect=save))
    CompiledTrainer(config(), [1])
