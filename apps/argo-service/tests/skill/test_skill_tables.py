"""Skill drawn for people: what is undefined, explored asks, and prices that there are not."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO

from rich.console import Console

from argo_core.consensus.opinion import GROK, MASSIVE, SourceName
from argo_core.consensus.regime import Regime
from argo_core.market.instrument import Symbol
from argo_core.signals.skill.judged import Judged
from argo_core.signals.skill.price import Spent
from argo_core.signals.skill.skill import skill_of
from argo_service.cli.skill_tables import draw_skill
from argo_service.skill.told import ToldSkill

MONDAY = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


def judged(source: SourceName, strength: float, hour: int, horizon_s: int = 3_600) -> Judged:
    at = MONDAY + timedelta(hours=hour)
    symbol = Symbol("AAPL")
    return Judged(source, symbol, horizon_s, Regime.CHOP, strength, True, at, explored=hour == 0)


def drawn(*opinions: Judged) -> str:
    spent = {GROK: Spent(Decimal("0.75"), MONDAY)}
    told = ToldSkill("alpha", 1, 2, 3, 4, 0, skill_of(opinions, spent=spent), ("that is all",))
    text = StringIO()
    draw_skill(Console(file=text, width=200), told, curves=True)
    return text.getvalue()


def test_explored_asks_have_a_table_of_their_own() -> None:
    said = drawn(judged(GROK, 0.5, 0), judged(GROK, 0.5, 1), judged(MASSIVE, 0.5, 1))
    table = said.partition("asks that bypassed the gate")[2].partition("weights")[0]
    assert "grok" in table
    assert "massive" not in table


def test_what_is_undefined_is_a_dash_and_has_no_interval() -> None:
    said = drawn(judged(GROK, 0.0, 1, horizon_s=90))
    (row,) = (line for line in said.splitlines() if line.startswith("grok") and "all" in line)
    # Who holds hits nothing, and where all prices rise there is no skill to tell.
    assert row.split()[1:] == [
        "90",
        "s",
        "all",
        "1",
        "1",
        "100.0%",
        "-",
        "0.2500",
        "0.2500",
        "-",
        "0.6931",
    ]


def test_without_skill_there_is_no_price_and_that_is_said() -> None:
    said = drawn(judged(GROK, -0.5, 0))
    assert "0.75" in said
    assert "it was no better than the base rate" in said
    assert "alpha: 1 signals judged, 4 waiting, 2 without a price, 3 ended where they began" in said
    assert "That is all." in said
