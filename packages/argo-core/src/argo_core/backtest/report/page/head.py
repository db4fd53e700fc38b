"""The top of the page: what was run on what, the warnings, and the figures that matter most."""

from argo_core.backtest.bars.plan import RULES_VERSION
from argo_core.backtest.report.cautions import cautions
from argo_core.backtest.report.page.html import Html, el, join
from argo_core.backtest.report.report import Report
from argo_core.backtest.report.words import count, day, dollars, interval, span, title, value
from argo_core.backtest.statistics.statistic import Statistic, Unit

CARDS = (
    "total_return",
    "cagr",
    "volatility",
    "sharpe",
    "sortino",
    "max_drawdown",
    "longest_under_water",
    "calmar",
    "probabilistic_sharpe",
    "deflated_sharpe",
    "hit_rate",
    "profit_factor",
    "expectancy",
    "mean_r",
    "turnover",
    "exposure",
    "implementation_shortfall",
    "fees",
)
"""Statistics that have a card, in their order, where they were computed."""

_SIGNED = frozenset({"total_return", "cagr", "sharpe", "sortino", "expectancy", "mean_r", "calmar"})


def header(report: Report) -> Html:
    """Strategy, data, range and the hashes that name them."""
    run, panel = report.backtest, report.backtest.panel
    first, last = day(panel.session[0]), day(panel.session[-1])
    facts = (
        f"{panel.name} · {count(len(panel.symbols), 'symbol')} · {count(panel.rows, 'row')} of "
        f"{span(panel.bar_s)} · {count(panel.bars, 'bar')} · {first} to {last} · "
        f"{dollars(run.plan.capital)}"
    )
    chips = [el("li", el("b", name), text) for name, text in sorted(run.parameters.items())]
    hashes = (
        ("Data SHA-256", panel.sha256),
        ("Request SHA-256", run.request_sha256),
        ("Result SHA-256", run.result_sha256),
        ("Versions", ", ".join((f"rules {RULES_VERSION}", *_versions(report)))),
    )
    told = (part for name, text in hashes for part in (el("dt", name), el("dd", text)))
    return el(
        "header",
        el(
            "div",
            el("p", "Backtest", class_="kicker"),
            el("h1", run.strategy),
            el("p", facts, class_="lead"),
            el("ul", *chips, class_="chips", aria_label="Parameters") if chips else None,
            el("dl", *told, class_="hashes"),
        ),
    )


def warnings(report: Report) -> Html:
    """Everything that speaks against the result, before the result."""
    told = (el("li", one.text, class_=None if one.grave else "light") for one in cautions(report))
    return el("section", el("h2", "Before you believe it"), el("ul", *told), class_="cautions")


def cards(report: Report) -> Html:
    """The key figures; each opens to its definition, its source and its count."""
    by_name = {one.name: one for one in report.statistics}
    return el(
        "div", *(_card(by_name[name], report) for name in CARDS if name in by_name), class_="cards"
    )


def meaning(one: Statistic) -> str:
    """What a statistic is, in a sentence or two."""
    return f"{one.definition}. Source: {one.source}. n = {one.n:,}."


def _versions(report: Report) -> list[str]:
    return [f"{name} {version}" for name, version in report.versions.items()]


def _card(one: Statistic, report: Report) -> Html:
    tone = None
    if one.value is not None and one.name in _SIGNED and one.value != 0:
        tone = "good" if one.value > 0 else "bad"
    under = (one.reason or (f"95%: {interval(one)}" if interval(one) else ""), _beside(one, report))
    return el(
        "details",
        el(
            "summary",
            el("span", title(one.name), el("i", f"n {one.n:,}"), class_="name"),
            el("span", value(one), class_=f"value {tone}" if tone else "value"),
            *(el("span", told, class_="under") for told in under if told),
            title=meaning(one),
        ),
        el("div", meaning(one), class_="more"),
        class_="card",
    )


def _beside(one: Statistic, report: Report) -> str:
    """The same figure of the first benchmark."""
    for benchmark in report.benchmarks[:1]:
        for other in benchmark.statistics:
            if other.name == one.name and other.value is not None and one.unit is not Unit.DOLLARS:
                return f"{benchmark.name}: {value(other)}"
    return ""


def title_of(report: Report) -> str:
    """The page's title."""
    return f"{report.backtest.strategy} on {report.backtest.panel.name}"


def top(report: Report) -> Html:
    """Warnings, then figures."""
    return join(warnings(report), cards(report))
