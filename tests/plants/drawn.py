"""Any config for an external plant, drawn and shrunk by Hypothesis."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
from hypothesis import assume, reject

from spec.errors import InputError
from spec.external.config import ExternalConfig
from spec.external.converter import ADCS, DACS
from spec.external.plant import Way
from spec.external.timing import ExternalTiming
from spec.tasks import Order
from spec.training import Estimator, Loop
from tests import strategies
from tests.configs import OPTIMISERS, named
from tests.plants import OWN_ADC, OWN_DAC, external
from tests.strategies import SEEDS, SHIFTS

TRAINED = [each for each in OPTIMISERS if each[2] is not Estimator.NODE]
"""All that an external plant can be had with."""


@st.composite
def ways(draw: st.DrawFn) -> dict[str, Any]:
    """Draw keys of [plant]."""
    keys: dict[str, Any] = {
        "weights": draw(st.sampled_from(Way)).value,
        "cost_in": draw(st.sampled_from(Way)).value,
        "average": draw(st.sampled_from((0, 0, 1, 2, 3))),
        "settling": draw(st.sampled_from((0, 0, 1, 2, 3, 40))),
        "handshake": draw(st.booleans()),
        "order": draw(st.sampled_from(Order)).value,
        "parameters": draw(st.sampled_from((1, 2, 3, 9))),
        "samples": draw(st.integers(1, 4)),
        "noise": draw(st.sampled_from((0.0, 0.1))),
        "spread": draw(st.sampled_from((0.25, 1.0))),
    }
    if keys["weights"] == "spi":
        keys["dac"] = draw(st.sampled_from((*DACS, OWN_DAC)))
    if keys["cost_in"] == "spi":
        keys["adc"] = draw(st.sampled_from((*ADCS, OWN_ADC)))
    else:
        keys["cost_width"] = draw(st.integers(2, 24))
    if "spi" in (keys["weights"], keys["cost_in"]):
        keys["clock_mhz"] = draw(st.sampled_from((12.0, 25.0, 100.0)))
    return keys


@st.composite
def plants(draw: st.DrawFn, steps: int = 25, **given: Any) -> ExternalConfig:
    """Draw any config; a run takes at least so many steps.

    Parameters
    ----------
    draw
        Hypothesis's.
    steps : int
    given
        Keys that are not drawn.
    """
    optimiser = draw(st.sampled_from(TRAINED))
    analog = optimiser[1] is Loop.ANALOG
    keys: dict[str, Any] = draw(strategies.drawn_formats()) | draw(ways()) | named(optimiser)
    del keys["activation_bits"]
    direct = draw(st.booleans()) and strategies.without_G(optimiser)
    keys |= draw(strategies.drawn_times(optimiser, period=1 if direct else None))
    keys |= {"accumulate": not direct, "tau_hp": 1 << draw(st.integers(1, 6)) if analog else 2}
    if keys["weights"] != "parallel" and not optimiser[0].sines:
        keys["engine"] = draw(st.sampled_from(("spatial", "folded")))
    keys |= {"momentum": 0 if analog or direct else draw(st.integers(0, 5))}
    fixed: Any = keys["tau_theta"] if analog else None
    later = strategies.drawn_times(optimiser, period=1 if direct else fixed)
    changes = sorted(draw(st.sets(st.integers(1, steps - 1), max_size=2)))
    fraction = int(keys["theta"].partition(".")[2])
    keys |= {
        "eta": strategies.eta_of(keys, draw(SHIFTS)),
        "schedule": [
            {"step": k, "eta": strategies.eta_of(keys, draw(SHIFTS))} | draw(later) for k in changes
        ],
        "check_every": draw(st.integers(1, 15)),
        "steps": steps + draw(st.integers(0, 20)),
        "seed": draw(SEEDS),
        "cost_noise": draw(strategies.drawn_noise(keys["cost_bits"])),
        "update_noise": 0.0 if direct else draw(strategies.drawn_noise(fraction)),
        "solved_cost": draw(st.sampled_from((-1.0, 0.0, 0.1))),
    }
    try:
        config = external(**keys | given)
    except InputError:  # formats, times or ways that do not fit together
        reject()
    timing, steps = ExternalTiming.of_external(config), config.training.steps
    checks = 1 + steps // config.training.check_every
    clocks = steps * timing.step() + checks * timing.all_samples
    assume(not config.plant.adc or clocks < 30_000)  # each of them is simulated in Python
    return config
