"""The probe has room for every value of the loop."""

from collections.abc import Callable

import pytest

from spec.config import Config
from spec.phase import Phase
from spec.probe import fields, width
from spec.registers import UNSOLVABLE
from spec.tasks import MAX_SAMPLES


@pytest.mark.parametrize("bits", [2, 3, 8])
def test_fields_hold_their_values(xor: Callable[..., Config], bits: int) -> None:
    config = xor(
        task={"name": "parity", "bits": bits},
        network={"layers": [bits, 5, 1]},
        formats={"theta": "Q3.8", "bus_bits": 7, "gradient_bits": 13},
    )
    listed = {field.name: field for field in fields(config)}
    assert len(listed) == len(fields(config))
    assert width(config) == sum(field.width * field.count for field in listed.values())
    largest = {
        "phase": max(Phase),
        "step": 2**32 - 1,
        "sample": len(config.data) - 1,
        "correct": max(MAX_SAMPLES, UNSOLVABLE),
        "C": 2**config.formats.cost_bits,  # of PLAN: outputs and targets from 0 to 1
        "C0": 2**config.formats.cost_bits,
        "cost_sum": len(config.data) * 2**config.formats.cost_bits,
        "solved": 1,
        "perturbation": 1,
    }
    for name, value in largest.items():
        assert not listed[name].signed
        assert value < 1 << listed[name].width
    signed = {
        "C_tilde": listed["C"].width + 1,  # a difference of two costs
        "u": 7,
        "theta": 11,
        "G": 13,
    }
    assert {name: field.width for name, field in listed.items() if field.signed} == signed
    assert listed.keys() == largest.keys() | signed.keys()
    cells = {name for name, field in listed.items() if field.count != 1}
    assert cells == {"theta", "G", "perturbation"}
    assert {listed[name].count for name in cells} == {config.parameters}


def test_wider_with_an_analog_loop_and_noise(xor: Callable[..., Config]) -> None:
    """Guard bits for the high-pass, a sign for costs, phases instead of bits."""
    plain = {field.name: field for field in fields(xor())}
    config = xor(
        training={"loop": "analog", "tau_x": 3, "tau_hp": 16, "perturbation": "fm_square"},
        hardware={"cost_noise": 0.1},
    )
    found = {field.name: field for field in fields(config)}
    for name in ("C", "C0"):
        assert found[name].width == plain[name].width + 1
        assert found[name].signed
    assert found["C_tilde"].width == plain["C_tilde"].width + 1 + 4
    assert found["perturbation"].width == 6
