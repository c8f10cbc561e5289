"""Train networks by multiplexed gradient descent from Python: docs/python.md.

Nothing here prints or shows progress. What is wrong with what a user gives raises an `InputError`,
a ValueError of one line. `MGDClassifier` and `MGDRegressor` need scikit-learn: `pip install
"mgd[sklearn]"`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from boards.estimate import Estimate, estimate
from host.judging import Judgement
from mgd.config import Config
from mgd.exporting import export
from mgd.inference import Inference, Weights, infer, load_weights
from mgd.training import Interrupted, Run, save, train, verify
from sim.verify import Verification
from spec.errors import InputError

if TYPE_CHECKING:
    from mgd.estimators import MGDClassifier, MGDRegressor

__all__ = [
    "Config",
    "Estimate",
    "Inference",
    "InputError",
    "Interrupted",
    "Judgement",
    "MGDClassifier",
    "MGDRegressor",
    "Run",
    "Verification",
    "Weights",
    "estimate",
    "export",
    "infer",
    "load_weights",
    "save",
    "train",
    "verify",
]


def __getattr__(name: str) -> object:
    """Import the estimators once they are asked for, as scikit-learn is optional."""
    if name not in ("MGDClassifier", "MGDRegressor"):
        raise AttributeError(f"module 'mgd' has no attribute {name!r}")
    try:
        import sklearn  # noqa: F401
    except ImportError as error:
        raise ImportError(
            f'mgd.{name} needs scikit-learn, which is not installed: pip install "mgd[sklearn]"'
        ) from error
    from mgd import estimators

    return getattr(estimators, name)
