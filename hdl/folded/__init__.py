"""The folded engine: parameters in block RAM, and lanes that visit them.

A pass visits each parameter once, corrects it by what the step before found, perturbs it, and uses
it in both evaluations of a sample: so nothing but θ and a bit is ever kept of a parameter.
"""
