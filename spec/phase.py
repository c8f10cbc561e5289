"""What the schedule does in a clock."""

import enum


class Phase(enum.IntEnum):
    """A clock of the schedule. The numbers of the loop's items are those of docs/loop.md."""

    IDLE = 0
    CLEAR = 1  # θ, G ← 0; the seed is loaded
    INIT_SHIFT = 2  # fresh random bits for every cell
    INIT_ACCUMULATE = 3  # G ← ±2**k: the initial θ is built bit by bit through the bus
    INIT_UPDATE = 4  # θ ← θ - G
    UPDATE = 5  # item 2, where τ_θ has elapsed
    CHECK = 6  # every sample enters the network, unperturbed
    CHECK_WAIT = 7  # the last of them leaves it
    DECIDE = 8  # solved, or out of steps?
    STEP = 9  # items 1 and 4, where τ_x and τ_p have elapsed
    BASELINE = 10  # item 3
    PERTURBED = 11  # item 5
    WAIT = 12  # the evaluations drain, u is computed
    ACCUMULATE = 13  # item 6
    DONE = 14
    OPPOSITE = 15  # item 3 of the antithetic estimator: all perturbations reversed
