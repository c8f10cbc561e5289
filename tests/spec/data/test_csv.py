"""CSV as the world writes it: read right, or refused in one line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from spec.config import Config
from spec.errors import InputError
from tests.spec.data.conftest import Row, table

Own = Callable[..., Config]
Refusal = Callable[..., str]

AB = ["a", "b"]
ROWS: list[Row] = [[1.0, 2.0], [3.0, 4.5]]
WORDS: list[Row] = [[1.5, "red"], [-2.0, "blue"]]

READ: dict[str, tuple[str | bytes, list[str], list[Row]]] = {
    "commas": ("a,b\n1,2\n3,4.5\n", AB, ROWS),
    "semicolons": ("a;b\n1;2\n3;4.5\n", AB, ROWS),
    "tabs": ("a\tb\n1\t2\n3\t4.5\n", AB, ROWS),
    "bars": ("a|b\n1|2\n3|4.5\n", AB, ROWS),
    "blanks": ("a b\n1 2\n3 4.5\n", AB, ROWS),
    "columns aligned by blanks": ("  a    b\n  1    2\n  3  4.5  \n", AB, ROWS),
    "blanks around commas": (" a , b \n 1 , 2 \n 3 , 4.5 \n", AB, ROWS),
    "no end of the last line": ("a,b\n1,2\n3,4.5", AB, ROWS),
    "CRLF": ("a,b\r\n1,2\r\n3,4.5\r\n", AB, ROWS),
    "CR": ("a,b\r1,2\r3,4.5\r", AB, ROWS),
    "a byte order mark": ("\ufeffa,b\n1,2\n3,4.5\n", AB, ROWS),
    "UTF-16": ("a,b\n1,2\n3,4.5\n".encode("utf-16"), AB, ROWS),
    "blank lines": ("\n\na,b\n\n1,2\n  \n3,4.5\n\n", AB, ROWS),
    "lines of separators only": ("a,b\n1,2\n,\n3,4.5\n,\n", AB, ROWS),
    "comments": ("# of today\na,b\n1,2\n # now\n3,4.5\n", AB, ROWS),
    "a header of np.savetxt": ("# a,b\n1,2\n3,4.5\n", AB, ROWS),
    "a comment that is no header": ("# run 7\n1,2\n3,4.5\n", ["0", "1"], ROWS),
    "Excel's hint": ("sep=;\na;b\n1;2\n3;4,5\n", AB, ROWS),
    "Excel's hint of one column": ("sep=;\na\n1\n", ["a"], [[1.0]]),
    "no header": ("1,2\n3,4.5\n", ["0", "1"], ROWS),
    "no header, words": ("1.5,red\n-2,blue\n", ["0", "1"], WORDS),
    "no header, a missing value first": ("?,2\n3,4.5\n", ["0", "1"], [[None, 2.0], ROWS[1]]),
    "a header of numbers": (
        "0,1,2,3\n5,6,7,8\n",
        ["0", "1", "2", "3"],
        [[5.0, 6.0, 7.0, 8.0]],
    ),
    "a header of numbers and lines that are counted": (
        ",0,1,2,3\n0,5,6,7,8\n",
        ["0", "1", "2", "3"],
        [[5.0, 6.0, 7.0, 8.0]],
    ),
    "years in a header": ("name,2019,2020\n7,1,2\n", ["name", "2019", "2020"], [[7.0, 1.0, 2.0]]),
    "words only": ("a,b\nred,blue\n", AB, [["red", "blue"]]),
    "a header only": ("a,b\n", AB, []),
    "lines counted from 0": (",a,b\n0,1,2\n1,3,4.5\n", AB, ROWS),
    "lines counted from 1": ('"","a","b"\n"1",1,2\n"2",3,4.5\n', AB, ROWS),
    "a first column without a name": (",b\n7,2\n3,4.5\n", ["0", "b"], [[7.0, 2.0], ROWS[1]]),
    "a separator at the end": ("a,b,\n1,2,\n3,4.5,\n", AB, ROWS),
    "quotes": ('"a","b"\n"1","2"\n"3","4.5"\n', AB, ROWS),
    "a separator in quotes": ('a,b\n1.5,"red"\n-2,"x, ""y"""\n', AB, [WORDS[0], [-2.0, 'x, "y"']]),
    "a line end in quotes": ('a,b\n1.5,"r\n2"\n', AB, [[1.5, "r\n2"]]),
    "quotes in a word": ('a,b\n1.5,5" disk\n', AB, [[1.5, '5" disk']]),
    "blanks before quotes": ('a, b\n1.5, "red"\n-2, "blue"\n', AB, WORDS),
    "decimal commas": ("a;b\n1,5;2\n,25;-1,5e3\n", AB, [[1.5, 2.0], [0.25, -1500.0]]),
    "decimal commas and tabs": ("a\tb\n1,5\tred\n-2,0\tblue\n", AB, WORDS),
    "all ways of a number": (
        "a\n1\n+1\n-1\n1.\n.5\n1e3\n1E-2\n007\n",
        ["a"],
        [[v] for v in (1.0, 1.0, -1.0, 1.0, 0.5, 1000.0, 0.01, 7.0)],
    ),
    "all ways of a missing value": (
        "a,b\n1,\n2,?\n3,NA\n4,n/a\n5,NaN\n6,null\n7,8\n",
        AB,
        [*([float(k), None] for k in range(1, 7)), [7.0, 8.0]],
    ),
    "missing words": ("a,b\n1.5,red\n-2,?\n", AB, [WORDS[0], [-2.0, None]]),
    "a class called none": ("a,b\n1.5,none\n", AB, [[1.5, "none"]]),
    "names in other scripts": ("größe,数\n1,2\n3,4.5\n", ["größe", "数"], ROWS),
    "digits of another script": ("a,b\n1.5,٣\n", AB, [[1.5, "٣"]]),
    "no number to Python's eyes only": ("a,b\n1.5,1_0\n", AB, [[1.5, "1_0"]]),
    "infinite": ("a,b\n1,inf\n", AB, [[1.0, float("inf")]]),
    "one column": ("a\n1\n2\n", ["a"], [[1.0], [2.0]]),
}
"""What is in a file; the names of its columns; its rows."""


@pytest.mark.parametrize("case", READ)
def test_read(case: str, tmp_path: Path) -> None:
    content, names, rows = READ[case]
    path = tmp_path / "data.CSV"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert table(path) == (names, rows)


@pytest.mark.parametrize("suffix", [".tsv", ".txt", ".data", ".TXT"])
def test_other_names_of_text(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"data{suffix}"
    path.write_text("a b\n1 2\n3 4.5\n")
    assert table(path) == (AB, ROWS)


XT = "x0,x1,t0\n"
IRIS = "a,b,kind\n.1,.2,red\n.3,.4,blue\n"
LEARN = {"target": "kind"}
PLAN_RANGE = "is outside [0.0, 1.0], the range of network.output"
MISSING = "the value is missing; every cell needs one, or task.missing = 'drop' leaves"

REFUSED: list[tuple[str | bytes, dict[str, Any], str]] = [
    ("", {}, "{}: the file is empty; a header row and samples are needed"),
    ("\n# nothing\n\n", {}, "{}: the file is empty"),
    (XT, {}, "{}: there are no samples at all; at least one is needed"),
    ("x0,x1\n1,1\n", {}, "{}: the header has no column 't0'; it must name"),
    ("x0,x2,t0\n1,1,1\n", {}, "{}: the header has no column 'x1'"),
    ("id,x0,x1,t0\n1,1,1,1\n", {}, "{}: unknown column 'id'; allowed are x0, x1, … and t0"),
    ("a,b,a\n1,2,3\n", {}, "{}: the header has 'a' twice; names must differ"),
    ("x0,x1,t0,t0\n1,1,1,1\n", {}, "{}: the header has 't0' twice"),
    (XT + "1,1,1\n1,1\n", {}, "{}, line 3: 2 values, the first line has 3"),
    (XT + "\n# a comment\n1,1,1,1\n", {}, "{}, line 4: 4 values, the first line has 3"),
    (XT + "1,1,1\n" * 200 + "1,1\n", {}, "{}, line 202: 2 values, the first line has 3"),
    (XT + "1,,1\n", {}, f"{{}}, line 2, column x1: {MISSING}"),
    (XT + "1,1,1\n1,NaN,1\n", {}, f"{{}}, line 3, column x1: {MISSING}"),
    (XT + "\n1,1,yes\n", {}, "{}, line 3, column t0: 'yes' is not a number"),
    (XT + "1,1,1\n" * 200 + "1,1,yes\n", {}, "{}, line 202, column t0: 'yes' is not a number"),
    (XT + "1,1,0_1\n", {}, "{}, line 2, column t0: '0_1' is not a number"),
    (XT + "1,1,0x1\n", {}, "{}, line 2, column t0: '0x1' is not a number"),
    (XT + "1,1,−1\n", {}, "{}, line 2, column t0: '−1' is not a number"),
    (XT + "1,٣,1\n", {}, "{}, line 2, column x1: '٣' is not a number"),
    (XT + '"1,234",1,1\n', {}, "{}, line 2, column x0: '1,234' is not a number"),
    (
        XT + "1," + "z" * 99 + ",1\n",
        {},
        "{}, line 2, column x1: '" + "z" * 39 + "…' is not a number",
    ),
    (XT + "1,inf,1\n", {}, "{}, line 2, column x1: inf is not a number from -1e+100 to 1e+100"),
    (XT + "1,-1e999,1\n", {}, "{}, line 2, column x1: -inf is not a number from"),
    (XT + "1,1e101,1\n", {}, "{}, line 2, column x1: 1e+101 is not a number from"),
    (XT + "1,2,1\n", {}, "{}, line 2: input 2.0 is outside [-2, 1.99609375], the range of"),
    (XT + "0,1,1\n", {"inputs": "bipolar"}, "{}, line 2: input 0.0, with task.inputs = 'bipolar'"),
    (XT + "1,1,1\n-1,1,1\n", {"inputs": "unipolar"}, "{}, line 3: input -1.0, with task.inputs"),
    (XT + "1,1,1.0000001\n", {}, f"{{}}, line 2: target 1.0000001 {PLAN_RANGE}"),
    (XT + "1,1,-0.001\n", {}, f"{{}}, line 2: target -0.001 {PLAN_RANGE}"),
    (XT + '1,1,"1\n0,0,1\n', {}, "{}, line 2: malformed CSV: a quote is opened, and never closed"),
    (XT + '1,1,"1"0\n', {}, "{}, line 2: malformed CSV: ',' expected after '\"'"),
    (XT + "1,1," + "1" * 200_000, {}, "{}, line 2: malformed CSV: field larger than field limit"),
    (XT + "1,1,\0\n", {}, "{}, line 2: not a text file: it has a NUL byte"),
    (XT.encode("utf-16-le"), {}, "{}, line 1: not a text file: it has a NUL byte"),
    (b"x0,x1,t0\n1,1,\xe4\n", {}, "{}, line 2: not a text file in UTF-8"),
    (b"\xff\xfe1", {}, "{}, line 1: not a text file in UTF-8"),
    (
        "a;b;y\n1,5;1;0\n1.5;1;1\n",
        {},
        "{}, line 3: numbers with a decimal comma and with a decimal",
    ),
    ("a,b,c\n1,2,3\n", {}, "task.target: is missing; which column of {} is to be learnt? It has"),
    ("a,b,c\n1,x,y\n", {}, "task.target: is missing; which column of {} is to be learnt?"),
    (
        "1,1,1\n1,1,0\n",
        {},
        "task.target: is missing; which column of {} is to be learnt? It has the "
        "columns '0', '1', '2'",
    ),
    (
        IRIS,
        {"target": "sort"},
        "task.target = 'sort': no column of {}, which has the columns 'a', ",
    ),
    (IRIS, {"target": 3}, "task.target = 3: no column of {}, which has the columns 'a', 'b'"),
    (IRIS, {"target": -4}, "task.target = -4: no column of {}"),
    (IRIS, {"target": ["kind", 2]}, "task.target: names the column 'kind' twice"),
    (IRIS, LEARN | {"columns": ["a", "kind"]}, "{}: column 'kind' is an input and a target"),
    (IRIS, LEARN | {"columns": ["a", "c"]}, "task.columns = 'c': no column of {}, which has"),
    ("a\n1\n2\n", {"target": "a"}, "{}: no column is left for the inputs, beside the target"),
    (IRIS, {"target": "a"}, "{}, line 2, column kind: 'red' is not a number"),
    (IRIS, LEARN | {"kind": "numbers"}, "{}, line 2, column kind: 'red' is not a number"),
    (IRIS, LEARN | {"layers": (3, 1)}, "network.layers = [3, 1]: must start with 2, the inputs in"),
    (IRIS, LEARN | {"layers": (2, 2)}, "network.layers = [2, 2]: must start with 2 and end with 1"),
    (IRIS, LEARN | {"scale": "minmax", "inputs": "bipolar"}, "task.scale = 'minmax': needs"),
    (IRIS, LEARN | {"test": 1}, "task.test = 1.0: must be from 0 to just below 1"),
    (
        IRIS,
        LEARN | {"test": 0.5, "test_path": "t.csv"},
        "task.test = 0.5: must be 0, as task.test_p",
    ),
    (IRIS, LEARN | {"test_path": "none.csv"}, "task.test_path = "),
    (
        "a,b,kind\n1,1,red\n",
        LEARN | {"test": 0.5},
        "target 'kind': has one class only, 'red'; at le",
    ),
    ("a,b,kind\n1,1,7\n", LEARN, "target 'kind': has one class only, '7'; at least two are needed"),
    ("a,b,y\n1,1,.5\n1,0,.5\n", {"kind": "numbers"}, "target 'y': is 0.5 always; nothing to learn"),
    ("a,b,y\n1,1,.5\n1,0,.7\n1,0,.9\n1,0,x\n", {}, "{}, line 5, column y: 'x' is not a number, as"),
    ("a,b,y\n1,1,٣\n1,0,٤\n", {}, "{}, line 2, column y: '٣' has other digits than 0 to 9"),
    (
        "a,b,y\n1,1,?\n",
        {"missing": "drop"},
        "{}: there are no samples that lack no value; at least one is needed",
    ),
    ("a,b,y\n" + "".join(f"1,1,k{k}\n" for k in range(1025)), {}, "target 'y': has 1,025 classes"),
    (
        "a,p,q\n1,1,0\n0,1,1\n",
        {"target": ["p", "q"], "kind": "classes", "layers": (1, 2)},
        "task.kind = 'classes': sev",
    ),
]
"""What is in a file; keys of [task], and layers; how the refusal begins, {} being the file."""


@pytest.mark.parametrize(("content", "keys", "message"), REFUSED, ids=range(len(REFUSED)))
def test_refused(
    content: str | bytes,
    keys: dict[str, Any],
    message: str,
    tmp_path: Path,
    own: Own,
    refusal: Refusal,
) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert refusal(own, path, **keys).startswith(message.replace("{}", str(path)))


@given(st.text('x01t,;" \n\r\0nae-.', max_size=40))
def test_any_text_is_refused_or_read(tmp_path: Path, own: Own, text: str) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(XT.encode() + text.encode())
    try:
        text = "a" * len(own(path).data)
    except InputError as error:
        text = str(error)
    assert len(text.splitlines()) == 1


@given(
    st.lists(st.tuples(st.floats(-9, 9), st.text("abzé'; |", min_size=1, max_size=5)), min_size=1),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_what_is_written_is_read(
    tmp_path: Path, rows: list[tuple[float, str]], separator: str, end: str, commas: bool
) -> None:
    """Numbers bit for bit, words but for blanks around, with any separator that can be told."""
    path, lines = tmp_path / "data.csv", [f"value{separator}other{separator}word"]
    for number, word in rows:
        text = repr(number).replace(".", "," if commas and separator != "," else ".")
        lines.append(f'{text}{separator}7{separator}"w{word}"')
    path.write_bytes((end.join(lines) + end).encode())
    names, found = table(path)
    assert names == ["value", "other", "word"]
    assert found == [[number, 7.0, f"w{word}".strip()] for number, word in rows]
