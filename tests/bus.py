"""A device in Icarus, whose bus is driven an access at a time, with no link between."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from hdl.device import Device
from host.link import Write
from sim.bench import Bench
from sim.simulators import Simulator, build, to_verilog
from spec.config import Config

PAUSE = 16
"""Clocks between two accesses, as a link makes them at least."""

PATIENCE = 30_000
"""Clocks after which an access has failed."""

CLOCK_HZ = 12_000_000


class Refused(Exception):  # noqa: N818
    """What was asked for is not there, or not now."""


class BusBench(Bench):
    """The bench, for `sim.simulators.build`."""

    def __init__(self) -> None:
        super().__init__((), 0)

    def verilog(self) -> str:
        """For Icarus."""
        return VERILOG.replace("PAUSE", str(PAUSE)).replace("PATIENCE", str(PATIENCE))


class Bus:
    """Stands in for a link: reads and writes a `Device`, and counts the clocks it is busy.

    Parameters
    ----------
    design : Config or str
        What to build a `Device` of; or Verilog of one.
    folder : Path
        Where builds are kept.

    Attributes
    ----------
    waited : int
        Clocks that the last access took.
    """

    def __init__(self, design: Config | str, folder: Path) -> None:
        source = design if isinstance(design, str) else to_verilog(Device(design, CLOCK_HZ))
        place = build(source, BusBench(), Simulator.ICARUS, folder)
        self._process = subprocess.Popen(
            ["vvp", "-n", place / "simulation"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="ascii",
        )
        self.waited = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def _ask(self, kind: str, address: int = 0, data: int = 0) -> list[int]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{ord(kind):x} {address:x} {data:x}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("the simulation ended")
        return [int(word, 16) for word in answer.split()]

    def access(self, kind: str, address: int, data: int = 0) -> int:
        """Read ("r") or write ("w") a word."""
        came, refused, found, self.waited = self._ask(kind, address, data)
        if not came:
            raise TimeoutError(f"{kind} {address:#x}: no answer in {PATIENCE} clocks")
        if refused:
            raise Refused(f"{kind} {address:#x}")
        return found

    def read(self, address: int, count: int = 1) -> list[int]:
        """Read words of consecutive addresses."""
        return [self.access("r", address + k) for k in range(count)]

    def write(self, address: int, words: Sequence[int], *, same: bool = False) -> None:
        """Write words to consecutive addresses, or all of them to the same one."""
        for k, word in enumerate(words):
            self.access("w", address + (0 if same else k), word)

    def write_all(self, writes: Sequence[Write]) -> None:
        """Make writes one after the other."""
        for write in writes:
            self.write(write.address, write.words, same=write.same)

    def write_then_read(self, writes: Sequence[Write], address: int, count: int = 1) -> list[int]:
        """Make writes, then read."""
        self.write_all(writes)
        return self.read(address, count)

    def idle(self, clocks: int) -> None:
        """Let time pass."""
        self._ask("i", clocks)

    def busy_clocks(self) -> int:
        """Clocks of the last start's run up to now, in which the device was busy."""
        return self._ask("c")[0]

    def press(self) -> None:
        """Start by the device's own port, as a button does."""
        self._ask("s")


VERILOG = """\
`timescale 1ns/1ps
module bench;
  reg clk = 0, rst = 1, start = 0, read = 0, write = 0, was_busy = 0;
  reg [15:0] address = 0;
  reg [31:0] data = 0;
  wire [31:0] read_data;
  wire done, refused, busy;
  reg [31:0] kind, a, d;
  integer k, clocks = 0;
  trainer dut(.clk(clk), .rst(rst), .start(start), .busy(busy), .bus__address(address),
    .bus__write_data(data), .bus__read(read), .bus__write(write), .bus__read_data(read_data),
    .bus__done(done), .bus__refused(refused));
  always #5 clk = ~clk;
  always @(negedge clk) begin
    if (busy) clocks = was_busy ? clocks + 1 : 1;
    was_busy = busy;
  end
  initial begin
    repeat (3) @(negedge clk);
    rst = 0;
    while ($fscanf(32'h80000000, "%h %h %h", kind, a, d) == 3) begin
      if (kind == "i") begin
        repeat (a) @(negedge clk);
        $display("0");
      end else if (kind == "c") $display("%h", clocks);
      else if (kind == "s") begin
        start = 1;
        @(negedge clk) start = 0;
        $display("0");
      end else begin
        address = a;
        data = d;
        read = kind == "r";
        write = kind == "w";
        k = 0;
        #1;
        while (!done && k < PATIENCE) begin
          @(negedge clk) k = k + 1;
          #1;
        end
        if (done) $display("1 %h %h %h", refused, read_data, k); else $display("0 0 0 0");
        $fflush;
        @(negedge clk) read = 0;
        write = 0;
        // Nothing but what is asked for may count.
        address = 16'h5555;
        data = 32'haaaaaaaa;
        repeat (PAUSE) @(negedge clk);
      end
      $fflush;
    end
    $finish;
  end
endmodule
"""
