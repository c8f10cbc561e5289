"""Each pair of an adder tree is a carry chain in the netlist, and the tree's sum is what it was."""

from pathlib import Path

import pytest
from amaranth.back import rtlil  # pyright: ignore[reportAttributeAccessIssue]
from amaranth.hdl import Value

from boards import scripts, tools
from boards.chains import CHAINS
from tests.hdl.number.test_tree import MIXED, Adder

TERMS = 4
"""Two levels of pairs: in one clock, which is what synthesis would make one sum of."""

PROVED = """
miter -equiv -flatten -make_outputs was is both
hierarchy -top both
sat -verify -prove trigger 0 -tempinduct -set-at 1 in_i_0 0 both
"""


def holds(script: str, failure: str, work: Path) -> bool:
    """Whether yosys runs a script on the tree; it may only fail with this error."""
    adder = Adder(*MIXED[:TERMS])
    ports = [Value.cast(getattr(adder, name)) for name in adder.signature.members]
    text = rtlil.convert(adder, name="top", ports=ports, emit_src=False)
    (work / "top.il").write_text(text, encoding="utf-8")
    (work / "top.ys").write_text(f"read_rtlil top.il\nproc\nflatten\n{script}", encoding="utf-8")
    status, said = tools.run([tools.find("yosys"), "top.ys"], work)
    assert status == 0 or failure in tools.last_line(said), said
    return status == 0


def alone(chains: str, work: Path) -> bool:
    """Whether synthesis then adds each pair by itself."""
    script = f"{chains}alumacc\nselect -assert-count {TERMS - 1} t:$alu\n"
    return holds(script, "Assertion failed", work)


def same(chains: str, work: Path) -> bool:
    """Whether the sum is what it was, for all inputs, in every clock."""
    copied = "design -copy-from was -as was was\n"
    script = f"rename top was\ndesign -save was\n{chains}rename was is\n{copied}{PROVED}"
    return holds(script, "proof did fail", work)


def test_each_pair_is_a_chain(tmp_path: Path) -> None:
    assert CHAINS in scripts.COPIES
    assert alone(CHAINS, tmp_path)
    assert not alone("", tmp_path)  # without it, one sum is made of all


def test_the_sum_is_the_same(tmp_path: Path) -> None:
    assert same(CHAINS, tmp_path)


SIGNS = ".A_SIGNED(A_SIGNED), .B_SIGNED(B_SIGNED)"


@pytest.mark.parametrize(
    ("right", "wrong"), [(".CI(1'b0)", ".CI(1'b1)"), (SIGNS, ".A_SIGNED(0), .B_SIGNED(0)")]
)
def test_another_sum_is_found(tmp_path: Path, right: str, wrong: str) -> None:
    """Planted faults: a carry comes in; no sign is extended."""
    assert right in CHAINS
    assert not same(CHAINS.replace(right, wrong), tmp_path)
