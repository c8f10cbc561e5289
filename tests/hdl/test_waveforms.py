"""Each component has a waveform, in which something happens, and in time."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import pytest

from hdl.link.link import Link
from hdl.link.patience import Patience
from hdl.number.lfsr import LfsrRegister
from hdl.number.multiplier import Multiplier
from tests.hdl.waveforms import SCENARIOS, WITHOUT, components
from tests.hdl.waveforms.drawing import MOST_WIDTH, scale, svg, wave_json
from tests.hdl.waveforms.scenario import MOST_CLOCKS, MOST_SIGNALS, Played, Scenario

AT_MOST = {Link: "its latency is the longest there can be"}
"""Components whose `latency` no single run can show."""

NUMBER_OF_CLOCKS = r"\b(\d+|an?|one|two|three|four) clocks? (later|after|before|early|late)\b"
"""What a caption must not say by itself: it is to come of a claim."""


def without_waveform(scenarios: Collection[type]) -> list[str]:
    """List the components that have neither a scenario nor a reason."""
    return [each.__name__ for each in components() if each not in {*scenarios, *WITHOUT}]


def wrong(scenario: Scenario) -> list[str]:
    """Say what is wrong with a scenario."""
    played = Played(scenario)
    found = []
    if not any(wave.events for wave in played.waves if not wave.driven):
        found.append("no output changes")
    for claim, promise in zip(scenario.claims, played.promises, strict=True):
        try:
            since, until = played.events(claim)
        except LookupError:
            found.append(f"{claim.since} or {claim.until} does not change")
            continue
        if until - since != promise:
            found.append(f"{claim.since} to {claim.until}: {until - since} clocks, not {promise}")
    promised = [claim.promise for claim in scenario.claims]
    claimed = "latency" in promised or type(played.component) in AT_MOST
    if hasattr(played.component, "latency") and not claimed:
        found.append("its latency is not claimed")
    assert "{" not in played.caption
    if re.search(NUMBER_OF_CLOCKS, scenario.caption):
        found.append("the caption has a number of clocks of its own")
    if scenario.every > 1 and scenario.claims:
        found.append("clocks are claimed that are not all shown")
    if scenario.clocks > MOST_CLOCKS or len(played.waves) >= MOST_SIGNALS:
        found.append("too much for one figure")
    if scenario.clocks * scale(played) > MOST_WIDTH:
        found.append("too wide")
    return found


def test_each_component_has_a_waveform() -> None:
    assert without_waveform(SCENARIOS) == []
    assert set(SCENARIOS) | set(WITHOUT) <= set(components())
    assert not set(SCENARIOS) & set(WITHOUT)


def test_a_missing_one_is_named() -> None:
    """The planted fault: a component without a scenario."""
    assert without_waveform(SCENARIOS.keys() - {Multiplier}) == ["Multiplier"]


@pytest.mark.parametrize("component", SCENARIOS, ids=lambda c: f"{c.__module__}.{c.__name__}")
def test_what_a_waveform_shows(component: type) -> None:
    """It is of that component, something happens, and in time; and one can read it."""
    scenario = SCENARIOS[component]
    assert type(scenario.make()) is component
    assert wrong(scenario) == []


FAULTS: Mapping[str, dict[str, Any]] = {
    "no output changes": {"inputs": {}},
    "load or state does not change": {"inputs": {"shift": "01"}},
    "its latency is not claimed": {"claims": [], "caption": ""},
    "the caption has a number of clocks of its own": {"caption": "`state` moves 1 clock later."},
    "clocks are claimed that are not all shown": {"every": 2},
    "too much for one figure": {"clocks": MOST_CLOCKS + 1},
    "too wide": {"clocks": MOST_CLOCKS},
}
"""By what is found: what is another one in the scenario of an LFSR."""


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_is_found(fault: str) -> None:
    """The planted faults of scenarios."""
    good = SCENARIOS[LfsrRegister]
    assert wrong(good) == []
    assert fault in wrong(replace(good, **FAULTS[fault]))


@pytest.mark.parametrize("error", [-1, 1])
def test_a_wrong_latency_is_found(error: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault: a component that promises other clocks than it takes."""
    for component in (LfsrRegister, Multiplier):
        honest = component.latency
        monkeypatch.setattr(component, "latency", honest + error)
        found = [each for each in wrong(SCENARIOS[component]) if "clocks, not" in each]
        assert found
        assert all(f"{honest} clocks, not {honest + error}" in each for each in found)


def test_what_is_drawn_is_what_was_simulated() -> None:
    """Levels, numbers, dots for what stays, and an arrow for each claim."""
    scenario = Scenario(
        make=lambda: Patience(2),
        caption="",
        inputs={"slow": "0101010", "restart": "00000010"},
        shows="restart slow ends",
        clocks=8,
    )
    clock, inputs, outputs = wave_json(Played(scenario))["signal"]
    assert clock == {"name": "clk", "wave": "p......."}
    assert [lane["wave"] for lane in inputs[1:]] == ["0.....10", "0101010."]
    assert [lane["wave"] for lane in outputs[1:]] == ["0..10..."]
    drawn = wave_json(Played(SCENARIOS[Multiplier]))
    _, (_, a, _), (_, product) = drawn["signal"]
    assert (a["wave"], a["data"][:3]) == ("=.====....", ["0", "1.5", "−0.25"])
    assert (product["wave"], product["data"][:3]) == ("5....5555.", ["0", "0.75", "−0.25"])
    assert a["node"].index("A") + Multiplier.latency == product["node"].index("B")
    assert drawn["edge"] == [f"A~->B {Multiplier.latency}"]


def test_the_same_bytes_each_time() -> None:
    """With what it uses, and no more."""
    first, second = (svg(Played(SCENARIOS[LfsrRegister])) for _ in range(2))
    assert first == second
    used = set(re.findall(r'href="#([^"]+)"', first))
    assert used <= set(re.findall(r'id="([^"]+)"', first))
    assert len(first) < 30_000
