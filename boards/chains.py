"""Sums that are to have a carry chain of their own, whatever else synthesis would make of them."""

CHAINS = """
design -push
read_verilog -icells <<CHAIN
(* techmap_celltype = "$add" *)
module chain(A, B, Y);
parameter A_SIGNED = 0, B_SIGNED = 0, A_WIDTH = 1, B_WIDTH = 1, Y_WIDTH = 1;
input [A_WIDTH-1:0] A;
input [B_WIDTH-1:0] B;
output [Y_WIDTH-1:0] Y;
wire [Y_WIDTH-1:0] propagate, carry;
$alu #(.A_SIGNED(A_SIGNED), .B_SIGNED(B_SIGNED), .A_WIDTH(A_WIDTH), .B_WIDTH(B_WIDTH),
.Y_WIDTH(Y_WIDTH)) _TECHMAP_REPLACE_ (.A(A), .B(B), .BI(1'b0), .CI(1'b0), .X(propagate),
.CO(carry), .Y(Y));
endmodule
CHAIN
design -stash chain
design -pop
techmap -map %chain a:chain=1 %ci1 t:$add %i
"""
"""Makes a chain of each sum that has the attribute (`hdl.number.tree`), for yosys.

yosys 0.70 makes one sum of all that follow each other between two registers: of four numbers, two
rows of full adders before a chain, which are more LUTs than three chains.
"""
