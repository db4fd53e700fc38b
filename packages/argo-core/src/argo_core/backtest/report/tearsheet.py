"""A report as one HTML page that can be mailed, kept and printed."""

from argo_core.backtest.report.page import details, head, pictures, trade_list
from argo_core.backtest.report.page.html import Html, el, join
from argo_core.backtest.report.page.months import heat_map
from argo_core.backtest.report.page.style import STYLE
from argo_core.backtest.report.report import Report

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""The Content-Security-Policy that the page asks for itself, and works under."""


def tearsheet(report: Report, *, most_trades: int = 20, symbols: int = 3) -> str:
    """The page of `report`: no script, nothing from elsewhere; the same report, the same bytes.

    At most `most_trades` are listed, the first and the last, and as many as `symbols` are drawn
    with their trades.

    Raises:
        InvalidInput: matplotlib is not installed.
    """
    body = join(
        head.header(report),
        el(
            "main",
            head.top(report),
            pictures.money(report),
            heat_map(report),
            pictures.shapes(report),
            el("div", details.falls(report), details.endings(report), class_="three"),
            pictures.on_prices(report, symbols),
            pictures.reliable(report),
            trade_list.listed(report, most_trades),
            details.statistics(report),
            details.taken_for_granted(report),
            details.findings(report),
        ),
        el(
            "footer",
            "A backtest shows what would have been, under the assumptions above. "
            "It promises nothing.",
        ),
    )
    return f"<!DOCTYPE html>\n{el('html', _head(report), el('body', body), lang='en')}\n"


def _head(report: Report) -> Html:
    return el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=POLICY),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("meta", name="referrer", content="no-referrer"),
        el("title", head.title_of(report)),
        el("style", Html(STYLE)),
    )
