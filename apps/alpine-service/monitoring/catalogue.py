"""All boards."""

from typing import Final

from monitoring.boards import accounts, api, delivery, ingest, service
from monitoring.panels import Board

BOARDS: Final[tuple[Board, ...]] = (
    ingest.BOARD,
    delivery.BOARD,
    api.BOARD,
    accounts.BOARD,
    service.BOARD,
)
