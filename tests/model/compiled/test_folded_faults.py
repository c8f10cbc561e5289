"""Planted faults in the kernel of a folded engine are found, as in test_faults.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.model.compiled.test_faults import copy, uncompiled
from tests.model.compiled.test_folded import dense, image
from tests.model.compiled.test_trainer import compare

SHORT = {"steps": 13, "check_every": 5}
SOFT = {"theta": "Q1.6", "weight_bits": 7, "amplitude": -3, "bus_bits": 6, "eta": 5}
"""What can saturate does."""

FAULTS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("folded_optimizer", "for tap in TAPS:", "for tap in TAPS[1:]:", {}),
    ("folded_optimizer", "high = high << left | low >> right", "high = high << left", {}),
    ("folded_optimizer", "v[HIGH] = np.int64(high", "v[HIGH] = np.int64(low", {}),
    ("folded_optimizer", "np.uint64(WORD - 1 - k)", "np.uint64(k)", {}),
    ("folded_optimizer", "min(WORD, count - place)", "WORD", {}),
    ("folded_optimizer", "turns * rows * o.lanes", "neurons * rows", {"lanes": 3}),
    ("folded_optimizer", "width = min(o.lanes, neurons - turn)", "width = 1", {}),
    ("folded_optimizer", "         place += o.lanes\n", "         place += width\n", {"lanes": 3}),
    ("folded_optimizer", "place += neurons\n", "pass\n", {"estimator": "node"}),
    ("folded_optimizer", "line[v[HEAD] + order[p]]", "line[v[HEAD] + p]", {"perturbation": "rcm"}),
    ("folded_optimizer", "copy(line, line[v[HEAD] :])", "pass", {"perturbation": "rcm"}),
    ("folded_plant", "d[n] * s", "c[n] * s", {}),
    ("folded_plant", "(biases[n] << fraction)", "biases[n]", {}),
    ("folded_plant", "max(fit(z, low, high), out[n])", "fit(z, low, high)", {}),
    ("folded_plant", "top[first:end] if layers[layer, NODE] else moved[first:end]",
     "top[first:end]", {}),
    ("folded_plant", "layers[layer, ROW] + column", "layers[layer, COLUMN] + column", {}),
    ("folded_plant", "down * side + part // side", "down * side + part % side", {}),
    ("folded_optimizer", "heard = u << layers[layer, DOUBLINGS]", "heard = u", {}),
    ("folded_optimizer", "heard * signs[end + n]", "heard * signs[first + n]", {}),
    ("folded_optimizer", "nearest_even(shares[n] * x, fraction)",
     "(shares[n] * x >> fraction)", {}),
    ("folded_optimizer", "fit(held[n] - found, limits.low, limits.high)", "held[n] - found",
     {"soft": "node"}),
    ("folded_optimizer", "fit(held[p] - heard * signs[p], limits.low, limits.high)",
     "held[p] - heard * signs[p]", {"soft": "weight"}),
    ("folded_optimizer", "theta[p], G[p] = found, 0", "theta[p] = found", {"G": 3}),
    ("folded_optimizer", "fit(theta[p] - G[p], limits.low, limits.high)", "theta[p] - G[p]",
     {"soft": "weight", "G": 3}),
    ("folded_optimizer", "G[p] = found, 0\n        top[p] = found",
     "G[p] = found, 0\n        top[p] = 0", {"G": 3}),
    ("folded", "learn(o.G,", "learn(o.theta,", {"soft": "weight", "G": 9}),
    ("folded", "shares, -u, perturbed)", "shares, u, perturbed)", {"G": 3}),
    ("folded", "clock[SINCE_THETA] == 0", "True", {"G": 3}),
    ("folded", "signs, moved)\n        evaluate", "signs, top)\n        evaluate", {}),
    ("folded", "sums, kept, shared)", "sums, kept, True)", {"one": "weight"}),
    ("folded_trainer", "(width * deep, deep, 1)", "(deep, width * deep, 1)", {}),
    ("folded_trainer", "if layer.planar else", "if not layer.planar else", {}),
    ("folded_trainer", "unit << group.doublings", "unit", {}),
    ("folded_trainer", "side = 2", "side = 1", {}),
    ("folded_trainer", "np.array_equal(values, clamp)", "True", {}),
    ("folded_trainer", "max(layer.fan_in * weight * x, learnt) >= NARROW", "False",
     {"theta": "Q1.23", "weight_bits": 24, "activation_bits": 14, "cost_bits": 24}),
    ("folded_trainer", "self._signs, self._lines = self._signs[runs], self._lines[runs]", "pass",
     {"tau_p": 50, "solved_cost": 1.6, "solved_accuracy": 0.0}),
    ("folded_trainer", "self._thetas[runs], self._Gs[runs]", "self._thetas[runs], self._Gs",
     {"G": 9, "solved_cost": 1.6, "solved_accuracy": 0.0}),
    ("folded_trainer", "self.cells.cell.accumulate else", "False else", {"G": 3}),
    ("folded_trainer", "self.cells.theta[:, self._order]", "self.cells.theta", {}),
]  # fmt: skip


def config(keys: dict[str, Any]) -> Any:
    keys = SHORT | keys
    if period := keys.pop("G", None):
        keys |= {"accumulate": True, "tau_theta": period}
    if soft := keys.pop("soft", None):
        return dense(3, 3, 2, **SOFT | {"estimator": soft, "output": "hard_sigmoid"} | keys)
    if one := keys.pop("one", None):
        return dense(3, 2, estimator=one, **keys)
    return image(**keys)


def test_an_uncompiled_copy_finds_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compare(image(**SHORT), kind=uncompiled(copy(tmp_path), monkeypatch, "FoldedTrainer"))


@pytest.mark.filterwarnings("ignore:overflow")
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
    faulty = uncompiled(copy(tmp_path, part, right, wrong), monkeypatch, "FoldedTrainer")
    with pytest.raises((AssertionError, IndexError, ValueError)):
        compare(config(keys), kind=faulty, stop_when_solved=True)
