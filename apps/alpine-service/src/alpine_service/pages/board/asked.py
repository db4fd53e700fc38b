"""What a reader wants to see of the board: a filter and an order, both in the page's address."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from attrs import frozen

from alpine_service.pages.board.row import Row

_LONGEST = 32


class Sort(StrEnum):
    """By which column; the newest and the most confident first."""

    AGE = "age"
    SYMBOL = "symbol"
    CONFIDENCE = "confidence"


_BY: dict[Sort, Any] = {
    Sort.AGE: lambda row: (-row.decided_us, row.symbol),
    Sort.SYMBOL: lambda row: (row.symbol, -row.decided_us),
    Sort.CONFIDENCE: lambda row: (-row.size_bp, row.symbol),
}


@frozen
class BoardAsked:
    """What is empty asks for nothing; `symbol` is the beginning of one."""

    symbol: str = ""
    direction: str = ""
    strategy: str = ""
    sort: Sort = Sort.AGE

    def of(self, rows: Iterable[Row]) -> list[Row]:
        """The rows that fit, in the order that is asked for."""
        fitting = (
            row
            for row in rows
            if row.symbol.startswith(self.symbol)
            and self.direction in ("", row.direction)
            and self.strategy in ("", row.strategy)
        )
        return sorted(fitting, key=_BY[self.sort])


def asked_of(query: dict[str, str]) -> BoardAsked:
    """What an address asks for; what cannot be meant asks for nothing, as for any page."""

    def word(name: str) -> str:
        return query.get(name, "").strip()[:_LONGEST]

    sort = query.get("sort", "")
    return BoardAsked(
        symbol=word("symbol").upper(),
        direction=word("direction").upper() if word("direction").isascii() else "",
        strategy=query.get("strategy", "")[:128],
        sort=Sort(sort) if sort in {each.value for each in Sort} else Sort.AGE,
    )
