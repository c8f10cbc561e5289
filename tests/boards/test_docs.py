"""docs/boards/ says of every board what the catalogue says."""

import pytest

from boards.catalogue import BOARDS, Board
from tests.conftest import EXAMPLES

FOLDER = EXAMPLES.parent / "docs" / "boards"
PAGES = {"iCE40": "ice40.md", "ECP5": "ecp5.md"}


def rows(page: str) -> dict[str, list[str]]:
    """Cells of the table of boards, by the board's name."""
    table = page.split("\n| board | device")[1].split("\n\n")[0]
    lines = [line.strip("|").split(" | ") for line in table.splitlines()[2:]]
    return {cells[0].strip(" `"): [cell.strip() for cell in cells[1:]] for cells in lines}


def expected(board: Board) -> list[str]:
    def spoken(pin: str) -> str:
        return pin.replace(".", " ")

    pins = board.serial_pins()
    return [
        board.device,
        f"{board.clock_mhz:g}",
        ", ".join(map(spoken, board.lamps)),
        spoken(board.button or "none"),
        f"`{' '.join(board.loader)}`" if board.loader else "no",
        f"{pins['rx']}, {pins['tx']}" if pins else "none",
    ]


@pytest.mark.parametrize("family", PAGES)
def test_every_board_is_there_as_it_is(family: str) -> None:
    found = rows((FOLDER / PAGES[family]).read_text(encoding="utf-8"))
    boards = [board for board in BOARDS if board.family == family]
    assert list(found) == [board.name for board in boards]
    for board in boards:
        assert found[board.name][:-1] == expected(board)
        assert found[board.name][-1] == "built"
    assert "No hardware was attached" in (FOLDER / PAGES[family]).read_text(encoding="utf-8")


def test_a_wrong_pin_is_seen() -> None:
    """The planted fault."""
    page = (FOLDER / PAGES["ECP5"]).read_text(encoding="utf-8").replace("M1, L4", "L4, M1")
    assert rows(page)["ulx3s-25f"][:-1] != expected(
        next(b for b in BOARDS if b.name == "ulx3s-25f")
    )
