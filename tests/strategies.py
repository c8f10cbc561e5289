"""Any config that there is, drawn and shrunk by Hypothesis.

What is drawn is the same in every run of `make test`; tests that are `slow` draw anew each time
(`tests/conftest.py`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import hypothesis.strategies as st
from hypothesis import assume, reject

from spec import derive
from spec.activation import Activation
from spec.config import Config
from spec.errors import InputError
from spec.plant import DEFECT_FRACTION, Cost, Multipliers, Pipeline
from spec.tasks import Inputs, Order
from spec.timing import Timing
from spec.training import Estimator, Loop, Perturbation
from tests.configs import (
    FOLDED,
    NODE,
    OPTIMISERS,
    OVERLAPPING,
    USUAL,
    WEIGHT,
    Optimiser,
    first_samples,
    named,
    perceptron,
)


@st.composite
def folded_networks(draw: st.DrawFn, lanes: int, estimators: Sequence[str]) -> dict[str, Any]:
    """Draw a table [network] of a folded engine, of any kinds of layers, of inputs and outputs."""
    layers: list[dict[str, Any]] = []
    activations = st.sampled_from([kind.value for kind in Activation])

    def layer(kind: str, **keys: Any) -> None:
        layers.append({"kind": kind, "activation": draw(activations), **keys})
        layers[-1]["doublings"] = draw(st.sampled_from((0, 0, 1, 2)))

    side = st.integers(3, 8)
    shape = [draw(side), draw(side), draw(st.integers(1, 3))]
    rows, columns, _ = shape
    for _ in range(draw(st.integers(0, 2))):
        if min(rows, columns) < 3:
            break
        layer("conv", channels=draw(st.integers(1, lanes) | st.just(2 * lanes)))
        rows, columns = rows - 2, columns - 2
        if min(rows, columns) >= 2 and draw(st.booleans()):
            layers.append({"kind": "pool"})
            rows, columns = rows // 2, columns // 2
    if not layers and draw(st.booleans()):
        shape = [draw(st.integers(1, 9))]
    for _ in range(draw(st.integers(1, 2))):
        estimator = draw(st.sampled_from(estimators))
        layer("dense", neurons=draw(st.integers(1, 5)), estimator=estimator)
    return {"shape": shape, "layer": layers}


@st.composite
def folded(
    draw: st.DrawFn, steps: int = 40, *, own: bool = True, G: bool = False, **given: Any
) -> Config:
    """Draw any config of a folded engine.

    Parameters
    ----------
    draw
        Hypothesis's.
    steps : int
        At least.
    own : bool
        Whether dense layers may have estimators of their own.
    G : bool
        Whether parameters may have one, as they have in the golden model only.
    given
        Keys that are not drawn.
    """
    lanes = draw(st.integers(1, 4))
    estimators = ("auto", "weight", "node") if own else ("auto",)
    network = draw(folded_networks(lanes, estimators))
    outputs, shape = network["layer"][-1]["neurons"], network["shape"]
    keys: dict[str, Any] = draw(drawn_formats()) | draw(_data()) | FOLDED | {"lanes": lanes}
    del keys["hidden"], keys["output"]
    optimiser = (Perturbation.RCM, Loop.DISCRETE, draw(st.sampled_from((WEIGHT, NODE))))
    accumulate = G and draw(st.booleans())
    times = drawn_times(optimiser, period=None if accumulate else 1)
    changes = sorted(draw(st.sets(st.integers(1, steps - 1), max_size=3)))
    kinds = st.sampled_from((Perturbation.FRESH.value, Perturbation.RCM.value))
    keys |= named(optimiser) | {"perturbation": draw(kinds)} | draw(times) | given
    trained = sum(layer["kind"] != "pool" for layer in network["layer"])
    if draw(st.booleans()):
        one = st.integers(keys["init"] - 2, keys["init"])
        keys["init"] = draw(st.lists(one, min_size=trained, max_size=trained))
    keys |= {
        "accumulate": accumulate,
        "lane_multipliers": draw(st.integers(1, 2)),
        "word_ports": draw(st.integers(1, 2)),
        "multipliers": draw(st.sampled_from(Multipliers)).value,
        "eta": eta_of(keys, draw(SHIFTS)),
        "schedule": [{"step": k, "eta": eta_of(keys, draw(SHIFTS))} | draw(times) for k in changes],
        "check_every": draw(st.integers(5, 30)),
        "steps": steps + draw(st.integers(1, 20)),
        "seed": draw(SEEDS),
    }
    if outputs > 1:
        keys["cost"] = draw(st.sampled_from(Cost)).value
        keys["serial_cost"] = keys["cost"] == Cost.CROSS_ENTROPY.value and draw(st.booleans())
    try:
        return perceptron(math.prod(shape), outputs, network=network, **keys | given)
    except InputError:  # formats, doublings or data that do not fit together
        reject()


@st.composite
def networks(draw: st.DrawFn, max_layers: int = 3, max_width: int = 4, **given: Any) -> Config:
    """Draw a topology, data, formats, activations and times; all else is the default or given."""
    sizes = draw(st.lists(st.integers(1, max_width), min_size=2, max_size=max_layers + 1))
    keys: dict[str, Any] = draw(drawn_formats()) | draw(_data()) | draw(drawn_times(USUAL)) | given
    keys |= {"eta": eta_of(keys, draw(SHIFTS)), "check_every": draw(st.integers(1, 20))}
    try:
        return perceptron(*sizes, **keys | given)
    except InputError:  # a table too long for this amplitude
        reject()


@st.composite
def configs(
    draw: st.DrawFn,
    optimisers: Sequence[Optimiser] | None = None,
    *,
    overlap: bool = False,
    clocks: int = 500,
    max_width: int = 4,
    **given: Any,
) -> Config:
    """Draw any config there is, with any optimiser; a run takes at least so many clocks.

    Parameters
    ----------
    draw
        Hypothesis's.
    optimisers : sequence of Optimiser, optional
        Those to be had; all by default.
    overlap : bool
        Whether its schedule overlaps, on one rail or two.
    clocks : int
        Without the initialisation, which may take three times as many.
    max_width : int
        Of a layer, the inputs among them.
    given
        Keys that are not drawn.
    """
    every = OVERLAPPING if overlap else OPTIMISERS
    optimiser = draw(st.sampled_from(optimisers or every))
    _, loop, _ = optimiser
    sizes = draw(st.lists(st.integers(1, max_width), min_size=2, max_size=4))
    keys: dict[str, Any] = draw(drawn_formats()) | draw(_data()) | named(optimiser) | given
    direct = draw(st.booleans()) and without_G(optimiser)
    times = drawn_times(optimiser, period=1 if direct else None, slot=1 if overlap else None)
    high_pass = draw(st.integers(1, 6)) if loop is Loop.ANALOG else 1
    keys |= draw(times) | {"accumulate": not direct, "tau_hp": 1 << high_pass}
    discrete = loop is Loop.DISCRETE and not direct
    keys |= {"momentum": draw(st.just(0) | st.integers(1, 5)) if discrete else 0}
    period = 1 if direct else keys["tau_theta"] if loop is Loop.ANALOG else None
    later = drawn_times(optimiser, period=period, slot=1 if overlap else None)
    steps = sorted(draw(st.sets(st.integers(1, clocks // 12 - 1), max_size=3)))
    keys |= {
        "eta": eta_of(keys, draw(SHIFTS)),
        "schedule": [{"step": k, "eta": eta_of(keys, draw(SHIFTS))} | draw(later) for k in steps],
        "check_every": draw(st.integers(20, 90) if overlap else st.integers(1, 15)),
        "steps": clocks if overlap else clocks // 12 + draw(st.integers(1, 20)),
        "seed": draw(SEEDS),
        "multipliers": draw(st.sampled_from(Multipliers)).value,
    }
    if keys["multipliers"] != Multipliers.INFERRED.value:
        keys |= {"pipeline": draw(st.sampled_from(Pipeline)).value}
    if overlap:  # whose steps are of a clock or two; no other step is shorter than 12
        keys |= {"rails": draw(st.integers(1, 2))}
        keys |= {"update_delay": draw(st.just("auto") | st.integers(15, 40))}
    if draw(st.booleans()):
        keys |= {"room": keys["samples"] + draw(st.integers(0, 9))}
    if sizes[-1] > 1:
        keys |= {"cost": draw(st.sampled_from(Cost)).value}
    fraction = int(keys["theta"].partition(".")[2])
    keys |= {
        "cost_noise": draw(drawn_noise(keys["cost_bits"])),
        "update_noise": 0.0 if direct else draw(drawn_noise(fraction)),
        "defects": draw(drawn_noise(DEFECT_FRACTION)),
    }
    try:
        config = perceptron(*sizes, **keys | given)
    except InputError:  # formats, times or data that do not fit together
        reject()
    assume(Timing.of(config).initialisation < 3 * clocks)  # a narrow bus takes long
    return config


@st.composite
def registers(draw: st.DrawFn, config: Config) -> Config:
    """Draw other values of the registers, for the same gateware."""
    training, samples = config.training, len(config.data)
    if derive.samples(config).adjustable:
        samples = draw(st.integers(1, samples))
    overlap, analog = config.update_delay > 0, training.analog
    fixed = analog or not config.build.accumulate
    times = drawn_times(
        (training.perturbation, training.loop, training.estimator),
        period=training.tau_theta if fixed else None,
        slot=1 if overlap else None,
    )
    try:
        other = first_samples(config, samples)
        other = other.with_training(**draw(times), seed=draw(SEEDS))
        shift = derive.eta_shift(other, training.eta) - draw(SHIFTS)
        return other.with_training(eta=config.eta + shift)
    except InputError:  # samples would meet a code unevenly
        reject()


SHIFTS = st.integers(0, 15)
"""Values of the register eta_shift."""

SEEDS = st.integers(0, 2**32 - 1)


def without_G(optimiser: Optimiser) -> bool:
    """Whether cells may do without G."""
    perturbation, loop, _ = optimiser
    signs = (Perturbation.RCM, Perturbation.CM, Perturbation.FM_SQUARE)
    return loop is Loop.DISCRETE and perturbation in signs


@st.composite
def drawn_formats(draw: st.DrawFn) -> dict[str, Any]:
    """Draw keys of [formats], and what they limit."""
    integer, fraction = draw(st.integers(1, 5)), draw(st.integers(2, 12))
    weight_bits = draw(st.integers(max(2, integer), integer + fraction))
    activation_bits, bus_bits = draw(st.integers(3, 12)), draw(st.integers(2, 12))
    return {
        "theta": f"Q{integer}.{fraction}",
        "weight_bits": weight_bits,
        "activation_bits": activation_bits,
        "cost_bits": draw(st.integers(2, min(16, 2 * activation_bits))),
        "bus_bits": bus_bits,
        "gradient_bits": bus_bits + draw(st.integers(0, 6)),
        "amplitude": draw(st.integers(integer - weight_bits, integer - 2)),
        "init": draw(st.integers(1 - fraction, integer - 1)),
    }


@st.composite
def _data(draw: st.DrawFn) -> dict[str, Any]:
    """Draw samples, and the activations that they are for."""
    functions = st.sampled_from([kind.value for kind in Activation])
    return {
        "inputs": draw(st.sampled_from([kind.value for kind in Inputs])),
        "order": draw(st.sampled_from([kind.value for kind in Order])),
        "hidden": draw(functions),
        "output": draw(functions),
        "samples": draw(st.integers(1, 9)),
        "data_seed": draw(st.integers(0, 99)),
        "binary_targets": draw(st.booleans()),
    }


def drawn_times(
    optimiser: Optimiser, *, period: int | None = None, slot: int | None = None
) -> st.SearchStrategy[dict[str, int]]:
    """Draw τ_p, τ_x and τ_θ; the first (`slot`) or the last (`period`) may be given."""
    analog = optimiser[1] is Loop.ANALOG
    periods = st.integers(0, 6).map(lambda k: 1 << k) if analog else st.integers(1, 7)
    times = st.fixed_dictionaries(
        {
            "tau_p": st.just(slot) if slot else st.integers(1, 7),
            "tau_x": st.integers(2, 8) if analog else st.integers(1, 7),
            "tau_theta": st.just(period) if period else periods,
        }
    )
    if not analog or not optimiser[0].sines:
        return times
    return times.filter(lambda t: t["tau_x"] & -t["tau_x"] <= t["tau_p"] & -t["tau_p"])


def drawn_noise(fraction: int) -> st.SearchStrategy[float]:
    """Draw nothing, or a quarter to 16 LSBs."""
    return st.just(0.0) | st.integers(-8, 16).map(lambda k: 2.0 ** (k / 4 - fraction))


def eta_of(keys: dict[str, Any], shift: int) -> int:
    """Return the η of an η/Δθ shift, as `Config.eta_shift_of` has it."""
    eta = 4 - shift + keys["amplitude"] - int(keys["theta"].partition(".")[2]) + keys["cost_bits"]
    if keys.get("loop") == Loop.ANALOG.value:
        eta += keys["tau_theta"].bit_length() - 1
    return eta + (keys.get("estimator") == Estimator.ANTITHETIC.value)
