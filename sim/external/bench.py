"""The bench around an optimizer for an external plant: it runs until something happens at its pins.

It reads what `PinBench` says: until which clock to run, and the inputs, which are applied in the
clock that it has reached. Then it tells. It dumps the packed probe too: in every clock after
`start`, if it is asked, else once, when there are no more commands.
"""

from __future__ import annotations

from dataclasses import dataclass

from amaranth.lib.wiring import Out

from hdl.external.trainer import ExternalTrainer
from sim.external.pin_bench import PinBench, sized, watched_of
from spec.external.registers import registers

RESULTS = ("busy", "done", "solved", "checked", "step", "cost_sum", "timeouts", "unasked")
"""Outputs that are no pins."""

REQUEST, TOLD = ("request",), ("came", "word")
"""By which words of memory are read, where cells are such words."""


@dataclass(frozen=True)
class ExternalBench(PinBench):
    """What a bench must know of a trainer, besides its pins.

    Parameters
    ----------
    probe_bits : int
    """

    probe_bits: int

    @classmethod
    def of(cls, trainer: ExternalTrainer) -> ExternalBench:
        """Return the bench of a trainer with a probe."""
        members, pins = trainer.signature.members, trainer.exchange.pins
        sent = {name: member for name, member in pins.items() if member.flow is Out}
        heard = [name for name in pins if name not in sent]
        given = ["start", "stop", *(register.name for register in registers(trainer.config))]
        asked, told = (REQUEST, TOLD) if trainer.in_memory else ((), ())
        ((_, probe_bits),) = sized({"probe": members["probe"]})
        return cls(
            sized({name: members[name] for name in (*given, *heard, *asked)}),
            sized({name: members[name] for name in (*RESULTS, "sample", *sent, *told)}),
            ("done", "checked", "timeouts", *watched_of(sent), *told[:1]),
            probe_bits,
        )

    @property
    def probe_words(self) -> int:
        """32-bit words of the probe in a record."""
        return -(-self.probe_bits // 32)

    def cpp(self) -> str:
        """For Verilator, without VPI."""
        return CPP.format(
            row=self.row,
            inputs=self.drive(8 * " "),
            outputs=self.tell(4 * " "),
            keep=self.keep(8 * " ", "const auto "),
            differs=self.differs,
            words=self.probe_words,
        )


CPP = """\
#include <cstdio>
#include <cstdint>
#include <cstring>
#include "Vtrainer.h"

double sc_time_stamp() {{ return 0; }}

namespace {{
void put(uint64_t value, int words) {{ std::fwrite(&value, 4, words, stdout); }}
void put(const uint32_t* value, int words) {{ std::fwrite(value, 4, words, stdout); }}

void clock(Vtrainer& top) {{
    top.clk = 1;
    top.eval();
    top.clk = 0;
    top.eval();
}}

void tell(Vtrainer& top, uint64_t now) {{
    std::fwrite(&now, sizeof now, 1, stdout);
{outputs}
    std::fflush(stdout);
}}
}}  // namespace

int main(int count, char** values) {{
    VerilatedContext context;
    Vtrainer top{{&context}};
    if (count != 3) return 1;
    const bool every = !std::strcmp(values[1], "every");
    FILE* probe = std::fopen(values[2], "wb");
    if (!probe) return 1;
    top.rst = 1;
    top.clk = 0;
    top.eval();
    clock(top);
    clock(top);
    top.rst = 0;
    {row}
    for (uint64_t now = 0; std::fread(row, sizeof row, 1, stdin) == 1;) {{
{inputs}
        top.eval();
{keep}
        if (top.start) {{
            clock(top);
        }} else {{
            do {{
                if (every) std::fwrite(&top.probe, 4, {words}, probe);
                clock(top);
                ++now;
            }} while (now < row[0] && !({differs}));
        }}
        std::fflush(probe);
        tell(top, now);
    }}
    if (!every) std::fwrite(&top.probe, 4, {words}, probe);
    return std::fclose(probe);
}}
"""
