"""No expression of the gateware is written out again for each use, or for each slice of it."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from amaranth.back import verilog
from amaranth.hdl import Module, Signal

from hdl.number import fixed
from hdl.trainer import Trainer
from sim.simulators import to_verilog
from spec.config import Config
from tests.configs import perceptron
from tests.conftest import EXAMPLES

EXAMPLE_NAMES = (
    "xor",
    "xor-fast",
    "xor-node-fast",
    "momentum",
    "fm",
    "node",
    "noisy",
    "fm-analog",
    "fm-square",
)
CONFIGS = {name: Config.load(EXAMPLES / f"{name}.toml") for name in EXAMPLE_NAMES} | {
    "3 outputs": perceptron(
        3, 4, 3, samples=5, inputs="fixed", hidden="tanh", output="hard_sigmoid"
    ),
    "relu": perceptron(4, 3, 3, hidden="relu"),
    "defects": perceptron(2, 2, 1, defects=0.2, theta="Q2.8", weight_bits=8),
    "two rails": perceptron(4, 3, 2, update_delay="auto", rails=2, order="random"),
}
MOST = 2
"""How often a module may write an expression: `~` of a sign, say, is in the sums of θ and of G."""

OPERATOR = re.compile(r"^[-~!&|^] ?\S| ([-+*&|^?<>%]|[<>=!]=|<<<?|>>>?) ")
UNNAMED = re.compile(r"\\\$\d+ ")
ASSIGNED = re.compile(r"^  assign (\S+ ?)(?: \[\S+\])? = (.*?);", re.MULTILINE)


def duplicates(source: str) -> dict[str, int]:
    """Count what a module writes more than `MOST` times, as "module: expression".

    Signals without a name count as what they are of, so that an expression is found whatever it is
    a part of.
    """
    found = {}
    for module in re.findall(r"^module .*?^endmodule", source, re.MULTILINE | re.DOTALL):
        name = module.split()[1].split("(")[0]
        unnamed: dict[str, str] = {}
        written: Counter[str] = Counter()
        for to, expression in ASSIGNED.findall(module):
            whole = expression
            for part in set(UNNAMED.findall(expression)) & set(unnamed):
                whole = whole.replace(part, f"({unnamed[part]})")
            if UNNAMED.fullmatch(to):
                unnamed[to] = whole
            if OPERATOR.search(expression):
                written[whole] += 1
        found |= {f"{name}: {what}": times for what, times in written.items() if times > MOST}
    return found


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_nothing_is_written_again_and_again(config: Config) -> None:
    assert duplicates(to_verilog(Trainer(config))) == {}


def test_xor_is_short() -> None:
    assert len(to_verilog(Trainer(CONFIGS["xor"])).splitlines()) <= 8000


def planted(*, named: bool) -> str:
    """Verilog with an expression of which three slices go to outputs."""
    m = Module()
    a, b = (fixed.signal(fixed.SQ(4, 0), name) for name in "ab")
    total = fixed.named(m, a + b, "total") if named else a + b
    slices = [Signal(2, name=f"slice_{k}") for k in range(3)]
    m.d.comb += [it.eq(total.as_value()[k : k + 2]) for k, it in enumerate(slices)]
    ports = [a.as_value(), b.as_value(), *slices]
    return verilog.convert(m, ports=ports, emit_src=False, strip_internal_attrs=True)


def test_an_unnamed_expression_of_three_slices_is_found() -> None:
    (found,) = duplicates(planted(named=False)).items()
    assert found[1] == 3
    assert "$signed(a) + $signed(b)" in found[0]
    assert duplicates(planted(named=True)) == {}
