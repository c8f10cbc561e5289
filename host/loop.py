"""The computer trains the chip: the device only evaluates, the rest of the loop is made here."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from host.device import HOLD, NEGATE, PERTURB, Device, evaluation
from host.loading import Loader
from model.number.fixed import Ints
from model.plant.score import score
from model.trainer import Trainer
from spec import derive
from spec.config import Config
from spec.errors import InputError
from spec.phase import Phase
from spec.plant import Engine
from spec.training import Perturbation


class LoopTrainer(Trainer):
    """The golden trainer, whose costs are those of a device (chip in the loop).

    The same integers as on the chip: same θ, same steps.

    Parameters
    ----------
    device : Device
        Of the config to train, not busy.
    seed : int

    Raises
    ------
    InputError
        If the optimiser needs what a device does not tell: sines, whose phases cannot be loaded,
        and node perturbation, which needs the inputs of inner cells.
    """

    def __init__(self, device: Device, seed: int) -> None:
        config = device.config
        require_trainable(config)
        super().__init__(config, [seed])
        self.device = device
        self._loader = Loader(config)
        self._second: Ints | None = None  # the cost of the evaluation that comes next
        # Noise and defects are the device's own, from the same seed.
        device.stop()
        device.configure(config.with_training(seed=seed))
        device.start(pause=True)
        device.wait()

    def _cost(self, theta_tilde: Ints | None) -> Ints:
        """Cost of the current sample, as the device finds it.

        Where a step evaluates twice with the same code, both are asked for at once: a message takes
        longer than an evaluation.
        """
        if theta_tilde is None:
            tags = [HOLD]
        elif (theta_tilde != self.code.theta_tilde).any():
            tags = [HOLD | PERTURB | NEGATE]
        elif self._second is not None:
            cost, self._second = self._second, None
            return cost
        else:
            tags = [PERTURB]
        if tags != [PERTURB] and not self.config.update_delay:
            tags.append(PERTURB)
        sample = int(self.plant.samples.index[0])
        writes = self._loader.load(self.cells.theta[0])
        for tag in tags:
            if tag & PERTURB:
                writes += self._loader.fill(self.code.places())
            writes.append(evaluation(sample, tag))
        last, held = map(np.atleast_1d, self.device.costs(writes))
        if len(tags) == 1:
            return last
        self._second = last
        return held

    def _noisy(self, cost: Ints) -> Ints:
        """Return the cost: a device has added its noise itself."""
        return cost

    def _check(self) -> Iterator[Phase]:
        data, writes = self.config.data, self._loader.load(self.cells.theta[0])
        found = []
        for sample in range(len(data)):
            found.append(self.device.outputs([*writes, evaluation(sample)]))
            writes = []
        cost = derive.cost(self.config)
        y = np.array(found)[None]
        self.score = score(cost, y, np.array(data.t), np.array(data.classes))
        yield from (Phase.CHECK, Phase.CHECK_WAIT, Phase.DECIDE)


def require_trainable(config: Config) -> None:
    """Raise an InputError if a config's optimiser needs what a device does not tell."""
    if config.training.perturbation is Perturbation.FM:
        raise InputError('training.perturbation = "fm": its phases cannot be loaded; use rcm')
    if config.build.engine is Engine.FOLDED:
        raise InputError(
            'build.engine = "folded": trains by itself (--engine board); nothing perturbs it from '
            "outside, as --engine loop does"
        )
    if config.training.node:
        raise InputError('training.estimator = "node": inner cells are not seen; use weight')
