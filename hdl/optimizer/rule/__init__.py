"""Learning rules: a kind in each file. (θ, G, contribution, strobes) → (θ', G'), pure.

A contribution is ±u·θ̃/Δθ, as a value and a carry in its LSB (`saturating.add`).
"""
