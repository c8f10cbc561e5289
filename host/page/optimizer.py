"""What a page says of the optimizer: number formats, the loop and its keys."""

from __future__ import annotations

from host.page.blocks import Block, Cell, Section, Table
from spec import derive
from spec.numbers import Format
from spec.trained import Trained
from spec.training import Loop, Perturbation

MEANINGS = {
    "loop": "how C̃ and G come about",
    "perturbation": "how the cells perturb themselves",
    "estimator": "what C̃ is the difference of",
    "cost": "of an evaluation",
    "amplitude": "log2 Δθ",
    "eta": "log2 η",
    "tau_p": "τ_p, steps between perturbations",
    "tau_x": "τ_x, steps between samples",
    "tau_theta": "τ_θ, steps between updates; of the leak in the analog loop",
    "tau_hp": "time constant of the high-pass, in steps; analog loop only",
    "momentum": "m: an update leaves G − G/2^m; 0 leaves nothing",
    "update_delay": "D, steps between a step and the use of its u; 0 without overlap",
    "steps": "of a run, at most",
    "seed": "of the first run",
    "init": "log2 of the largest initial θ, for all layers or each",
    "check_every": "steps between checks",
    "patience": "checks without less cost in validation until a run ends; 0: no matter",
    "solved_accuracy": "solved: at least this fraction correct; −1: no goal",
    "solved_cost": "solved: at most this mean cost; −1: no goal",
    "schedule": "changes, by step",
}
"""Of the keys of [training]."""

KINDS = {
    Perturbation.RCM: "random code: a fresh ±Δθ for every cell",
    Perturbation.CM: "Walsh code: ±Δθ, exact after each full period",
    Perturbation.TM: "time multiplexing: one cell after the other, +Δθ",
    Perturbation.FM: "frequency multiplexing: a sine of its own for every cell",
    Perturbation.FM_SQUARE: "the sign of a sine of its own for every cell: ±Δθ",
    Perturbation.FRESH: "random code, of which no bit was another cell's before",
    Perturbation.TERNARY: "random code: +Δθ, 0 or −Δθ with probability ¼, ½, ¼",
}

LOOPS = {
    Loop.DISCRETE: "C̃ = C − C0; G is summed up, then used",
    Loop.ANALOG: "C̃ is C through a high-pass; G leaks, and is used all the time",
}


def formats(config: Trained) -> Section:
    """Say what numbers there are, and their ranges."""
    training, bits = config.training, config.formats
    signed = {
        "θ, a parameter": derive.theta(config),
        "weight, as the plant has it": derive.weight(config),
        "weight ± Δθ": derive.multiplied(config),
        "u, on the bus": derive.bus(config),
        **({"G, of a cell": derive.gradient(config)} if config.build.accumulate else {}),
    }
    rows: list[list[Cell]] = [_row(name, found) for name, found in signed.items()]
    rows.append(["C, the cost", f"unsigned, {bits.cost_bits} fraction bits", None, None, None])
    rows[-1][-1] = 2.0**-bits.cost_bits
    head = ["number", "format", "lowest", "highest", "LSB"]
    noise = [[name, value] for name, value in vars(config.hardware).items() if value]
    blocks: list[Block] = [Table(head, rows)]
    if noise:
        blocks.append(Table(["made worse on purpose: [hardware]", "σ"], noise))
    delta, eta = 2.0**training.amplitude, training.eta
    said = f"Δθ = 2^{training.amplitude} = {delta:g}"
    if isinstance(eta, int):
        said += f"; η = 2^{eta} = {2.0**eta:g}; η/Δθ = 2^{eta - training.amplitude}, a shift"
    blocks.append(Table((), [["step sizes", said]]))
    return Section("Numbers", blocks)


def _row(name: str, found: Format) -> list[Cell]:
    lsb = 2.0**-found.fraction_bits
    said = f"Q{found.integer_bits}.{found.fraction_bits}, {found.bits} bits"
    return [name, said, found.minimum * lsb, found.maximum * lsb, lsb]


def loop(config: Trained) -> Section:
    """Say how it trains: all keys of [training]."""
    training = config.training
    said = {
        "loop": LOOPS[training.loop],
        "perturbation": KINDS[training.perturbation],
    }
    rows: list[list[Cell]] = []
    for name, value in config.to_dict()["training"].items():
        if name == "schedule":
            continue
        plain = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        rows.append([name, plain, said.get(name, MEANINGS[name])])
    blocks: list[Block] = [Table(["key of [training]", "value", "meaning"], rows)]
    if training.schedule:
        changes = [list(vars(change).values()) for change in training.schedule]
        names = list(vars(training.schedule[0]))
        blocks.append(Table(names, changes, "[[training.schedule]]: values from a step on"))
    return Section("Loop and perturbation", blocks)
