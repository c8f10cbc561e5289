"""A test bench in Verilog for a trained network: samples in, expected outputs beside them."""

from __future__ import annotations

from collections.abc import Sequence

MOST_SAMPLES = 64
"""In a bench; more would only make it longer."""


def verilog(
    name: str,
    x: Sequence[Sequence[int]],
    y: Sequence[Sequence[int]],
    widths: tuple[int, int],
    latency: int,
) -> str:
    """Return a bench that feeds a sample a clock, and compares all outputs.

    It ends with one line, "N samples, M wrong", and stops with `$fatal` if any is.

    Parameters
    ----------
    name : str
        Of the network's module; the bench is `NAME_tb`.
    x, y : sequence of rows of int
        Samples and expected outputs, as they are at the ports.
    widths : (int, int)
        Bits of an input, and of an output.
    latency : int
        Clocks from one to the other.
    """
    wide = [len(x[0]) * widths[0], len(y[0]) * widths[1]]
    ports = [f".x{k}(x[{k * widths[0]} +: {widths[0]}])" for k in range(len(x[0]))]
    ports += [f".y{k}(y[{k * widths[1]} +: {widths[1]}])" for k in range(len(y[0]))]
    rows = []
    for k, (inputs, outputs) in enumerate(zip(x, y, strict=True)):
        sample, expected = _packed(inputs, widths[0]), _packed(outputs, widths[1])
        rows.append(f"      {k}: begin sample = {sample}; expected = {expected}; end")
    count, separator = len(x), ",\n    "
    return f"""`timescale 1ns/1ps
// {count} samples go into `{name}`, one a clock; its outputs must be those of the golden model.
module {name}_tb;
  reg clk = 0, rst = 0, valid = 0;
  reg [{wide[0] - 1}:0] x = 0, sample;
  reg [{wide[1] - 1}:0] expected;
  wire [{wide[1] - 1}:0] y;
  wire there;
  integer k, number, wrong = 0;
  always #5 clk = ~clk;

  {name} network (
    .clk(clk), .rst(rst), .valid_i(valid), .valid_o(there),
    {separator.join(ports)}
  );

  // Sample and outputs of a number: the first input or output lowest.
  task look(input integer number);
    case (number)
{chr(10).join(rows)}
    endcase
  endtask

  initial begin
    @(negedge clk) rst = 1;  // now, so that a simulator sees it change
    @(negedge clk) rst = 0;
    for (k = 0; k < {count + latency}; k = k + 1) begin
      valid = k < {count};
      look(k);
      if (valid) x = sample;
      @(negedge clk);
      number = k + 1 - {latency};  // of the sample whose outputs are there now
      if (there !== (number >= 0 && number < {count})) wrong = wrong + 1;
      look(number);
      if (there && y !== expected) wrong = wrong + 1;
    end
    $display("{count} samples, %0d wrong", wrong);
    if (wrong != 0) $fatal(1);
    $finish;
  end
endmodule
"""


def _packed(values: Sequence[int], width: int) -> str:
    """Write numbers as one constant, the first lowest."""
    whole = sum((value & (1 << width) - 1) << width * k for k, value in enumerate(values))
    return f"{len(values) * width}'h{whole:x}"
