"""Pictures of boards have every panel, and what is drawn can be read."""

from collections.abc import Mapping
from typing import Any

import pytest
from monitoring.catalogue import BOARDS
from monitoring.panels import Board
from monitoring.picture import Series, Window, page, said

each_board = pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)


class Told(Window):
    """Knows of two series what it is told."""

    def series(self, panel: Mapping[str, Any]) -> list[Series]:
        return [Series("<one>", [(-3.0, 1.0), (0.0, 0.0)]), Series("two", [(0.0, 1.0)])]


class Silent(Window):
    """Knows of nothing."""

    def series(self, panel: Mapping[str, Any]) -> list[Series]:
        return []


@each_board
def test_every_panel_is_drawn_and_no_name_is_markup(board: Board) -> None:
    drawn = page(board, Told("", 0.0, 60.0))
    panels = [each for each in board.read()["panels"] if each["type"] != "row"]
    assert drawn.count("<section") == len(panels)
    assert "<one>" not in drawn
    assert "class=none" not in drawn


@each_board
def test_what_has_no_data_says_so(board: Board) -> None:
    drawn = page(board, Silent("", 0.0, 60.0))
    assert drawn.count("class=none") == drawn.count("<section")


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (0.0421, "s", "42.1 ms"),
        (90.5, "s", "90.5 s"),
        (2**21, "bytes", "2 MiB"),
        (0.125, "percentunit", "12.5%"),
        (4.8, "reqps", "4.8/s"),
        (1_234.0, "short", "1,234"),
        (1.2345, "short", "1.23"),
    ],
)
def test_values_are_said_as_people_read_them(value: float, unit: str, words: str) -> None:
    assert said(value, unit) == words
