"""The golden model compiled: the same integers as `model.trainer`, many times as fast.

Files mirror those of model/; a function does with one run what there is done with all. What a
config makes of it is data, never code, so that one kernel, compiled once on a computer and kept,
trains every config. Constants come from the golden parts: nothing is defined a second time but what
is done in a step, and tests/model/compiled holds that against the golden model.
"""
