"""A recording for a viewer of waveforms: the dump, and which of its signals are shown, and how."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from vcd.gtkw import GTKWFlag, GTKWSave

from host.wave.signals import Line, Subject, lines
from sim import vcd
from sim.waves import Recording

UNITS, RAW = "mgd", "probe"
"""Scopes: signals in their units; the probe's integers as they are."""

ANALOG = ("C", "C0", "C_tilde", "u", "theta_tilde", "G", "theta")
"""What is drawn as a curve, each kind a group."""


def dump(
    subject: Subject, recording: Recording, cells: Sequence[int], path: Path
) -> dict[Path, bytes]:
    """Return a dump with all that the probe has, and beside it a file for GTKWave that opens it.

    Parameters
    ----------
    subject : Subject
    recording : Recording
    cells : sequence of int
        Those that GTKWave shows. All are in the dump, but for a folded engine, whose lanes are.
    path : Path
        Of the dump; the other one ends in .gtkw.
    """
    known = cells if subject.folded else range(subject.config.parameters)
    found = lines(subject, recording, known)
    signals = [
        vcd.Signal(UNITS, line.full_name, "real", line.clocks, line.values.tolist())
        for line in found
    ]
    raw = vcd.probe_signals(recording, RAW)
    text = vcd.dump([*signals, *raw], recording.clock)
    shown = [line for line in found if line.name not in ("theta_tilde", "G", "theta")]
    shown += [line for line in found if line not in shown and line.place in cells]
    return {
        path: text.encode(),
        path.with_suffix(".gtkw"): _save_file(path.name, shown).encode(),
    }


def _save_file(name: str, shown: Sequence[Line]) -> str:
    """Return what GTKWave is to show of the dump beside it: phases as text, others as curves."""
    text = io.StringIO()
    save = GTKWSave(text)
    save.dumpfile(name, abspath=False)
    save.trace(f"{RAW}.phase", datafmt="ascii")
    save.trace(f"{RAW}.step", datafmt="signed")
    for line in shown:
        if line.name not in ANALOG:
            save.trace(f"{UNITS}.{line.full_name}", datafmt="real")
    for kind in ANALOG:
        for line in shown:
            if line.name == kind:
                flags = GTKWFlag.analog_step | GTKWFlag.analog_fullscale
                save.trace(f"{UNITS}.{line.full_name}", datafmt="real", extraflags=flags)
                save.blank(analog_extend=True)
    return text.getvalue()
