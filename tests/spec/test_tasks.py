"""Samples become the integers they should; whatever cannot is refused in one line."""

from collections.abc import Callable

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from spec import tasks
from spec.activation import Activation
from spec.config import Config
from spec.tasks import MAX_SAMPLES, Dataset, Inputs

Build = Callable[..., Config]
Refusal = Callable[..., str]


@pytest.mark.parametrize(("inputs", "low"), [("bipolar", -1), ("unipolar", 0), ("fixed", -256)])
def test_xor_samples(xor: Build, inputs: str, low: int) -> None:
    data, high = xor(task={"inputs": inputs}).data, 256 if inputs == "fixed" else 1
    assert data.x == ((low, low), (high, low), (low, high), (high, high))
    assert data.t == ((0,), (256,), (256,), (0,))
    assert data.classes == (0, 1, 1, 0)


@pytest.mark.parametrize("bits", range(2, 9))
def test_parity_samples(xor: Build, bits: int) -> None:
    task = {"name": "parity", "bits": bits, "inputs": "unipolar"}
    data = xor(task=task, network={"layers": [bits, 1]}).data
    assert (len(data), data.inputs, data.outputs) == (2**bits, bits, 1)
    for number, (x, t) in enumerate(zip(data.x, data.t, strict=True)):
        assert sum(value << bit for bit, value in enumerate(x)) == number
        assert t == (256 * (number.bit_count() % 2),)


def dataset(x: float, t: float, inputs: Inputs, bits: int, output: Activation) -> Dataset:
    return tasks.dataset([("sample", [x], [t])], inputs, bits, output.range(bits))


@given(st.floats(-2, 2), st.integers(3, 14))
def test_fixed_inputs_become_the_nearest_lsb(value: float, bits: int) -> None:
    one, highest = 2**bits, 2 - 2.0**-bits
    value = min(value, highest)
    (x,), *_ = dataset(value, 0, Inputs.FIXED, bits, Activation.PLAN).x
    assert abs(x - value * one) <= 0.5
    assert -2 * one <= x < 2 * one


@given(st.sampled_from(Activation), st.integers(3, 14), st.floats(0, 1))
def test_targets_become_the_nearest_lsb(kind: Activation, bits: int, part: float) -> None:
    low, high = (limit / 2**bits for limit in kind.range(bits))
    value = low + (high - low) * part
    (t,), *_ = dataset(1, value, Inputs.BIPOLAR, bits, kind).t
    assert abs(t - value * 2**bits) <= 0.5


@pytest.mark.parametrize("kind", Activation)
@pytest.mark.parametrize("bits", [3, 8, 14])
def test_just_outside_is_refused(refusal: Refusal, kind: Activation, bits: int) -> None:
    low, high = (limit / 2**bits for limit in kind.range(bits))
    for limit, beyond in ((low, -np.inf), (high, np.inf)):
        dataset(1, limit, Inputs.BIPOLAR, bits, kind)
        value = float(np.nextafter(limit, beyond))
        text = refusal(dataset, 1, value, Inputs.BIPOLAR, bits, kind)
        assert text.startswith(f"sample: target {value} is outside [{low}, {high}], the range of")
    for limit, beyond in ((-2.0, -np.inf), (2 - 2.0**-bits, np.inf)):
        dataset(limit, high, Inputs.FIXED, bits, kind)
        value = float(np.nextafter(limit, beyond))
        text = refusal(dataset, value, high, Inputs.FIXED, bits, kind)
        assert text.startswith(f"sample: input {value} is outside [-2, {2 - 2.0**-bits}]")


def test_as_many_samples_as_the_memory_holds(refusal: Refusal) -> None:
    rows = [("sample", [1.0], [0.0])] * (MAX_SAMPLES + 1)
    arguments = (Inputs.BIPOLAR, 8, (0, 256))
    assert len(tasks.dataset(rows[1:], *arguments)) == MAX_SAMPLES == 65536
    expected = "task: 65537 samples, the sample memory holds at most 65536"
    assert refusal(tasks.dataset, rows, *arguments) == expected


def test_classes_and_binary_targets() -> None:
    one_output = Dataset(((1,),) * 4, ((0,), (128,), (129,), (256,)), 8)
    assert one_output.classes == (0, 0, 1, 1)  # of 1/2 itself, 0
    assert not one_output.binary_targets
    several = Dataset(((1,),) * 3, ((0, 256, 256), (256, 0, 0), (0, 0, 0)), 8)
    assert several.classes == (1, 0, 0)  # the first largest
    assert several.binary_targets
