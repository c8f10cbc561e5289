"""What Icarus is given means what yosys wrote."""

from __future__ import annotations

import pytest

from sim.icarus import suited

MODULE = r"""module one(a, \b[0] );
  input [3:0] a;
  wire [3:0] a;
  output [7:0] \b[0] ;
  wire [7:0] \b[0] ;
  wire c;
  assign \b[0] [2:0] = \d[0]$1 [5:3];
  assign c = a[0];
  assign \b[0] [7] = c;
  assign \b[0] [6:3] = 4'h5;
endmodule
"""
JOINED = r"""module one(a, \b[0] );
  input [3:0] a;
  wire [3:0] a;
  output [7:0] \b[0] ;
  wire [7:0] \b[0] ;
  wire c;
  assign \b[0] = { c, 4'h5, \d[0]$1 [5:3] };
  assign c = a[0];
endmodule
"""
WHOLE = r"""module one(a);
  wire [64:0] \a$1 ;
  wire [63:0] b;
  reg [64:0] c;
  assign d = \a$1 [7:0];
  always @* begin
    c[1] = \a$1 [64];
    c[64:2] = b[62:0];
    if (\a$1 [9:2] == b[7:0]) begin
      c[0] = \a$1 [64];
    end
  end
endmodule
"""
PARTED = r"""module one(a);
  wire [64:0] \a$1 ;
  wire [63:0] b;
  reg [64:0] c;
  assign d = \a$1 [7:0];
  always @* begin
    c[1] = \a$1[64:64] ;
    c[64:2] = b[62:0];
    if (\a$1[9:2]  == b[7:0]) begin
      c[0] = \a$1[64:64] ;
    end
  end
  wire [0:0] \a$1[64:64] = \a$1 [64];
  wire [7:0] \a$1[9:2] = \a$1 [9:2];
endmodule
"""


def test_blocks_read_parts_of_wide_wires_by_wires_of_their_own() -> None:
    assert suited(WHOLE) == PARTED
    assert suited(WHOLE + MODULE) == PARTED + JOINED
    narrow = WHOLE.replace("[64:0]", "[63:0]")
    assert suited(narrow) == narrow


def test_registers_of_a_module_are_in_one_block() -> None:
    """All others are left alone: of another clock, of memories, behind a condition."""
    others = """  always @(posedge other)
    c <= d;
  always @(posedge clk) begin
    if (write)
      words[0] <= d;
  end
  always @(posedge clk)
    if (write) e <= d;
"""
    registers = (
        "  always @(posedge clk)\n    a <= b;\n  always @(posedge clk)\n    \\b$1  <= 1'h0;\n"
    )
    block = "  always @(posedge clk) begin\n    a <= b;\n    \\b$1  <= 1'h0;\n  end\n"
    text = "module one(clk);\n{}endmodule\n"
    assert suited(text.format(registers + others)) == text.format(others + block)


def test_parts_of_a_wire_are_driven_at_once() -> None:
    assert suited(MODULE) == JOINED
    assert suited(MODULE + MODULE) == JOINED + JOINED
    assert suited(JOINED) == JOINED


@pytest.mark.parametrize(
    ("text", "other"),
    [
        (r"[2:0] = \d", r"[1:0] = \d"),  # a bit that nothing drives
        ("[6:3] = 4'h5", "[6:3] = a + 4'h5"),  # as wide as what it is assigned to
        ("  wire [7:0]", "  reg [7:0]"),
    ],
)
def test_others_are_left_alone(text: str, other: str) -> None:
    module = MODULE.replace(text, other)
    assert suited(module) == module != MODULE
