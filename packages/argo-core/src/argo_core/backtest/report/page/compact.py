"""The small form of the page for a notebook's cell: it keeps its style to itself."""

from argo_core.backtest.report.page import head, pictures
from argo_core.backtest.report.page.html import Html, el
from argo_core.backtest.report.page.style import STYLE
from argo_core.backtest.report.report import Report
from argo_core.errors import InvalidInput

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def compact(report: Report) -> str:
    """Warnings, key figures and the chart of equity.

    It stands in a frame of its own, so that neither its style nor its ids touch the notebook, and
    the frame may run nothing. Where matplotlib is missing the chart is left out, and it says so.
    """
    try:
        drawn: Html = pictures.money(report)
    except InvalidInput as absent:
        drawn = el("section", el("p", str(absent), class_="soft"))
    page = el(
        "html",
        el(
            "head",
            el("meta", charset="utf-8"),
            el("meta", http_equiv="Content-Security-Policy", content=_POLICY),
            el("title", head.title_of(report)),
            el("style", Html(STYLE)),
        ),
        el("body", head.header(report), el("main", head.top(report), drawn)),
        lang="en",
    )
    return el(
        "iframe",
        title=head.title_of(report),
        sandbox="",
        srcdoc=f"<!DOCTYPE html>{page}",
        style="width:100%;height:900px;border:0;border-radius:10px",
    )
