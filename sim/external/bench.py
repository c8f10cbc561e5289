"""The bench around an optimizer for an external plant: it runs until something happens at its pins.

It reads commands: until which clock to run, and the inputs, 64 bits each. Those are applied in the
clock that it has reached. It goes on until one of the watched outputs changes, or to that clock;
then it writes the clock and all outputs, in 32-bit words, the lowest first. It dumps the packed
probe too: in every clock after `start`, if it is asked, else once, when there are no more commands.
"""

from __future__ import annotations

from dataclasses import dataclass

from amaranth.lib.wiring import Out

from hdl.external.trainer import ExternalTrainer
from spec.external.registers import registers

RESULTS = ("busy", "done", "solved", "checked", "step", "cost_sum", "timeouts", "unasked")
"""Outputs that are no pins."""


@dataclass(frozen=True)
class ExternalBench:
    """What a bench must know of a trainer.

    Parameters
    ----------
    inputs, outputs : tuple of (str, int)
        Names and widths.
    watched : tuple of str
        Outputs at whose changes it stops.
    probe_bits : int
    """

    inputs: tuple[tuple[str, int], ...]
    outputs: tuple[tuple[str, int], ...]
    watched: tuple[str, ...]
    probe_bits: int

    @classmethod
    def of(cls, trainer: ExternalTrainer) -> ExternalBench:
        """Return the bench of a trainer with a probe."""
        pins = trainer.exchange.pins
        sent = [name for name, member in pins.items() if member.flow is Out]
        heard = [name for name, member in pins.items() if member.flow is not Out]
        given = [
            "start",
            "stop",
            *(register.name for register in registers(trainer.config)),
            *heard,
        ]

        def sized(names: list[str]) -> tuple[tuple[str, int], ...]:
            members = trainer.signature.members
            return tuple((name, _bits(members[name].shape)) for name in names)

        # All weights at once may change long before an evaluation needs them.
        watched = [name for name in sent if name != "theta"]
        return cls(
            sized(given),
            sized([*RESULTS, "sample", *sent]),
            ("done", "checked", "timeouts", *watched),
            _bits(trainer.signature.members["probe"].shape),
        )

    @property
    def probe_words(self) -> int:
        """32-bit words of the probe in a record."""
        return -(-self.probe_bits // 32)

    @property
    def output_words(self) -> tuple[tuple[str, int], ...]:
        """Outputs, and the 32-bit words of each."""
        return tuple((name, -(-width // 32)) for name, width in self.outputs)

    def cpp(self) -> str:
        """For Verilator, without VPI."""
        wide = dict(self.outputs)

        def value(name: str) -> str:
            return f"top.{name}" if wide[name] <= 64 else f"top.{name}.data()"

        return CPP.format(
            count=1 + len(self.inputs),
            inputs="\n".join(
                f"        top.{name} = row[{k}];" for k, (name, _) in enumerate(self.inputs, 1)
            ),
            outputs="\n".join(
                f"    put({value(name)}, {words});" for name, words in self.output_words
            ),
            keep="\n".join(f"        const auto {name}_was = top.{name};" for name in self.watched),
            differs=" || ".join(f"top.{name} != {name}_was" for name in self.watched),
            words=self.probe_words,
        )


def _bits(shape: object) -> int:
    from amaranth.hdl import Shape

    return Shape.cast(shape).width  # type: ignore[arg-type]


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
    uint64_t row[{count}];
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
