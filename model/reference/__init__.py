"""The judge of the golden model: the loop in float64, one run at a time, and true gradients.

Deliberately plain: each equation of the loop stands here once, under its own name. They are written
from the published algorithms, with η, Δθ and every τ by their meaning; nothing here knows a shift,
a width or a polynomial. Only operators act on θ, G and costs, so that numbers that carry an error
bound can take the place of float64 (`tests/model/ball.py`).
"""

from model.reference.analog import AnalogReference
from model.reference.discrete import Reference
from model.reference.functions import FUNCTIONS, Array, angle, plan, sigmoid

__all__ = ["FUNCTIONS", "AnalogReference", "Array", "Reference", "angle", "plan", "sigmoid"]
