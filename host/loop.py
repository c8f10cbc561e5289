"""The computer trains the chip: the device only evaluates, the rest of the loop is made here."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from host.device import COUNT, HOLD, NEGATE, PERTURB, Device
from model.number.fixed import Ints
from model.plant.score import score
from model.trainer import Trainer
from spec import derive
from spec.config import Config
from spec.errors import InputError
from spec.phase import Phase
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
        self._loaded: Ints | None = None
        self._places: list[int] | None = None
        # Noise and defects are the device's own, from the same seed.
        device.stop()
        device.configure(config.with_training(seed=seed))
        device.start(pause=True)
        device.wait()

    def _load(self) -> None:
        """Bring θ to the device, if it is not there."""
        theta = self.cells.theta[0]
        if self._loaded is None or (theta != self._loaded).any():
            self.device.load(theta)
            self._loaded, self._places = theta.copy(), None

    def _cost(self, theta_tilde: Ints | None) -> Ints:
        """Cost of the current sample, as the device finds it."""
        self._load()
        tag, places = HOLD, None
        if theta_tilde is not None:
            opposite = (theta_tilde != self.code.theta_tilde).any()
            tag = PERTURB | HOLD | NEGATE if opposite else PERTURB
            if (wanted := self.code.places()) != self._places:
                self._places = places = wanted
        sample = int(self.plant.samples.index[0])
        return np.array([self.device.cost(sample, tag, places)])

    def _noisy(self, cost: Ints) -> Ints:
        """Return the cost: a device has added its noise itself."""
        return cost

    def _check(self) -> Iterator[Phase]:
        self._load()
        data = self.config.data
        found = [self.device.evaluate(k, COUNT)[1] for k in range(len(data))]
        cost = derive.cost(self.config)
        y = np.array(found)[None]
        self.score = score(cost, y, np.array(data.t), np.array(data.classes))
        yield from (Phase.CHECK, Phase.CHECK_WAIT, Phase.DECIDE)


def require_trainable(config: Config) -> None:
    """Raise an InputError if a config's optimiser needs what a device does not tell."""
    if config.training.perturbation is Perturbation.FM:
        raise InputError('training.perturbation = "fm": its phases cannot be loaded; use rcm')
    if config.training.node:
        raise InputError('training.estimator = "node": inner cells are not seen; use weight')
