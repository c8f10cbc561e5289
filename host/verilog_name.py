"""Names that a Verilog module may have."""

from __future__ import annotations

import re

KEYWORDS = """
always and assign automatic begin buf bufif0 bufif1 case casex casez cell cmos config deassign
default defparam design disable edge else end endcase endconfig endfunction endgenerate
endmodule endprimitive endspecify endtable endtask event for force forever fork function
generate genvar highz0 highz1 if ifnone incdir include initial inout input instance integer join
large liblist library localparam macromodule medium module nand negedge nmos nor noshowcancelled
not notif0 notif1 or output parameter pmos posedge primitive pull0 pull1 pulldown pullup
pulsestyle_ondetect pulsestyle_onevent rcmos real realtime reg release repeat rnmos rpmos rtran
rtranif0 rtranif1 scalared showcancelled signed small specify specparam strong0 strong1 supply0
supply1 table task time tran tranif0 tranif1 tri tri0 tri1 triand trior trireg unsigned use
uwire vectored wait wand weak0 weak1 while wire wor xnor xor
"""

VERILOG_KEYWORDS = frozenset(KEYWORDS.split())
"""Those of Verilog-2005."""

WANTED = "a Verilog identifier: letters, digits and _, no digit first, and no keyword"


def is_name(text: str) -> bool:
    """Whether a module can be called so."""
    return bool(re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", text)) and text not in VERILOG_KEYWORDS
