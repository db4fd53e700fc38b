"""The routes of the board."""

from attrs import evolve

from alpine_service.api.route import SIGNED_IN
from alpine_service.pages.board import board, record
from alpine_service.pages.page import page

ROUTES = (
    page("/signals", board.board, "The signal board", SIGNED_IN),
    evolve(
        page("/signals/rows", board.rows, "Rows of a board that is open", SIGNED_IN),
        gives="application/json",
    ),
    page("/signals/record", record.record, "All signals, the newest first", SIGNED_IN),
)
