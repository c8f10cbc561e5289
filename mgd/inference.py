"""Inference: what a trained network makes of arrays."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from host import golden, weights
from host.judging import Judgement, judge
from model.run import theta_digest
from spec.config import Config
from spec.data.coding import Coding
from spec.data.in_memory import array_source
from spec.data.own import Part, apply
from spec.data.preparation import Preparation
from spec.data.table import number
from spec.tasks import Kind

if TYPE_CHECKING:
    from mgd.training import Run


@dataclass(frozen=True, eq=False)
class Inference:
    """What a network makes of samples.

    Attributes
    ----------
    outputs : array of float, shape (samples, outputs)
        Of the network, as numbers.
    prediction : array
        Of classes their names, shape (samples,): numbers if all of them are. Of numbers, in the
        unit of the targets: shape (samples,) for one, (samples, targets) for more.
    judgement : Judgement or None
        Accuracy and confusion matrix, or RMSE and R²; None without targets.
    notes : tuple of str
        How many inputs were clipped to the range of their format, if any.
    """

    outputs: np.ndarray
    prediction: np.ndarray
    judgement: Judgement | None
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Weights:
    """A trained network, without the data that it was trained on.

    Attributes
    ----------
    config : Config
        Without samples.
    trained : Trained
        What a file of weights holds.
    """

    config: Config
    trained: weights.Trained

    @property
    def theta(self) -> np.ndarray:
        """Parameters in LSBs of `config.formats.theta`, shape (P,).

        Layer by layer, neuron by neuron, weights then bias.
        """
        return self.trained.theta

    @property
    def theta_digest(self) -> str:
        """SHA-256 of θ, the same on every engine and machine."""
        return theta_digest(self.theta)

    @property
    def preparation(self) -> Preparation:
        """How samples become inputs, and outputs classes or numbers."""
        return preparation_of(self.config, self.trained.preparation)

    def predict(self, x: Any) -> np.ndarray:
        """Return the class or the numbers of each sample, as `Inference.prediction`."""
        return infer(self, x).prediction


def preparation_of(config: Config, given: Preparation | None) -> Preparation:
    """Return a preparation; of a built-in task, that of inputs and outputs as they are."""
    layers = config.network.sizes
    return given or Preparation.plain(layers[0], layers[-1])


def load_weights(path: Path | str) -> Weights:
    """Read a file of weights, as `mgd.save` and `mgd train --save` write it.

    Raises
    ------
    InputError
        If the file is none of weights, or is damaged.
    """
    return Weights(*weights.read_alone(Path(path)))


def infer(network: Run | Weights, x: Any, y: Any = None) -> Inference:
    """Evaluate samples on the golden network, bit for bit as gateware does.

    Parameters
    ----------
    network : Run or Weights
    x : array-like, shape (samples, inputs)
        In the unit of what the network was trained on; columns of a data frame are found by name.
    y : array-like, optional
        Targets, to judge the outputs by.

    Raises
    ------
    InputError
        If samples do not fit the network, or hold what was never trained.
    """
    config, theta, preparation = network.config, network.theta, network.preparation
    fa, part = config.formats.activation_bits, samples(network, x, y)
    found = golden.outputs(config, theta, part.data)
    return Inference(
        found / 2**fa,
        _prediction(preparation, found, fa),
        None if y is None else judge(preparation, found, part, part),
        part.notes,
    )


def samples(network: Run | Weights, x: Any, y: Any = None) -> Part:
    """Return arrays as what a network takes; as `infer`."""
    config, preparation = network.config, network.preparation
    coding = Coding(config.task.inputs, config.network.output, config.formats.activation_bits)
    source, _ = array_source(x, y, preparation.inputs, preparation.targets.names)
    return apply(preparation, source, coding, "x", needed=y is not None)


def _prediction(preparation: Preparation, found: np.ndarray, fraction_bits: int) -> np.ndarray:
    """Say in the user's words what outputs mean."""
    targets = preparation.targets
    if targets.kind is Kind.NUMBERS:
        values = preparation.in_users_unit(found, fraction_bits)
        return values[:, 0] if values.shape[1] == 1 else values
    numbers = [number(name) for name in targets.classes]
    names = np.array(targets.classes)
    if all(value is not None for value in numbers):
        names = np.array([value or 0.0 for value in numbers])
        if (names == np.rint(names)).all():
            names = names.astype(np.int64)
    return names[golden.classes_of(found, fraction_bits)]
