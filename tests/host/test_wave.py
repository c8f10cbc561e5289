"""`mgd wave`: what is drawn is what the gateware did, in the units of the loop."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.lines import Line2D

from host import files, picture
from host.wave import command as wave
from model.number.fixed import Ints
from model.traces import trace_of
from model.trainer import Trainer
from sim.simulators import Simulator
from spec import derive
from spec.config import Config
from spec.phase import Phase
from tests.conftest import EXAMPLES, need
from tests.host.conftest import read_json, run
from tests.planted import plant, verilog

PAGE = EXAMPLES.parent / "docs" / "waves.md"

STEPS = 24

TABLES = """
[task]
name = "xor"
order = "random"
[network]
layers = {layers}
[formats]
theta = "Q2.6"
cost_bits = 10
bus_bits = 5
gradient_bits = 12
[training]
amplitude = -3
"""
CASES = {
    "drained": "tau_x = 3\ntau_p = 2\ntau_theta = 4\ncheck_every = 5\n",
    "schedule": "[[training.schedule]]\nstep = 5\ntau_x = 4\n",
    "antithetic": 'estimator = "antithetic"\n',
    "analog": 'loop = "analog"\nperturbation = "fm"\ntau_x = 5\ntau_theta = 4\ntau_hp = 4\n',
    "overlapped": 'update_delay = "auto"\ncheck_every = 7\ntau_x = 2\ntau_theta = 3\n',
    "two rails": 'update_delay = "auto"\n[build]\nrails = 2\naccumulate = false\n',
    "folded": 'tau_x = 2\n[build]\nengine = "folded"\nlanes = 2\naccumulate = false\n',
}
LAYERS = {"drained": [2, 2, 1], "folded": [2, 2, 1]}
"""One neuron, where it is not said."""

LAGS: dict[str, tuple[int, int, int]] = dict.fromkeys(
    ("drained", "schedule", "antithetic", "analog"), (1, 1, 1)
)
LAGS |= {"overlapped": (1, 3, 4), "two rails": (1, 2, 3)}
"""Clocks from τ_x, τ_p and τ_θ to what is seen of them in the first layer."""

Lines = dict[str, tuple[Ints, np.ndarray]]


def write(case: str) -> Config:
    """Write own.toml; return what of it is recorded."""
    layers = LAYERS.get(case, [2, 1])
    Path("own.toml").write_text(TABLES.format(layers=layers) + CASES[case])
    return wave.longer(files.load_config("own.toml"), STEPS)


def link(folder: Path, builds: Path) -> None:
    """Keep builds with those of other tests."""
    builds.mkdir(parents=True, exist_ok=True)
    (folder / "build").mkdir()
    (folder / "build" / "sim").symlink_to(builds)


@pytest.fixture
def beside(folder: Path, builds: Path) -> Path:
    """The current folder, with the builds of other tests."""
    link(folder, builds)
    return folder


def record(*words: str) -> dict[str, Any]:
    """Record own.toml; return the JSON."""
    more = ["--simulator", "icarus", "--steps", str(STEPS), "--json", "o.json"]
    assert run("wave", "own.toml", *more, *words) == 0
    return read_json(Path("o.json"))


@dataclass(frozen=True)
class Recorded:
    """What one command made: its JSON, the lines of its picture, and the ends of their scales."""

    case: str
    config: Config
    cells: tuple[int, ...]
    found: dict[str, Any]
    drawn: Lines
    limits: dict[str, tuple[float, float]]

    @property
    def clocks(self) -> Ints:
        return np.arange(self.found["start"], self.found["end"] + 1)

    @cached_property
    def golden(self) -> dict[str, Ints]:
        return golden(self.config, self.found["end"] + 1)

    @cached_property
    def lines(self) -> Lines:
        """The signals of the JSON, by their full names."""
        return {
            f"{signal['name']}_{signal['place']}".removesuffix("_None"):
            (signal["clocks"], signal["values"]) for signal in self.found["signals"]
        }  # fmt: skip


@pytest.fixture(scope="module", params=CASES)
def recorded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, builds: Path
) -> Recorded:
    """Each case, recorded once for all tests."""
    need(Simulator.ICARUS)
    drawn: Lines = {}
    limits: dict[str, tuple[float, float]] = {}
    to_bytes, folder = picture.drawn, tmp_path_factory.mktemp("wave")
    link(folder, builds)

    def draw(figure: Any, path: Path) -> bytes:
        for line in figure.findobj(Line2D):
            if line.get_gid():  # or it is of an axis
                drawn[line.get_gid()] = line.get_data()
                limits[line.get_gid()] = line.axes.get_ylim()
        return to_bytes(figure, path)

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(picture, "drawn", draw)
        config = write(request.param)
        cells = (0, 3, 8) if config.parameters == 9 else (0, 2)
        found = record("--cells", ",".join(map(str, cells)))
    return Recorded(request.param, config, cells, found, drawn, limits)


def golden(config: Config, clocks: int) -> dict[str, Ints]:
    """What the golden model's trace has in the first clocks, each of shape (clocks, count)."""
    found: list[dict[str, Ints]] = []
    for chunk in trace_of(config).chunks():
        found.append(chunk)
        if sum(len(part["step"]) for part in found) >= clocks:
            break
    return {name: np.concatenate([part[name] for part in found])[:clocks] for name in found[0]}


def in_each_clock(line: tuple[Ints, np.ndarray], clocks: Ints) -> np.ndarray:
    """The value of a line in some clocks."""
    changed, values = line
    return np.array(values)[np.searchsorted(changed, clocks, side="right") - 1]


def units(case: Recorded) -> dict[str, np.ndarray]:
    """What each signal is by its definition, in every clock from the run's first one on."""
    config, trace = case.config, case.golden
    sample = trace["sample"][:, 0]
    x, t = np.array(config.data.x)[sample], np.array(config.data.t)[sample]
    found = {"x_0": x[:, 0], "x_1": x[:, 1], "t_0": t[:, 0] / 2**8}
    finer = config.training.tau_hp if config.training.analog else 1
    cost = {"C": 2**10, "C0": 2**10, "C_tilde": finer * 2**10, "u": 2**6}
    found |= {name: trace[name][:, 0] / unit for name, unit in cost.items()}
    if config.training.analog:
        del found["C0"]
    if case.case == "folded":
        return found
    for k in case.cells:
        found[f"theta_{k}"] = trace["theta"][:, k] / 2**6
        if config.build.accumulate:
            found[f"G_{k}"] = trace["G"][:, k] / 2**6
        if not config.training.analog:
            found[f"theta_tilde_{k}"] = np.where(trace["perturbation"][:, k], 0.125, -0.125)
    return found


def test_the_numbers_are_those_of_the_golden_model(recorded: Recorded) -> None:
    """In every clock; but for what is looked at below."""
    found, lines, expected = recorded.found, recorded.lines, units(recorded)
    others = {"theta_tilde"} if recorded.case == "analog" else {"theta_tilde", "theta"}
    if recorded.case not in ("analog", "folded"):
        others = set()
    assert set(lines) == set(expected) | {f"{name}_{k}" for name in others for k in recorded.cells}
    for name, values in expected.items():
        shown = in_each_clock(lines[name], recorded.clocks)
        assert shown.tolist() == values[recorded.clocks].tolist(), name
    phases = in_each_clock(tuple(found["phases"].values()), recorded.clocks)
    golden_phases = recorded.golden["phase"][recorded.clocks, 0]
    assert phases.tolist() == [Phase(phase).name for phase in golden_phases]
    assert [found[name] for name in ("simulator", "steps")] == ["icarus", STEPS]


def test_the_scale_of_u(recorded: Recorded) -> None:
    """That of C̃ times η/Δθ, which here is 2^(-2 + 3); half of it where C̃ spans two Δθ."""
    training = recorded.config.training
    divisor = training.tau_theta if training.analog else 1 + training.antithetic
    c_tilde, u = (np.array(recorded.limits[name]) for name in ("C_tilde", "u"))
    assert np.allclose(u, c_tilde * 2 / divisor)
    assert c_tilde[1] == -c_tilde[0] >= np.abs(recorded.lines["C_tilde"][1]).max() > 0
    assert u[1] >= np.abs(recorded.lines["u"][1][1:]).max() > 0


def test_the_picture_has_the_same_lines(recorded: Recorded) -> None:
    """And no other."""
    assert set(recorded.drawn) == set(recorded.lines)
    for name, (clocks, values) in recorded.lines.items():
        drawn_clocks, drawn_values = recorded.drawn[name]
        assert drawn_clocks.tolist() == [*clocks, recorded.found["end"]]
        assert drawn_values.tolist() == [*values, values[-1]]


@pytest.mark.parametrize("recorded", ["folded"], indirect=True)
def test_a_word_of_a_folded_engine(recorded: Recorded) -> None:
    """θ and θ̃ are those with which each step evaluates, once they are written."""
    trainer, ends = Trainer(recorded.config, [1]), iter(recorded.found["step_clocks"][1:])
    phases = (phase for phase in trainer.phases() if phase is Phase.PERTURBED)
    for _, end in zip(range(STEPS), ends, strict=True):
        next(phases)
        last = np.array([end - 1])
        for k in recorded.cells:
            theta = in_each_clock(recorded.lines[f"theta_{k}"], last)
            assert theta.tolist() == [trainer.cells.theta[0, k] / 2**6]
            tilde = in_each_clock(recorded.lines[f"theta_tilde_{k}"], last)
            assert tilde.tolist() == [trainer.code.theta_tilde[0, k] / 2**3]


@pytest.mark.parametrize("recorded", ["analog"], indirect=True)
def test_sines(recorded: Recorded) -> None:
    """θ̃ is √2·Δθ·sin of the phase that the cell holds, within an LSB of a weight."""
    period = 1 << derive.perturbation(recorded.config).bits
    for k in recorded.cells:
        held = recorded.golden["perturbation"][recorded.clocks, k]
        sine = -np.sqrt(2) / 8 * np.sin(2 * np.pi * (held + 0.5) / period)
        shown = in_each_clock(recorded.lines[f"theta_tilde_{k}"], recorded.clocks)
        assert np.abs(shown - sine).max() < 2**-6
        assert np.abs(shown).max() > 0.15


@pytest.mark.parametrize("recorded", LAGS, indirect=True)
def test_strobes_are_where_things_change(recorded: Recorded) -> None:
    """Each in its step; and what changes does so behind a strobe, never otherwise."""
    config, began = recorded.config, recorded.found["step_clocks"]
    cells = slice(0, 3)  # of the first neuron
    seen = {
        "tau_x": recorded.golden["sample"],
        "tau_p": recorded.golden["perturbation"][:, cells],
        "tau_theta": recorded.golden["theta"][:, cells],
    }
    delay = config.update_delay
    for lag, (name, values) in zip(LAGS[recorded.case], seen.items(), strict=True):
        ticks = recorded.found["strobes"][name]
        moved = np.flatnonzero((values[1:] != values[:-1]).any(axis=1)) + 1
        moved = moved[moved > ticks[0]].tolist()
        assert moved
        if not (delay and name == "tau_p"):  # there the line goes on while steps drain
            assert {clock - lag for clock in moved} <= set(ticks), name
        if not (delay and name == "tau_theta"):  # there it is D steps late
            steps = [int(np.searchsorted(began, tick, "right")) - 1 for tick in ticks]
            assert steps == due(recorded.case, name, config)


def due(case: str, name: str, config: Config) -> list[int]:
    """The steps in which something is due: every τ steps."""
    if case == "schedule" and name == "tau_x":  # from step 5 on, every fourth one
        return [0, 1, 2, 3, 4, 5, 9, 13, 17, 21]
    if name == "tau_theta":
        tau = 1 if config.training.analog else config.training.tau_theta
        return list(range(tau, STEPS + 1, tau))
    return list(range(0, STEPS, getattr(config.training, name)))


def test_gateware_that_differs(
    beside: Path,
    icarus: Simulator,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nothing is drawn; the waveform of the mismatch is kept."""
    config, copy = write("schedule"), beside / "planted"
    copy.mkdir()
    right = "saturating.subtract(m, theta, G)"
    plant(copy, "optimizer/rule/integrate.py", right, "(theta + G).saturate(theta.shape())")
    source = verilog(copy, "hdl.trainers", lambda copied: copied.trainer_of(config, probe=True))
    monkeypatch.setattr(wave.lockstep.simulators, "to_verilog", lambda _: source)
    words = ["--simulator", "icarus", "--steps", "3", "-o", "w.svg", "--vcd", "w.vcd"]
    assert run("wave", "own.toml", *words) == 1
    assert "the lockstep broke; its last clocks: build/mismatch-icarus.vcd" in (
        capsys.readouterr().out
    )
    assert (beside / "build" / "mismatch-icarus.vcd").stat().st_size
    assert not list(beside.glob("w.*"))


def test_the_dump(beside: Path, icarus: Simulator) -> None:
    """All cells are in it; a file beside it shows those that are asked for."""
    write("schedule")
    found = record("--vcd", "w.vcd", "--cells", "1", "--seed", "7")
    assert found["config"]["training"]["seed"] == 7
    text, shown = (beside / "w.vcd").read_text(), (beside / "w.gtkw").read_text()
    for name in ("theta_2", "theta_tilde_2", "G_2", "u"):
        assert re.search(rf"\$var real 64 \S+ {name} \$end", text)
    assert re.search(r"\$var string 64 \S+ phase \$end", text)
    assert "sBASELINE" in text
    assert shown.startswith('[dumpfile] "w.vcd"\n')
    traces = re.findall(r"^(?:mgd|probe)\.\S+$", shown, re.MULTILINE)
    assert traces == [
        "probe.phase", "probe.step", "mgd.x_0", "mgd.x_1", "mgd.t_0", "mgd.C", "mgd.C0",
        "mgd.C_tilde", "mgd.u", "mgd.theta_tilde_1", "mgd.G_1", "mgd.theta_1",
    ]  # fmt: skip
    assert (beside / "build" / "wave-own.svg").read_bytes().startswith(b"<?xml")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--cells", "9"], "--cells: 9: the cells are 0 to 8"),
        (["--cells", "1,1"], "such as 0,3,8, each once"),
        (["--cells", ""], "such as 0,3,8, each once"),
        (["--cells", "0,a"], "such as 0,3,8, each once"),
        (["--cells", ",".join(map(str, range(13)))], "must be up to 12 numbers of cells"),
        (["--steps", "0"], "must be a whole number of at least 1"),
        (["--steps", "999999"], "--steps: 999,999: of this config, at most 50,"),
        (["--steps", "999999999999"], "--steps: 999,999,999,999: of this config, at most 50,"),
        (["-o", "w.jpg"], "w.jpg: must end in one of .png, .svg, .pdf"),
        (["-o", "no/w.svg"], "no/w.svg: cannot be written: there is no folder no"),
        (["--vcd", "w.txt"], "w.txt: must end in one of .vcd"),
        (["--vcd", "no/w.vcd"], "no/w.vcd: cannot be written: there is no folder no"),
        (["--json", "same.svg", "-o", "same.svg"], "another output of this command goes there"),
        (["--seed", "4294967296"], "training.seed"),
    ],
)
def test_what_cannot_be_had(
    words: list[str], said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("wave", "xor", *words) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert said in printed.err
    assert list(folder.iterdir()) == []


def test_what_a_plant_cannot_have(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--simulator", "icarus"], ["--data", "x.csv"], ["--cells", "9"]):
        assert run("wave", "mesh-9", *words) == 2
        assert capsys.readouterr().err.startswith(f"mgd wave: {words[0]}")
    assert list(folder.iterdir()) == []


@pytest.mark.pages
def test_the_page_counts_the_clocks_of_a_step(beside: Path, icarus: Simulator) -> None:
    assert run("wave", "xor-fast", "--simulator", icarus.value, "--json", "o.json") == 0
    found = read_json(beside / "o.json")
    said = {"C": 18, "C_tilde": 19, "u": 21, "theta": 23}
    text = "C is there after {C} clocks, C̃ after {C_tilde} and u after {u}; θ moves after {theta},"
    assert text.format(**said) in PAGE.read_text().replace("\n", " ")
    begin = found["step_clocks"][0]
    for name, clocks in said.items():
        first = next(s for s in found["signals"] if s["name"] == name)
        assert min(k for k in first["clocks"] if k > begin + 2) == begin + clocks, name
