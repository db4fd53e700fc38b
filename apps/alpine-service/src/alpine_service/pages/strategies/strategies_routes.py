"""All strategies, and one as it was registered with what became of it."""

from aiohttp import web
from yarl import URL

from alpine_service.api.keys import SIGNALS
from alpine_service.api.route import ANYBODY
from alpine_service.pages.keys import FIGURES
from alpine_service.pages.page import page, show
from alpine_service.pages.performance.equity import equity_chart
from alpine_service.pages.performance.rows import rows_of, strategy_path
from alpine_service.pages.performance.tiles import tiles_of
from alpine_service.pages.strategies.registration import registration_of

# What of a long universe is in sight before it is opened.
SHOWN_SYMBOLS = 40


async def strategies(request: web.Request) -> web.Response:
    looked = await request.app[FIGURES].look(request.app)
    found = [registration_of(each) for each in looked.strategies]
    rows = {row.name: row for row in rows_of(looked)}
    return await show(
        request,
        "strategies/strategies.html",
        strategies=[(each, rows[each.name], strategy_path(each.name)) for each in found],
    )


async def strategy(request: web.Request) -> web.Response:
    found = await request.app[SIGNALS].strategy(request.match_info["name"])
    figures = (await request.app[FIGURES].look(request.app)).of(found.strategy)
    return await show(
        request,
        "strategies/strategy.html",
        it=registration_of(found),
        has_any=figures.record.counted > 0,
        tiles=tiles_of(figures),
        equity=equity_chart(figures.record),
        record_path=_with(found.strategy, "/signals/record"),
        performance_path=_with(found.strategy, "/performance"),
        json_path=str(URL.build(path=f"/v1/strategies/{found.strategy}")),
        shown_symbols=SHOWN_SYMBOLS,
    )


def _with(name: str, path: str) -> str:
    return str(URL(path).with_query(strategy=name))


ROUTES = (
    page("/strategies", strategies, "All strategies", ANYBODY),
    page("/strategies/{name}", strategy, "One strategy", ANYBODY),
)
