"""A device with the plant at its pins, on its bus; and what faults of it do to the scenarios."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hdl.external import device as gateware
from host.external.device import ExternalDevice
from sim.simulators import Simulator, to_verilog
from spec.external.config import ExternalConfig
from tests.bus import CLOCK_HZ, Bus, Refused
from tests.conftest import need
from tests.host.external.device.plant import PlantBoard
from tests.planted import plant, verilog

Scenario = Callable[[ExternalDevice, Bus], None]


@contextmanager
def simulated(config: ExternalConfig, builds: Path) -> Iterator[Bus]:
    """Give the bus of a device of a config."""
    need(Simulator.ICARUS)
    source = to_verilog(PlantBoard(gateware.ExternalDevice(config, CLOCK_HZ)))
    with Bus(source, builds) as bus:
        yield bus


def failing(
    config: ExternalConfig,
    scenarios: Sequence[Scenario],
    fault: tuple[str, str, str],
    folder: Path,
) -> str | None:
    """Return the first scenario that does not come out as it must, with a fault.

    Parameters
    ----------
    config : ExternalConfig
    scenarios : sequence of callable
    fault : tuple of str
        A file of `hdl`, what stands there, and what stands there instead.
    folder : Path
    """
    plant(folder, *fault)
    source = verilog(
        folder,
        "hdl.external.device",
        lambda copy: PlantBoard(copy.ExternalDevice(config, CLOCK_HZ)),
    )
    with Bus(source, folder) as bus:
        device = ExternalDevice(bus, config)
        for scenario in scenarios:
            try:
                scenario(device, bus)
            except (AssertionError, Refused, TimeoutError):
                return scenario.__name__
    return None
