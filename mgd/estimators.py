"""scikit-learn's view: a classifier and a regressor."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import Tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from mgd.config import Config
from mgd.inference import infer
from mgd.training import train
from spec.errors import InputError
from spec.tasks import MAX_SAMPLES, Kind


class _Estimator(BaseEstimator):
    """What both have in common: parameters and training."""

    def __init__(
        self,
        hidden_layers: Sequence[int] = (8,),
        *,
        eta: int | str = "auto",
        amplitude: int | str = "auto",
        steps: int | str = "auto",
        seed: int = 1,
        n_init: int = 4,
        scale: str = "auto",
        formats: dict[str, Any] | None = None,
    ) -> None:
        self.hidden_layers = hidden_layers
        self.eta = eta
        self.amplitude = amplitude
        self.steps = steps
        self.seed = seed
        self.n_init = n_init
        self.scale = scale
        self.formats = formats

    def _train(self, X: np.ndarray, y: np.ndarray, outputs: int, kind: Kind) -> Self:
        """Train `n_init` runs, and keep the best."""
        if not isinstance(self.n_init, int) or self.n_init < 1:
            raise InputError(f"n_init = {self.n_init!r}: must be a whole number of at least 1")
        keys = dict(self.formats or {}, kind=kind.value, scale=self.scale, eta=self.eta)
        keys["seed"] = self.seed
        given = {"amplitude": self.amplitude, "steps": self.steps}
        keys |= {name: value for name, value in given.items() if value != "auto"}
        layers = [X.shape[1], *self.hidden_layers, outputs]
        config = Config.from_arrays(X, y, layers, **keys)
        if len(X) > MAX_SAMPLES:
            warnings.warn(
                f"of {len(X):,} samples, {MAX_SAMPLES:,} are drawn: as many as the sample memory "
                "holds",
                stacklevel=3,
            )
        best = min(train(config, self.n_init), key=lambda run: run.cost)
        self.weights_ = best.weights
        self.theta_, self.theta_digest_ = best.theta, best.theta_digest
        self.loss_, self.loss_curve_ = best.cost, best.curve[:, 1].tolist()
        self.n_iter_ = best.steps
        return self

    def _outputs(self, X: Any) -> Any:
        check_is_fitted(self)
        return infer(self.weights_, validate_data(self, X, reset=False))


class MGDClassifier(ClassifierMixin, _Estimator):
    """A classifier: a multilayer perceptron trained by multiplexed gradient descent, in integers.

    It is trained in the golden model, which is equal to the gateware bit for bit.

    Parameters
    ----------
    hidden_layers : sequence of int
        Neurons of each hidden layer.
    eta : int or "auto"
        log2 of η, the learning rate; by default as large as is safe (docs/config.md).
    amplitude : int or "auto"
        log2 of Δθ, the perturbation; by default as small as is of use.
    steps : int or "auto"
        Of a run; by default by the number of cells and of samples (`host.rules`).
    seed : int
        Of the first run, 0 to 2**32 - 1.
    n_init : int
        Runs from seeds in a row, of which the one with the least cost in training is kept.
    scale : str
        Of inputs: "auto", "standard", "minmax" or "none". Those beyond ±2 after it are clipped.
    formats : dict, optional
        Keys of [formats] in docs/config.md, in place of wide ones.

    Attributes
    ----------
    classes_ : array
        Labels, sorted.
    n_features_in_ : int
    feature_names_in_ : array of str
        Only if X had names of columns.
    theta_ : array of int, shape (P,)
        Parameters, in LSBs.
    theta_digest_ : str
        SHA-256 of θ.
    loss_ : float
        Mean cost over the samples at the end.
    loss_curve_ : list of float
        The same at each check.
    n_iter_ : int
        Steps made.
    weights_ : Weights
        For `mgd.save` and `mgd.infer`; its classes are 0, 1, …, as in `classes_`.
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Train.

        Parameters
        ----------
        X : array-like, shape (samples, features)
        y : array-like, shape (samples,)
            Labels of two classes at least.

        Raises
        ------
        ValueError
            If samples or parameters are not as they must be.
        """
        X, y = validate_data(self, X, y, ensure_min_samples=2)
        check_classification_targets(y)
        self.classes_, numbers = np.unique(y, return_inverse=True)
        count = len(self.classes_)
        if count < 2:
            raise ValueError(f"y has one class only, {self.classes_[0]!r}; at least two are needed")
        return self._train(X, numbers, 1 if count == 2 else count, Kind.CLASSES)

    def predict(self, X: Any) -> np.ndarray:
        """Return the label of each sample, shape (samples,)."""
        numbers = self._outputs(X).prediction
        return self.classes_[numbers]

    def predict_proba(self, X: Any) -> np.ndarray:
        """Estimate the probability of each class, shape (samples, classes).

        They are the outputs, from 0 to 1, divided by their sum: the least squares that they are
        trained by draw them towards the probabilities. They are not calibrated, and 0 and 1 occur,
        so that the logarithm of one may be infinite; CalibratedClassifierCV mends both.
        """
        y = self._outputs(X).outputs
        if y.shape[1] == 1:
            return np.hstack([1 - y, y])
        total = y.sum(axis=1, keepdims=True)
        return np.where(total > 0, y / np.where(total > 0, total, 1), 1 / y.shape[1])


class MGDRegressor(RegressorMixin, _Estimator):
    """A regressor: a multilayer perceptron trained by multiplexed gradient descent, in integers.

    Parameters and attributes are those of `MGDClassifier`, but for `classes_`. Predictions reach an
    eighth beyond the range of the targets in training, and no farther.
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Train.

        Parameters
        ----------
        X : array-like, shape (samples, features)
        y : array-like, shape (samples,) or (samples, targets)

        Raises
        ------
        ValueError
            If samples or parameters are not as they must be.
        """
        X, y = validate_data(self, X, y, multi_output=True, y_numeric=True, ensure_min_samples=2)
        self._single = y.ndim == 1
        return self._train(X, y, 1 if y.ndim == 1 else y.shape[1], Kind.NUMBERS)

    def predict(self, X: Any) -> np.ndarray:
        """Return the numbers of each sample, shape (samples,) or (samples, targets) as in `fit`."""
        found = self._outputs(X).prediction
        return found if self._single or found.ndim == 2 else found[:, None]

    def __sklearn_tags__(self) -> Tags:
        """Say that several targets may be learnt."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
