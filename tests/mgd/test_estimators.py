"""The estimators, as scikit-learn wants them."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

import mgd

X, Y = load_iris(return_X_y=True)
NAMES = np.array(["setosa", "versicolor", "virginica"])[Y]

SKIPPED = {
    "check_array_api_input": "runs only with SCIPY_ARRAY_API set",
    "check_classifier_data_not_an_array": "has pandas objects; pandas is not installed",
    "check_regressor_data_not_an_array": "the same",
}
"""Checks that scikit-learn itself leaves out here, and why."""

STEPS = [1000, pytest.param("auto", marks=pytest.mark.slow)]


@pytest.mark.parametrize("steps", STEPS)
@pytest.mark.parametrize("kind", [mgd.MGDClassifier, mgd.MGDRegressor])
def test_scikit_learn_has_nothing_to_say(kind: type, steps: Any) -> None:
    found = check_estimator(kind(steps=steps), on_fail=None, on_skip=None)
    status = {one["check_name"]: one["status"] for one in found}
    assert len(found) > 50
    left = {name: how for name, how in status.items() if how != "passed"}
    assert set(left.values()) <= {"skipped"}, left
    assert set(left) <= set(SKIPPED)


def test_a_fit_is_the_best_of_runs_in_the_golden_model() -> None:
    fitted = mgd.MGDClassifier((6,), steps=2000, seed=5, n_init=3).fit(X, NAMES)
    config = mgd.Config.from_arrays(X, Y, [4, 6, 3], steps=2000, seed=5)
    runs = mgd.train(config, 3)
    best = min(runs, key=lambda run: run.cost)
    assert fitted.theta_digest_ == best.theta_digest
    assert fitted.theta_.tolist() == best.theta.tolist()
    assert fitted.loss_curve_ == best.curve[:, 1].tolist()
    assert fitted.classes_.tolist() == ["setosa", "versicolor", "virginica"]
    assert vars(fitted)["n_features_in_"] == 4
    assert fitted.score(X, NAMES) == (best.predict(X) == Y).mean() > 0.8
    assert (fitted.predict(X) == fitted.classes_[best.predict(X)]).all()


def test_it_fits_in_pipelines_searches_and_files() -> None:
    model = make_pipeline(StandardScaler(), mgd.MGDClassifier(steps=1500, n_init=2))
    search = GridSearchCV(model, {"mgdclassifier__hidden_layers": [(), (4,)]}, cv=2)
    search.fit(X, NAMES)
    assert search.best_score_ > 0.75
    assert set(np.unique(search.predict(X))) <= set(NAMES)
    kept = pickle.dumps(search.best_estimator_)
    assert len(kept) < 10_000 + 8 * X.size  # the network, and not the data
    assert (pickle.loads(kept).predict(X) == search.predict(X)).all()
    copied: Any = clone(model)
    assert copied.get_params()["mgdclassifier__steps"] == 1500


@pytest.mark.parametrize("classes", [2, 3])
def test_probabilities_agree_with_what_is_predicted(classes: int) -> None:
    some = classes > Y
    fitted = mgd.MGDClassifier((4,), steps=1000).fit(X[some], NAMES[some])
    found = fitted.predict_proba(X)
    assert found.shape == (150, classes)
    assert found.min() >= 0
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert (fitted.classes_[found.argmax(axis=1)] == fitted.predict(X)).all()


def test_where_all_outputs_are_0_each_class_is_as_likely() -> None:
    fitted = mgd.MGDClassifier((), steps=1000, n_init=1).fit(X, Y)
    fitted.weights_.theta[:] = 0
    fitted.weights_.theta[4::5] = -(1 << 15)  # biases
    assert fitted.predict_proba(X).tolist() == [[1 / 3] * 3] * 150


def test_regression_is_in_the_users_unit_and_has_as_many_columns() -> None:
    wanted = 1000 * X[:, :1] - 7
    for y in (wanted[:, 0], wanted, np.hstack([wanted, -wanted])):
        fitted = mgd.MGDRegressor((4,), steps=3000).fit(X[:, 2:], y)
        assert fitted.predict(X[:, 2:]).shape == y.shape
        assert fitted.score(X[:, 2:], y) > 0.6


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ({"hidden_layers": (0,)}, "network.layers"),
        ({"eta": "large"}, "training.eta"),
        ({"formats": {"theta": "8 bits"}}, "formats.theta"),
        ({"scale": "robust"}, "task.scale"),
        ({"n_init": 0}, "n_init"),
        ({"steps": -1}, "training.steps"),
        ({"seed": 2**32}, "training.seed"),
    ],
)
def test_parameters_are_checked_when_it_fits(words: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        mgd.MGDClassifier(**words).fit(X, Y)


def test_smaller_formats_may_be_had() -> None:
    formats = {"theta": "Q3.9", "weight_bits": 8, "cost_bits": 10}
    fitted = mgd.MGDClassifier((4,), steps=500, n_init=1, formats=formats).fit(X, Y)
    assert fitted.weights_.config.formats.theta == "Q3.9"
    assert fitted.weights_.config.training.amplitude == -5  # the multiplier's LSB


def test_more_samples_than_the_memory_holds_are_said_to_be_left_out() -> None:
    many = np.tile(X, (440, 1))
    with pytest.warns(UserWarning, match=r"of 66,000 samples, 65,536 are drawn"):
        mgd.MGDClassifier((), steps=1, n_init=1).fit(many, np.tile(Y, 440))
