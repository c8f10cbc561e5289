"""The Verilog of a trained network computes what the golden network does, sample for sample."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import assume, given, settings

from host import export
from model.number.fixed import Ints
from sim.simulators import Simulator
from spec import derive
from spec.config import Config
from spec.errors import InputError
from tests.configs import perceptron, xor
from tests.strategies import configs

NAME = "net"


def rails(config: Config, seed: int) -> Ints:
    """Draw a θ of any values, with both ends of the format."""
    half = 1 << derive.theta(config).bits - 1
    theta = np.random.default_rng(seed).integers(-half, half, config.parameters)
    theta[0], theta[-1] = half - 1, -half
    return theta


def simulate(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the bench as a user would."""
    files = [f"{NAME}_tb.v", f"{NAME}.v"]
    subprocess.run(["iverilog", "-g2012", "-o", "tb", *files], cwd=folder, check=True)
    return subprocess.run(["vvp", "tb"], cwd=folder, capture_output=True, text=True, check=False)


@settings(max_examples=6)
@given(data=st.data())
def test_any_network_in_its_bench(
    data: st.DataObject, icarus: Simulator, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Of any activations, formats, inputs, also of cells that were shared while it trained."""
    config = data.draw(configs())
    assume(not config.hardware.defects)
    folder = tmp_path_factory.mktemp("net")
    theta = rails(config, data.draw(st.integers(0, 99)))
    export.write(config, theta, folder, NAME)
    done = simulate(folder)
    assert done.stdout.startswith(f"{len(config.data)} samples, 0 wrong")
    assert done.returncode == 0


def test_the_bench_finds_another_weight(icarus: Simulator, tmp_path: Path) -> None:
    """And a pipeline of another length."""
    config = perceptron(2, 2, output="identity", samples=9)
    theta = rails(config, 1)
    export.write(config, theta, tmp_path, NAME)
    bench = (tmp_path / f"{NAME}_tb.v").read_text()
    other = theta.copy()
    other[1] ^= 1 << derive.theta(config).bits - 2
    export.write(config, other, tmp_path, NAME)
    own = (tmp_path / f"{NAME}_tb.v").read_text()
    longer = re.sub(r"number = k \+ 1 - (\d+)", r"number = k - \1", own)
    assert longer != own
    for text in (bench, longer):
        (tmp_path / f"{NAME}_tb.v").write_text(text)
        done = simulate(tmp_path)
        assert done.returncode == 1
        assert re.match(r"9 samples, [1-9]\d* wrong", done.stdout)


def test_what_the_json_says(tmp_path: Path) -> None:
    config = xor()
    theta = rails(config, 2)
    files = export.write(config, theta, tmp_path, NAME)
    assert [file.name for file in files] == [f"{NAME}.v", f"{NAME}_tb.v", f"{NAME}.json"]
    said = json.loads(files[-1].read_text())
    assert said["latency"] == derive.network(config).latency
    assert said["inputs"] == {
        "count": 2, "bits": 1, "signed": False, "binary": True,
        "fraction_bits": 0, "low": -1, "high": 1,
    }  # fmt: skip
    assert (said["outputs"]["low"], said["outputs"]["high"]) == (0, 256)
    source = files[0].read_text()
    assert re.search(rf"^module {NAME}\(", source, re.MULTILINE)
    assert "$readmemh" not in source


def test_defects_are_refused() -> None:
    config = xor(defects=0.1)
    with pytest.raises(InputError, match=r"^hardware\.defects = 0\.1: belong to the device"):
        export.network(config, rails(config, 0))


def test_inputs_of_the_bench_are_samples() -> None:
    config = xor()
    spec = export.spec_of(config)
    assert export.ports(spec, config.data) == [[int(v > 0) for v in row] for row in config.data.x]
