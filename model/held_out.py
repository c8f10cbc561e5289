"""How well a trained network does on samples that training never sees."""

from __future__ import annotations

import numpy as np

from model.number.fixed import Ints
from model.optimizer.cells import SynapseCells
from model.plant.network import Network
from model.plant.score import score
from spec import derive
from spec.config import Config


def held_out_accuracy(theta: Ints, config: Config) -> float | None:
    """Fraction of the held-out samples that one run's θ, of shape (P,), classifies correctly.

    None if the task has no such samples, or if neurons have defects, which θ alone does not tell.
    """
    data = config.held_out
    if data is None or config.hardware.defects:
        return None
    cells = SynapseCells(derive.bank(config), runs=1)
    cells.theta = theta[None]
    y = Network(derive.network(config)).evaluate(cells.weights(), np.array(data.x)[None])
    found = score(derive.cost(config), y, np.array(data.t), np.array(data.classes))
    return int(found.correct[0]) / len(data)
