"""The page of what the signals were worth, and the file that all of it follows from."""

from aiohttp import web

from alpine_service.api.keys import PLATFORM, TRACK_RECORD
from alpine_service.api.route import ANYBODY, Route
from alpine_service.errors import NotThere
from alpine_service.pages.keys import FIGURES
from alpine_service.pages.page import page, show
from alpine_service.pages.performance.equity import CSV_PATH, equity_chart
from alpine_service.pages.performance.months import NAMES, months_of
from alpine_service.pages.performance.reliability import reliability_chart
from alpine_service.pages.performance.rows import choices_of, rows_of, strategy_path
from alpine_service.pages.performance.sources import sources_of
from alpine_service.pages.performance.tiles import beside, tiles_of

_CSV = "text/csv; charset=utf-8"


async def performance(request: web.Request) -> web.Response:
    looked = await request.app[FIGURES].look(request.app)
    name = request.query.get("strategy", "")
    if name and name not in {each.strategy for each in looked.strategies}:
        raise NotThere("strategy")
    figures = looked.of(name) if name else looked.overall
    return await show(
        request,
        "performance/performance.html",
        strategy=name,
        strategy_path=strategy_path(name) if name else "",
        choices=choices_of(looked.strategies),
        has_any=figures.record.counted > 0,
        tiles=tiles_of(figures),
        beside=beside(figures),
        equity=equity_chart(figures.record),
        month_names=NAMES,
        years=months_of(figures.record.years),
        reliability=reliability_chart(figures.record.reliability),
        sources=sources_of(figures.record.sources),
        rows=() if name else rows_of(looked),
    )


async def performance_csv(request: web.Request) -> web.StreamResponse:
    """Written as it is read, so that no more than a part of it is ever in memory."""
    lines = request.app[TRACK_RECORD].csv()
    # Asked before anything is answered, so that a database that is away is said as ever.
    begin = await anext(lines) + await anext(lines, b"")
    today = request.app[PLATFORM].clock.now().date()
    response = web.StreamResponse(
        headers={
            "Content-Type": _CSV,
            "Content-Disposition": f'attachment; filename="alpine-record-{today}.csv"',
            "Cache-Control": "public, no-cache",
        }
    )
    await response.prepare(request)
    try:
        await response.write(begin)
        async for chunk in lines:
            await response.write(chunk)
        await response.write_eof()
    except BaseException:
        # A file that ends early must not look like one that is whole.
        if request.transport is not None:
            request.transport.abort()
        raise
    return response


ROUTES = (
    page("/performance", performance, "What the signals were worth", ANYBODY),
    Route(
        "GET",
        CSV_PATH,
        performance_csv,
        "All that counts, as a table",
        "Pages",
        ANYBODY,
        _CSV,
        any_origin=True,
        is_page=True,
    ),
)
