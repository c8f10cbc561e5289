"""Samples become the integers they should; whatever cannot is refused in one line."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from spec import tasks
from spec.activation import Activation
from spec.config import Config
from spec.errors import InputError
from spec.tasks import MAX_SAMPLES, Dataset, Inputs

Build = Callable[..., Config]
Refusal = Callable[..., str]


def from_file(path: Path, inputs: str = "bipolar", output: str = "plan") -> Dataset:
    """Read a file as a two-input, one-output task."""
    task = {"name": "file", "path": path.name, "inputs": inputs}
    network = {"layers": [2, 1], "output": output}
    return Config.from_dict({"task": task, "network": network}, path.parent).data


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


def test_csv_in_any_order_with_bom_blanks_and_empty_lines(tmp_path: Path) -> None:
    path = tmp_path / "data.CSV"
    path.write_text('\ufeff t0 ,x1,"x0"\r\n\r\n 1 ,-1.0,+1\r\n0,1e0,-1\r\n', encoding="utf-8")
    assert from_file(path) == Dataset(((1, -1), (-1, 1)), ((256,), (0,)), 8)


HEADER = "x0,x1,t0\n"
PLAN_RANGE = "is outside [0.0, 1.0], the range of network.output"
CSV_CASES = [
    ("", ": the file is empty; a header row and samples are needed"),
    (HEADER, "task: there are no samples; at least one is needed"),
    ("\n", ": the header has no column 'x0'; it must name the columns x0, x1, … (inputs)"),
    ("x0,x1\n1,1\n", ": the header has no column 't0'; it must name"),
    ("x0,x2,t0\n1,1,1\n", ": the header has no column 'x1'"),
    ("x0,x1,x1,t0\n1,1,1,1\n", ": the header has no column 'x2'"),
    ("x0,x0,t0\n1,1,1\n", ": the header has no column 'x1'"),
    ("x0,x1,t0,t0\n1,1,1,1\n", ": the header has no column 't1'"),
    ("x0;x1;t0\n1;1;1\n", ": the header has no column"),
    ("1,1,1\n1,1,1\n", ": the header has no column 'x0'"),
    ("id,x0,x1,t0\n1,1,1,1\n", ": unknown column 'id'; allowed are x0, x1, … and t0, t1, …"),
    ("x0,x1,t0,\n1,1,1,\n", ": unknown column ''; allowed are"),
    (HEADER + "1,1,1\n1,1\n", ", line 3: 2 values, the header names 3"),
    (HEADER + "1,1,1,1\n", ", line 2: 4 values, the header names 3"),
    (HEADER + "1,,1\n", ", line 2, column x1: the value is missing; every cell needs a number"),
    (HEADER + "1, ,1\n", ", line 2, column x1: the value is missing"),
    (HEADER + "\n1,1,yes\n", ", line 3, column t0: 'yes' is not a number"),
    (HEADER + '1,1,"1\n0"\n', r", line 2, column t0: '1\n0' is not a number"),
    (HEADER + "1,1,0_1\n", ", line 2, column t0: '0_1' is not a number"),
    (HEADER + "1,1,0x1\n", ", line 2, column t0: '0x1' is not a number"),
    (HEADER + "1,nan,1\n", ", line 2: input nan, with task.inputs = 'bipolar' only -1 and 1 are"),
    (HEADER + "0,1,1\n", ", line 2: input 0.0, with task.inputs = 'bipolar' only -1 and 1 are"),
    (HEADER + "1,inf,1\n", ", line 2: input inf, with"),
    (HEADER + "1,1,nan\n", f", line 2: target nan {PLAN_RANGE}"),
    (HEADER + "1,1,-inf\n", f", line 2: target -inf {PLAN_RANGE}"),
    (HEADER + "1,1,1.0000001\n", f", line 2: target 1.0000001 {PLAN_RANGE}"),
    (HEADER + "1,1,-0.001\n", f", line 2: target -0.001 {PLAN_RANGE}"),
    (HEADER + "1,1," + "1" * 200_000, ": malformed CSV: field larger than field limit"),
]


@pytest.mark.parametrize(("content", "message"), CSV_CASES, ids=range(len(CSV_CASES)))
def test_wrong_csv(tmp_path: Path, refusal: Refusal, content: str, message: str) -> None:
    path = tmp_path / "data.csv"
    path.write_text(content)
    start = "" if message.startswith("task") else str(path)
    assert refusal(from_file, path).startswith(start + message)


def test_csv_in_another_encoding(tmp_path: Path, refusal: Refusal) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(HEADER.encode("utf-16"))
    assert refusal(from_file, path) == f"{path}: not a text file in UTF-8"


@pytest.mark.parametrize("name", ["none.csv", "none.npz", "folder.csv", "nul\0.csv"])
def test_missing_file(tmp_path: Path, refusal: Refusal, name: str) -> None:
    (tmp_path / "folder.csv").mkdir()
    path = tmp_path / name
    assert refusal(from_file, path) == f"task.path = {str(path)!r}: there is no such file"


def test_file_name_too_long(tmp_path: Path, refusal: Refusal) -> None:
    path = tmp_path / ("a" * 999 + ".csv")
    beginning, reason = refusal(from_file, path).split(": ")
    assert beginning == f"task.path = {str(path)!r}"
    assert reason in ("File name too long", "there is no such file")  # by version of Python


@pytest.mark.parametrize("name", ["data.txt", "data", ".csv", "data.npy"])
def test_file_of_another_kind(tmp_path: Path, refusal: Refusal, name: str) -> None:
    (tmp_path / name).write_text(HEADER + "1,1,1\n")
    assert refusal(from_file, tmp_path / name).endswith(": must end in .csv or .npz")


@pytest.mark.parametrize("dtype", [np.float16, np.float64, np.longdouble, np.int8, np.int64])
def test_npz(tmp_path: Path, dtype: type) -> None:
    np.savez_compressed(
        tmp_path / "data.npz", x=np.array([[1, -1]], dtype), t=np.array([[1]], dtype)
    )
    assert from_file(tmp_path / "data.npz") == Dataset(((1, -1),), ((256,),), 8)


X, T = np.ones((3, 2)), np.ones((3, 1))
SHAPE = "it must be numbers of shape (samples, values), with at least one value"
BROKEN = ": not an NPZ file with plain number arrays x and t"


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": X}, ": no array 't'; an NPZ needs x and t"),
        ({"t": T}, ": no array 'x'; an NPZ needs x and t"),
        ({"x": X, "t": T[:, 0]}, f": array t has shape (3,) and type float64; {SHAPE}"),
        ({"x": X[None], "t": T}, f": array x has shape (1, 3, 2) and type float64; {SHAPE}"),
        ({"x": X[:, :0], "t": T}, f": array x has shape (3, 0) and type float64; {SHAPE}"),
        ({"x": 1.0, "t": T}, f": array x has shape () and type float64; {SHAPE}"),
        ({"x": X * 1j, "t": T}, f": array x has shape (3, 2) and type complex128; {SHAPE}"),
        ({"x": X.astype(str), "t": T}, ": array x has shape (3, 2) and type <U32; it must be"),
        ({"x": X.astype(object), "t": T}, BROKEN),
        ({"x": X[1:], "t": T}, ": x has 2 samples, t has 3; they must be as many"),
        ({"x": X, "t": T[1:]}, ": x has 3 samples, t has 2; they must be as many"),
        ({"x": X * np.nan, "t": T}, ", sample 0: input nan, with task.inputs = 'bipolar' only"),
        ({"x": X, "t": T * [[1], [1], [np.inf]]}, f", sample 2: target inf {PLAN_RANGE}"),
        ({"x": X, "t": T * [[1], [2], [1]]}, f", sample 1: target 2.0 {PLAN_RANGE}"),
        ({"x": X[:0], "t": T[:0]}, "task: there are no samples; at least one is needed"),
        ({"x": X[:, :1], "t": T}, "network.layers = [2, 1]: must start with 1 and end with 1"),
    ],
)
def test_wrong_npz(tmp_path: Path, refusal: Refusal, arrays: dict[str, Any], message: str) -> None:
    path = tmp_path / "data.npz"
    np.savez_compressed(path, **arrays)
    start = str(path) if message[0] in ":," else ""
    assert refusal(from_file, path).startswith(start + message)


def test_files_that_are_no_npz(tmp_path: Path, refusal: Refusal) -> None:
    path = tmp_path / "data.npz"
    for content in (b"", b"PK", HEADER.encode(), b"\x93NUMPY"):
        path.write_bytes(content)
        assert refusal(from_file, path) == f"{path}{BROKEN}"
    with path.open("wb") as file:
        np.save(file, X)
    assert refusal(from_file, path) == f"{path}{BROKEN}"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x", "1")
        archive.writestr("t.npy", "1")
    assert refusal(from_file, path) == f"{path}: array x has shape () and type |S1; {SHAPE}"


@given(st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), min_size=1, max_size=9))
def test_a_damaged_npz_is_refused_or_read(tmp_path: Path, changes: list[tuple[int, int]]) -> None:
    path = tmp_path / "data.npz"
    np.savez_compressed(path, x=np.tile(X, (9, 1)), t=np.tile(T, (9, 1)))
    content = bytearray(path.read_bytes())
    for where, value in changes:
        content[where % len(content)] = value
    path.write_bytes(content)
    assert one_line_or_data(path)


@given(st.text('x01t,;" \n\r\0nae-.', max_size=40))
def test_any_csv_is_refused_or_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(HEADER.encode() + text.encode())
    assert one_line_or_data(path)


def one_line_or_data(path: Path) -> bool:
    """Read a file of unknown content; whether that gives samples or an error of one line."""
    try:
        return len(from_file(path)) > 0
    except InputError as error:
        return len(str(error).splitlines()) == 1


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
