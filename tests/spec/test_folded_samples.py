"""Words of a sample: every input, target and class can be found again."""

from __future__ import annotations

import math

import hypothesis.strategies as st
from hypothesis import given

from spec.link import LEAST_CLOCKS, PATIENCE, SLOW_BITS, Rate
from spec.plant import WORD, FoldedSamplesSpec, SignalSpec
from spec.tasks import Dataset, Order


@st.composite
def specs(draw: st.DrawFn) -> FoldedSamplesSpec:
    """Draw samples of any format."""

    def signal() -> SignalSpec:
        if draw(st.booleans()):
            return SignalSpec(draw(st.sampled_from((-1, 0))), 1, 0, binary=True)
        bits = draw(st.integers(2, 16))
        return SignalSpec(-1 << bits - 1, (1 << bits - 1) - 1, 4)

    input_, target = signal(), signal()
    inputs, outputs = draw(st.integers(1, 70)), draw(st.integers(1, 9))

    def values(spec: SignalSpec, count: int) -> tuple[int, ...]:
        ends = st.sampled_from((spec.low, 1)) if spec.binary else st.integers(spec.low, spec.high)
        return tuple(draw(st.lists(ends, min_size=count, max_size=count)))

    data = Dataset((values(input_, inputs),), (values(target, outputs),), 4)
    return FoldedSamplesSpec(input_, target, data, Order.RANDOM)


def found(spec: SignalSpec, raw: int) -> int:
    """Return what bits mean."""
    if spec.binary:
        return 1 if raw else spec.low
    return raw - (raw >> spec.bits - 1 << spec.bits)


@given(spec=specs())
def test_what_is_packed_is_there(spec: FoldedSamplesSpec) -> None:
    (words,) = spec.word_rows()
    assert len(words) == spec.words
    assert all(0 <= word < 1 << WORD for word in words)
    bits, a_word = spec.input.bits, WORD // spec.input.bits
    x = [words[k // a_word] >> k % a_word * bits & (1 << bits) - 1 for k in range(spec.data.inputs)]
    assert tuple(found(spec.input, raw) for raw in x) == spec.data.x[0]
    first = math.ceil(spec.data.inputs / a_word)
    rest = sum(word << WORD * k for k, word in enumerate(words[first:]))
    bits = spec.target.bits
    t = [rest >> k * bits & (1 << bits) - 1 for k in range(spec.data.outputs)]
    assert tuple(found(spec.target, raw) for raw in t) == spec.data.t[0]
    assert rest >> spec.data.outputs * bits == spec.data.classes[0]


@given(
    clocks=st.integers(0, 10**7),
    clock_hz=st.integers(4_000_000, 200_000_000),
    baud=st.sampled_from((115_200, 1_000_000)),
)
def test_the_link_waits_as_long_as_an_access_takes(clocks: int, clock_hz: int, baud: int) -> None:
    """Also if the first strobe comes at once; and not much longer."""
    rate = Rate(clock_hz, baud)
    patience = rate.patience(clocks)
    slow = SLOW_BITS * clock_hz / baud
    assert (patience - 1) * slow * 1.005 >= clocks
    assert patience == PATIENCE or (patience / 2 - 2) * slow * 0.98 <= clocks


def test_nothing_changes_where_no_access_takes_long() -> None:
    assert Rate(LEAST_CLOCKS * 1_000_000, 1_000_000).patience(0) == PATIENCE
