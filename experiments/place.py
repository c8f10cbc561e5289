"""Where a page has what a command makes: between two markers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from host import writing
from spec.errors import InputError

ROOT = Path(__file__).parents[1]
"""Of the project."""


@dataclass(frozen=True)
class Place:
    """A place on a page.

    Parameters
    ----------
    page : str
        Its path in the project.
    name : str
        Of the place: it is between `<!-- name -->` and `<!-- /name -->`.
    """

    page: str
    name: str

    @property
    def markers(self) -> tuple[str, str]:
        """Where it begins, and where it ends."""
        return f"<!-- {self.name} -->", f"<!-- /{self.name} -->"

    def insert(self, text: str, content: str) -> str:
        """Return a page's text with other content in this place.

        Raises
        ------
        InputError
            If the markers are not there.
        """
        first, last = self.markers
        before, begin, rest = text.partition(first)
        _, end, after = rest.partition(last)
        if not begin or not end:
            raise InputError(f"{self.page}: the markers {first} and {last} are missing")
        return f"{before}{first}\n{content}\n{last}{after}"

    def rendered(self, content: str, root: Path = ROOT) -> str:
        """Return the page with other content, as `insert`.

        Raises
        ------
        InputError
            If there is no such page, or no such place on it.
        """
        path = root / self.page
        if not path.is_file():
            raise InputError(f"{path}: is missing; reports are made in a checkout of the project")
        return self.insert(path.read_text(encoding="utf-8"), content)

    def publish(self, content: str, root: Path = ROOT) -> None:
        """Write the page with other content; as `rendered`."""
        writing.write_text(root / self.page, self.rendered(content, root))

    def require(self, root: Path = ROOT) -> None:
        """Fail before there was work of minutes, and not after it; as `rendered`."""
        self.rendered("", root)


def table(header: Sequence[str], align: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Make the Markdown of a table."""
    return "\n".join(f"| {' | '.join(row)} |" for row in (header, align, *rows))
