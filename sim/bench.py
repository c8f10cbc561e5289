"""The bench around the gateware, for each simulator: it plays rows of inputs, and dumps records.

A row is a line of hexadecimal numbers: for how many clocks it holds (0: until `done`), `start`, and
the registers in the order of `spec.registers`. Inputs change at falling edges of the clock, after
outputs were read. Records are in 32-bit words, the lowest first. Asked for every clock, the bench
dumps the packed probe in each clock of a row without `start`; else a `Check` and the probe, at
each check and at the end of each run. Of a folded engine, which holds θ in memory, it dumps them
in each clock too in which a word is written back for the last time before a check (`settles`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from spec import probe
from spec.config import Config
from spec.plant import Engine
from spec.registers import registers

FOREVER = (1 << 64) - 1
"""Clocks of a row that lasts until the simulation is ended."""

CHECK = np.dtype(
    [("clock", "<u8"), ("cost_sum", "<u8"), ("step", "<u4"), ("correct", "<u4"),
     ("solved", "<u4"), ("done", "<u4"), ("checked", "<u4")]
)  # fmt: skip
"""What stands in front of the probe at a check, and in the first clock after a run."""


@dataclass(frozen=True)
class Bench:
    """What a bench must know of a trainer: its inputs, and the size of its probe.

    Parameters
    ----------
    inputs : tuple of (str, int)
        Names and widths of the registers.
    probe_bits : int
    writes : bool
        Whether it has a port `settles`: its θ is in memory, and is seen when written.
    """

    inputs: tuple[tuple[str, int], ...]
    probe_bits: int
    writes: bool = field(default=False, kw_only=True)

    @classmethod
    def of(cls, config: Config) -> Bench:
        """Return the bench of a config's trainer."""
        inputs = tuple((register.name, register.width) for register in registers(config))
        folded = config.build.engine is Engine.FOLDED
        return cls(inputs, probe.width(config), writes=folded)

    @property
    def probe_words(self) -> int:
        """32-bit words of the probe in a record."""
        return -(-self.probe_bits // 32)

    def verilog(self) -> str:
        """For Icarus."""
        names = [name for name, _ in self.inputs]
        return VERILOG.format(
            inputs="\n".join(f"  reg [{width - 1}:0] {name} = 0;" for name, width in self.inputs),
            ports="".join(f", .{name}({name})" for name in names),
            top=self.probe_bits - 1,
            settles="wire settles;" if self.writes else "wire settles = 0;",
            settling=", .settles(settles)" if self.writes else "",
            words=32 * self.probe_words - 1,
            formats=" ".join(["%h"] * (2 + len(names))),
            variables=", ".join(["left", "start", *names]),
            count=2 + len(names),
        )

    def cpp(self) -> str:
        """For Verilator, without VPI."""
        return CPP.format(
            count=2 + len(self.inputs),
            words=self.probe_words,
            settles="top.settles" if self.writes else "false",
            inputs="\n".join(
                f"        top.{name} = row[{k}];" for k, (name, _) in enumerate(self.inputs, 2)
            ),
        )


VERILOG = """\
`timescale 1ns/1ps
module bench;
  reg clk = 0, rst = 1, start = 0, every, more;
{inputs}
  wire [{top}:0] probe;
  wire [{words}:0] padded = probe;
  wire [63:0] cost_sum;
  wire [31:0] step, correct;
  wire checked, done, solved;
  {settles}
  trainer dut(.clk(clk), .rst(rst), .start(start), .stop(1'b0), .probe(probe), .step(step),
    .correct(correct[16:0]), .cost_sum(cost_sum), .checked(checked), .done(done),
    .solved(solved){ports}{settling});
  assign correct[31:17] = 0;
  reg [8191:0] path;
  reg [63:0] left, clock;
  integer rows, out;
  always #5 clk = ~clk;
  initial begin
    every = $test$plusargs("every");
    more = $value$plusargs("rows=%s", path);
    rows = $fopen(path, "r");
    more = $value$plusargs("out=%s", path);
    out = $fopen(path, "wb");
    repeat (2) @(posedge clk);
    @(negedge clk) rst = 0;
    while ($fscanf(rows, "{formats}", {variables}) == {count}) begin
      clock = 0;
      more = 1;
      while (more) begin
        if (!start) begin
          if (^probe === 1'bx) begin
            $display("clock %0d: the probe has undefined bits", clock);
            $finish;
          end
          if (every)
            $fwrite(out, "%u", padded);
          else if (checked | done | settles) begin
            $fwrite(out, "%u", {{padded, 31'b0, checked, 31'b0, done, 31'b0, solved, correct, step,
              cost_sum, clock}});
            $fflush(out);
          end
        end
        clock = clock + 1;
        more = left == 0 ? !done : clock < left;
        if (more | (left != 0)) @(negedge clk);
      end
    end
    $fclose(out);
    $finish;
  end
endmodule
"""

CPP = """\
#include <cstdio>
#include <cstdint>
#include <string>
#include "Vtrainer.h"

double sc_time_stamp() {{ return 0; }}

namespace {{
std::string argument(int count, char** values, const std::string& name) {{
    for (int k = 1; k < count; ++k)
        if (!std::string(values[k]).compare(0, name.size(), name)) return values[k] + name.size();
    return "";
}}

void clock(Vtrainer& top) {{
    top.clk = 1;
    top.eval();
    top.clk = 0;
    top.eval();
}}
}}  // namespace

int main(int count, char** values) {{
    VerilatedContext context;
    Vtrainer top{{&context}};
    const bool every = !argument(count, values, "+every").empty();
    FILE* rows = std::fopen(argument(count, values, "+rows=").c_str(), "r");
    FILE* out = std::fopen(argument(count, values, "+out=").c_str(), "wb");
    if (!rows || !out) return 1;
    std::setvbuf(out, nullptr, _IOFBF, 1 << 16);
    top.rst = 1;
    top.start = top.stop = top.clk = 0;
    top.eval();
    clock(top);
    clock(top);
    top.rst = 0;
    while (true) {{
        uint64_t row[{count}];
        for (auto& value : row) {{
            unsigned long long read;
            if (std::fscanf(rows, "%llx", &read) != 1) return std::fclose(out);
            value = read;
        }}
        const uint64_t left = row[0];
        top.start = row[1];
{inputs}
        bool more = true;
        for (uint64_t now = 0; more;) {{
            const bool done = top.done, checked = top.checked;
            if (!row[1] && (every || checked || done || {settles})) {{
                if (!every) {{
                    const uint64_t wide[] = {{now, top.cost_sum}};
                    const uint32_t narrow[] = {{top.step, top.correct, top.solved, done, checked}};
                    std::fwrite(wide, sizeof wide, 1, out);
                    std::fwrite(narrow, sizeof narrow, 1, out);
                }}
                std::fwrite(&top.probe, 4, {words}, out);
                if (checked || done) std::fflush(out);
            }}
            ++now;
            more = left ? now < left : !done;
            if (more || left) clock(top);
        }}
    }}
}}
"""
