"""[training]: the optimiser, and how it changes during a run."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from spec.errors import InputError
from spec.keys import Several, key, read_table, require_table
from spec.plant.cost import Cost

UNSET = -1.0
"""Of a goal: not given."""

MOST_COST = 256.0
"""More than any mean cost."""

GOALS = {Cost.MSE: 0.04, Cost.CROSS_ENTROPY: 0.25}
"""Mean cost at which a built-in task is solved, unless the user says otherwise."""


class Perturbation(enum.Enum):
    """How the cells perturb themselves.

    Attributes
    ----------
    bits : int
        Of a cell's state, if it is no phase: 1, unless given behind the name.
    """

    bits: int

    def __new__(cls, name: str, bits: int = 1) -> Perturbation:
        """Make a member of its name."""
        member = object.__new__(cls)
        member._value_, member.bits = name, bits
        return member

    RCM = "rcm"  # random code: a fresh ±Δθ for every cell
    CM = "cm"  # Walsh code: ±Δθ, exact after each full period
    TM = "tm"  # time multiplexing: one cell after the other, +Δθ
    FM = "fm"  # frequency multiplexing: a sine of its own for every cell
    FM_SQUARE = "fm_square"  # the same, but only the sine's sign: ±Δθ
    FRESH = "fresh"  # random code, of which no bit was another cell's before; folded engine only
    TERNARY = "ternary", 2  # random code: +Δθ, 0 or -Δθ with probability ¼, ½, ¼

    @property
    def sines(self) -> bool:
        """Whether cells are known by their frequency."""
        return self in (Perturbation.FM, Perturbation.FM_SQUARE)


SPATIAL = tuple(kind for kind in Perturbation if kind is not Perturbation.FRESH)
"""What cells that are all at work at once make of a line, or by themselves."""


class Estimator(enum.Enum):
    """What C̃ is the difference of."""

    WEIGHT = "weight"  # C(θ + θ̃) - C(θ), the latter held while nothing changes
    ANTITHETIC = "antithetic"  # C(θ + θ̃) - C(θ - θ̃), halved; both measured in every step
    NODE = "node"  # C(z + z̃) - C(z): each neuron's sum is perturbed, through its bias


class Loop(enum.Enum):
    """How C̃ and G come about."""

    DISCRETE = "discrete"  # Algorithm 1: C̃ = C - C0; G is summed up, then used
    ANALOG = "analog"  # Algorithm 2: C̃ is C through a high-pass; G leaks, and is used all the time


@dataclass(frozen=True)
class Change:
    """[[training.schedule]]: values from a step on; a key left out stays as it was."""

    step: int = key(None, 1, 2**32 - 1)
    eta: int | str = key(None, -64, 64)
    tau_p: int = key(None, 1, 65535)
    tau_x: int = key(None, 1, 65535)
    tau_theta: int = key(None, 1, 65535)


@dataclass(frozen=True)
class Training:
    """[training]: the optimiser."""

    loop: Loop = key(Loop.DISCRETE)
    perturbation: Perturbation = key(Perturbation.RCM)
    estimator: Estimator = key(Estimator.WEIGHT)
    cost: Cost = key(Cost.MSE)
    amplitude: int = key(-3, -24, 24)  # Δθ = 2**amplitude; the formats narrow it
    eta: int | str = key(-2, -64, 64)  # η = 2**eta; the η/Δθ shifter narrows it; auto: model.eta
    tau_p: int = key(1, 1, 65535)  # steps between perturbations
    tau_x: int = key(1, 1, 65535)  # steps between samples
    tau_theta: int = key(1, 1, 65535)  # steps between updates; of the leak in the analog loop
    tau_hp: int = key(2, 2, 32768)  # time constant of the high-pass; analog loop only
    momentum: int = key(0, 0, 15)  # m: an update leaves G - G/2**m; 0 leaves nothing
    update_delay: int | str = key(0, 0, 1024)  # D, in steps; "auto": the least without a stall
    steps: int = key(10_000, 1, 2**32 - 1)
    seed: int = key(1, 0, 2**32 - 1)
    init: Several = key(-1, -24, 24)  # initial θ in ±2**init, or of each layer; theta narrows it
    check_every: int = key(20, 1, 65535)  # steps between checks for a solution
    patience: int = key(0, 0, 65535)  # checks without less cost in validation; 0: no matter
    solved_accuracy: float = key(-1.0, -1.0, 1.0)  # -1: see `with_goal`
    solved_cost: float = key(-1.0, -1.0, 256.0)  # mean cost over all samples; -1: the same
    schedule: tuple[Change, ...] = ()  # by step

    @property
    def stages(self) -> tuple[Training | Change, ...]:
        """Everything that holds η and the time constants: the table itself, then its changes."""
        return (self, *self.schedule)

    @property
    def has_goal(self) -> bool:
        """Whether a run can be solved; else it makes all its steps."""
        return self.solved_cost >= 0

    def with_goal(self, *, own: bool, binary: bool) -> Training:
        """Fill in when a run counts as solved.

        Parameters
        ----------
        own : bool
            Whether the data are the user's own. Then there is no goal unless the user sets one, and
            of accuracy and cost only what is set counts.
        binary : bool
            Whether all targets are 0 or 1, so that a built-in task wants all samples correct.
        """
        accuracy, cost = self.solved_accuracy, self.solved_cost
        if own:
            if accuracy == cost == UNSET:
                return self
            filled = (0.0, MOST_COST)
        else:
            filled = (float(binary), GOALS[self.cost])
        return dataclasses.replace(
            self,
            solved_accuracy=filled[0] if accuracy == UNSET else accuracy,
            solved_cost=filled[1] if cost == UNSET else cost,
        )

    @property
    def analog(self) -> bool:
        """Whether the loop is Algorithm 2."""
        return self.loop is Loop.ANALOG

    @property
    def antithetic(self) -> bool:
        """Whether C̃ is the difference of two opposite perturbations."""
        return self.estimator is Estimator.ANTITHETIC

    @property
    def node(self) -> bool:
        """Whether only the bias cells perturb, and so the sums of their neurons."""
        return self.estimator is Estimator.NODE


def read_training(given: Mapping[str, Any]) -> Training:
    """Read [training] and its schedule; a change inherits what it does not set."""
    require_table("training", given)
    plain = {name: value for name, value in given.items() if name != "schedule"}
    training = read_table("training", Training, plain)
    listed = given.get("schedule", [])
    if not isinstance(listed, (list, tuple)) or not all(isinstance(c, Mapping) for c in listed):
        raise InputError("training.schedule: must be tables, written as [[training.schedule]]")
    changes: list[Change] = []
    names = [name for name in Change.__dataclass_fields__ if name != "step"]
    for k, values in enumerate(listed):
        before = changes[-1] if changes else training
        inherited = {name: getattr(before, name) for name in names}
        change = read_table(f"training.schedule[{k}]", Change, inherited | dict(values))
        if changes and change.step <= changes[-1].step:
            raise InputError(
                f"training.schedule[{k}].step = {change.step}: must come after step "
                f"{changes[-1].step}, the change before"
            )
        changes.append(change)
    return dataclasses.replace(training, schedule=tuple(changes))
