"""Everything that was ever said, the newest first, with its filter in the address."""

from aiohttp import web
from attrs import frozen
from yarl import URL

from alpine_service.api.asking import principal
from alpine_service.api.keys import PLATFORM, SIGNALS
from alpine_service.domain.signals.asked import Asked
from alpine_service.domain.signals.visibility import audience_of
from alpine_service.pages.board.row import row_of
from alpine_service.pages.page import show

_PAGE = 50
_FULL_BP, _PERCENT_BP = 10_000, 100
_LARGEST_INDEX = 2**53 - 1
_DIRECTIONS, _RESULTS = ("BUY", "SELL", "HOLD"), ("target", "stop", "expired", "void")


@frozen
class Filter:
    """What is asked for, as the form has it; empty asks for nothing."""

    symbol: str = ""
    direction: str = ""
    strategy: str = ""
    result: str = ""
    confidence: str = ""

    def asked(self) -> Asked:
        least = min(_FULL_BP, int(self.confidence) * _PERCENT_BP) if self.confidence else None
        return Asked(
            symbol=self.symbol or None,
            direction=self.direction or None,
            strategy=self.strategy or None,
            result=self.result or None,
            min_confidence_bp=least,
        )

    def url(self, before: int | None) -> str:
        values = {
            "symbol": self.symbol,
            "direction": self.direction,
            "strategy": self.strategy,
            "result": self.result,
            "confidence": self.confidence,
            "before": "" if before is None else str(before),
        }
        query = {name: value for name, value in values.items() if value}
        return str(URL("/signals/record").with_query(query))


def _filter(request: web.Request) -> Filter:
    given = request.query

    def choice(name: str, choices: tuple[str, ...]) -> str:
        return given.get(name, "") if given.get(name, "") in choices else ""

    def word(name: str, most: int) -> str:
        text = given.get(name, "").strip()
        return text[:most] if text.isascii() and text.isprintable() else ""

    confidence = given.get("confidence", "")
    return Filter(
        symbol=word("symbol", 16).upper(),
        direction=choice("direction", _DIRECTIONS),
        strategy=word("strategy", 128),
        result=choice("result", _RESULTS),
        confidence=str(int(confidence)) if _is_number(confidence, 3) else "",
    )


def _is_number(text: str, digits: int) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= digits


async def record(request: web.Request) -> web.Response:
    has, chosen = principal(request).entitlement, _filter(request)
    before = request.query.get("before", "")
    # No index of the log has more digits.
    below = int(before) if _is_number(before, len(str(_LARGEST_INDEX)) - 1) else None
    page = await request.app[SIGNALS].page(chosen.asked(), audience_of(has), below, _PAGE)
    strategies = await request.app[SIGNALS].strategies()
    now = request.app[PLATFORM].clock.now()
    return await show(
        request,
        "board/record.html",
        rows=[row_of(each, (), now) for each in page.signals],
        older=None if page.next is None else chosen.url(page.next),
        newest=chosen.url(None) if below is not None else None,
        chosen=chosen,
        is_filtered=chosen != Filter(),
        strategy_choices=[("", "All"), *((each.strategy, each.strategy) for each in strategies)],
    )
