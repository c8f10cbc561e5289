"""What configs have in common: an optimizer, whatever it trains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, Self

if TYPE_CHECKING:
    from spec.config import Build, Formats, Hardware
    from spec.training import Training


class Trained(Protocol):
    """A config as the optimizer sees it: of our network, or of an external plant."""

    @property
    def formats(self) -> Formats:
        """Return [formats]."""
        ...

    @property
    def training(self) -> Training:
        """Return [training]."""
        ...

    @property
    def hardware(self) -> Hardware:
        """Return [hardware]."""
        ...

    @property
    def build(self) -> Build:
        """Return [build]."""
        ...

    @property
    def parameters(self) -> int:
        """Return P, the number of synapse cells."""
        ...

    @property
    def samples(self) -> int:
        """Return how many samples training has, all of which a check evaluates."""
        ...

    @property
    def perturbed(self) -> int:
        """Return how many of them a periodic code tells apart."""
        ...

    @property
    def layer_shapes(self) -> tuple[tuple[int, int], ...]:
        """Return (blocks, cells of a block) of each group of cells."""
        ...

    @property
    def update_delay(self) -> int:
        """Return D, in steps."""
        ...

    def with_training(self, **values: Any) -> Self:
        """Copy the config with other keys of [training], checked again."""
        ...

    def to_dict(self) -> dict[str, dict[str, Any]]:
        """Return the tables as plain values, as a TOML file would give them."""
        ...
