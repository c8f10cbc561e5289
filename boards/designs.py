"""What a config is built as: the top of its bitstream, and what a build says of it."""

from __future__ import annotations

from abc import ABC, abstractmethod

from boards.catalogue import Board
from boards.estimate import require_memory
from boards.plant_pins import assign
from boards.plant_top import PlantTop, at_clock, check_ways, pins_of
from boards.top import Top
from hdl.trainers import check_gateware
from spec import identity as of_networks
from spec.config import Config
from spec.external import identity as of_plants
from spec.external.config import AnyConfig, ExternalConfig
from spec.external.timing import ExternalTiming
from spec.timing import Timing


class Design(ABC):
    """A config as a build sees it.

    Attributes
    ----------
    name, digest : str
        For files: a name, and what tells two configs apart.
    identity : int
        128 bits by which a host knows the gateware.
    """

    name: str
    digest: str
    identity: int

    @abstractmethod
    def top(self, board: Board) -> Top:
        """Return the top of the bitstream."""

    @abstractmethod
    def clocks_per_step(self, board: Board) -> int:
        """Return the clocks of a step with a baseline evaluation."""

    def require(self, board: Board) -> None:
        """Raise an InputError if a board is known to be too small."""
        return

    def pins(self, board: Board) -> dict[str, list[str]]:
        """Return the board's pins that are for a plant, by the members that lead to it."""
        return {}


class OfNetwork(Design):
    """A network of ours."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self.name, self.digest = config.task.name, of_networks.config_digest(config)
        self.identity = of_networks.identity(config)

    def top(self, board: Board) -> Top:
        """Return the top of the bitstream."""
        return Top(self._config, board)

    def clocks_per_step(self, board: Board) -> int:
        """Return the clocks of a step with a baseline evaluation."""
        return Timing.of(self._config).step()

    def require(self, board: Board) -> None:
        """Raise an InputError if there is no gateware, or a board is known to be too small."""
        check_gateware(self._config)
        require_memory(self._config, board)


class OfPlant(Design):
    """An optimizer for an external plant, which takes no time of its own."""

    def __init__(self, config: ExternalConfig) -> None:
        self._config = config
        self.name, self.digest = "plant", of_plants.config_digest(config)
        self.identity = of_plants.identity(config)

    def top(self, board: Board) -> Top:
        """Return the top of the bitstream."""
        return PlantTop(self._config, board)

    def require(self, board: Board) -> None:
        """Raise an InputError if a board has too few pins."""
        self.pins(board)

    def pins(self, board: Board) -> dict[str, list[str]]:
        """Return the board's pins that are for the plant, by the members that lead to it."""
        check_ways(self._config)
        pins = pins_of(at_clock(self._config, board))
        places = assign(board.platform(), board, pins)
        return {name: [" ".join(place) for place in chosen] for name, chosen in places.items()}

    def clocks_per_step(self, board: Board) -> int:
        """Return the clocks of a step with a baseline evaluation."""
        return ExternalTiming.of_external(at_clock(self._config, board)).step()


def design_of(config: AnyConfig) -> Design:
    """Return a config as a build sees it."""
    return OfPlant(config) if isinstance(config, ExternalConfig) else OfNetwork(config)
