"""What the page of figures says of what is in the record."""

import csv
import io
import json
import re
from collections.abc import AsyncIterator
from html import unescape
from typing import Any

import pytest
from aiohttp import ClientError, web
from pytest_aiohttp.plugin import AiohttpClient

from alpine_service.api.keys import TRACK_RECORD
from alpine_service.domain.signals.signal import Disclosure, SignalRecord
from alpine_service.errors import DatabaseAway
from alpine_service.pages.dashboard import build_site
from alpine_service.pages.rendering import Renderer
from alpine_service.testing.fake_platform import Fakes
from alpine_service.testing.pages.record_site import RecordSite
from alpine_service.testing.stored_signals import BEGIN_US, MINUTE_US, a_signal

DAY_US = 86_400_000_000
OPINIONS = {"news": (4_000, 5_000), "alpha_vantage": (1_000, -2_000)}
ODD = "<b onload=x>&\"'%2e?a=#"


def ended(index: int, return_bp: int, day: int, strategy: str = "alpha") -> SignalRecord:
    return a_signal(
        index,
        strategy=strategy,
        result="target" if return_bp > 0 else "stop",
        return_bp=return_bp,
        ended_us=BEGIN_US + day * DAY_US,
        opinions=OPINIONS,
    )


def unrevealed(index: int, strategy: str = "alpha") -> SignalRecord:
    """A commit that was due to be revealed long before the log was last heard."""
    return a_signal(
        index,
        strategy=strategy,
        disclosure=Disclosure.DELAYED,
        audience=None,
        reveal_after_us=BEGIN_US + index * MINUTE_US + MINUTE_US,
    )


async def test_before_anything_is_resolved_the_page_says_so(record: RecordSite) -> None:
    await record.register("alpha")
    await record.keep([a_signal(1)])
    words = await record.words("/performance")
    assert "Nothing is resolved yet" in words
    assert "Counted signals 0 0 resolved Hit rate – nothing counted yet Mean return –" in words
    assert "Sum of returns – of one stake Deepest drawdown –" in words
    assert "alpha – 0 – – – – 0" in words
    assert "%" not in words.partition("Check every number")[0]


async def test_a_record_without_a_strategy_has_a_page(record: RecordSite) -> None:
    assert "Nothing is resolved yet" in await record.words("/performance")
    assert "No strategy is registered yet" in await record.words("/strategies")


async def test_figures_are_of_all_that_counts(record: RecordSite) -> None:
    await record.register("alpha")
    await record.register("omega", retired_index=99)
    await record.keep(
        [ended(1, 200, 0), ended(2, -50, 1), ended(3, 100, 40), ended(4, -150, 41, "omega")]
    )
    words = await record.words("/performance")
    assert "Counted signals 4 4 resolved Hit rate 50.0 % 95 % interval 15.0–85.0 %" in words
    assert "Mean return +0.25 % ± 0.78 % standard error Sum of returns +1.00 %" in words
    assert "Deepest drawdown −1.50 % on 12 Apr 2026 Overdue reveals 0" in words
    assert "From 2 Mar 2026 to 12 Apr 2026 the returns of 4 signals add up to +1.00 %" in words
    assert "2026 – – +1.5 % 2 signals −0.5 % 2 signals – – – – – – – – +1.0 % 4 signals" in words
    assert "Best day 2 Mar 2026 +2.00 %" in words
    assert "Profit factor sum of gains over sum of losses 1.50" in words


async def test_a_retired_strategy_is_among_the_others(record: RecordSite) -> None:
    await record.register("alpha")
    await record.register("omega", retired_index=99)
    await record.keep([ended(1, -150, 0, "omega")])
    words = await record.words("/performance")
    assert "omega retired 1 0.0 % 0.0–79.3 % −1.50 % −1.50 % −1.50 % 0 alpha" in words


async def test_a_commit_that_was_not_revealed_is_a_loss_of_everything(record: RecordSite) -> None:
    await record.register("alpha", "delayed", reveal_after_s=60)
    await record.keep([ended(1, 100, 0)])
    before = await record.words("/performance")
    assert "Overdue reveals 0" in before
    await record.fakes.clock.advance(3_600)
    await record.heard()
    await record.keep([unrevealed(2)])
    words = await record.words("/performance")
    assert "Counted signals 2 1 resolved" in words
    assert "Sum of returns −99.00 %" in words
    assert "Overdue reveals 1 each counted as a loss of all" in words


async def test_one_strategy_has_its_own_figures(record: RecordSite) -> None:
    await record.register("alpha")
    await record.register("beta")
    await record.keep([ended(1, 200, 0), ended(2, -50, 1, "beta")])
    words = await record.words("/performance?strategy=beta")
    assert "What beta was worth" in words
    assert "Counted signals 1 1 resolved Hit rate 0.0 %" in words
    assert "Every strategy there ever was" not in words
    html = await record.html("/performance?strategy=beta")
    assert '<option value="beta" selected>beta</option>' in html
    assert 'href="/strategies/beta"' in html


async def test_a_strategy_that_never_was_is_not_there(record: RecordSite) -> None:
    await record.register("alpha")
    for path in ("/performance?strategy=gone", "/strategies/gone"):
        html = await record.html(path, 404)
        assert "This is not here" in html


async def test_a_strange_name_stays_a_name(record: RecordSite) -> None:
    await record.register(ODD)
    await record.keep([ended(1, 200, 0, ODD)])
    for path in ("/performance", "/strategies"):
        html = await record.html(path)
        assert "<b onload" not in html
        (href,) = set(re.findall(r'href="(/strategies/[^"]+)"', html))
        one = await record.html(unescape(href))
        assert '<h1 class="strategy-name">&lt;b onload=x&gt;&amp;&#34;&#39;%2e?a=#</h1>' in one
        (further,) = re.findall(r'href="(/performance\?strategy=[^"]+)"', one)
        assert "What &lt;b" in await record.html(unescape(further))


async def test_sources_are_judged_by_where_the_price_went(record: RecordSite) -> None:
    await record.register("alpha")
    await record.keep([ended(index, 100, index) for index in range(3)] + [ended(3, -100, 3)])
    words = await record.words("/performance")
    assert "Alpha Vantage 4 25.0 % 4.6–69.9 % 20 %" in words
    assert "News 4 75.0 % 30.1–95.4 % 80 %" in words


async def test_the_file_recomputes_to_the_page_s_figures(record: RecordSite) -> None:
    await record.register("alpha")
    await record.keep([ended(index, (index % 7 - 3) * 31, index // 5) for index in range(1, 700)])
    async with record.client.get("/performance.csv") as response:
        assert response.status == 200
        text = await response.text()
        headers = response.headers
    assert headers["Content-Type"] == "text/csv; charset=utf-8"
    assert re.fullmatch(
        r'attachment; filename="alpine-record-\d{4}-\d\d-\d\d\.csv"', headers["Content-Disposition"]
    )
    assert headers["Access-Control-Allow-Origin"] == "*"
    # It is written as it is read, so its length is not known when it begins.
    assert "Content-Length" not in headers
    rows = list(csv.DictReader(io.StringIO(text)))
    returns = [int(row["return_bp"]) for row in rows]
    hits = sum(each > 0 for each in returns)
    words = await record.words("/performance")
    assert f"Counted signals {len(rows)} " in words
    assert f"Hit rate {100 * hits / len(rows):.1f} %" in words
    total = f"{sum(returns) / 100:+.2f}".replace("-", "−")
    assert f"Sum of returns {total} %" in words
    mean = f"{sum(returns) / len(rows) / 100:+.2f}".replace("-", "−")
    assert f"Mean return {mean} %" in words


async def test_the_picture_and_the_script_s_data_end_at_the_total(record: RecordSite) -> None:
    await record.register("alpha")
    await record.keep([ended(index, 10, index) for index in range(1, 100)])
    html = await record.html("/performance")
    (data,) = re.findall(r'<script type="application/json">(.*?)</script>', html, re.DOTALL)
    equity, falls = (plot["series"][0]["points"] for plot in json.loads(data)["plots"])
    assert equity[-1][1] == 990
    assert {value for _, value in falls} == {0}
    assert "Evenly chosen of 99 rows." in await record.words("/performance")


async def test_figures_are_looked_up_once_for_all_who_look_at_the_same_moment(
    record: RecordSite,
) -> None:
    await record.register("alpha")
    await record.keep([ended(1, 100, 0)])
    first = await record.words("/performance")
    # Nothing tells of this, as would be told of all that comes by the log.
    await record.database.app.execute("UPDATE signals SET return_bp = 900")
    await record.register("beta")
    assert await record.words("/performance") == first
    await record.fakes.clock.advance(2)
    assert "beta" in await record.words("/performance")


@pytest.mark.parametrize("path", ["/performance", "/strategies", "/strategies/alpha"])
async def test_nothing_stands_inline(record: RecordSite, path: str) -> None:
    await record.register("alpha")
    await record.keep([ended(1, 100, 0)])
    html = await record.html(path)
    assert not re.search(r"<[^>]*\s(style|on[a-z]+)=", html)
    scripts = re.findall(r"<script\b[^>]*>", html)
    assert all("src=" in each or 'type="application/json"' in each for each in scripts)


class Breaks:
    """A record whose database goes away while it is read, or before."""

    def __init__(self, whole_chunks: int) -> None:
        self.whole_chunks = whole_chunks

    async def csv(self) -> AsyncIterator[bytes]:
        yield b"signal_index\r\n"
        for _ in range(self.whole_chunks):
            yield b"1\r\n" * 1_000
        raise DatabaseAway("the database", "gone")


@pytest.mark.parametrize("chunks", [1, 3])
async def test_a_file_that_ends_early_does_not_look_whole(
    aiohttp_client: AiohttpClient, made_with: Renderer, chunks: int
) -> None:
    services: dict[web.AppKey[Any], object] = {TRACK_RECORD: Breaks(chunks)}
    client = await aiohttp_client(build_site(Fakes().platform(services=services), made_with))
    with pytest.raises(ClientError):
        async with client.get("/performance.csv") as response:
            await response.read()


async def test_a_database_that_is_away_is_said_before_a_file_begins(
    aiohttp_client: AiohttpClient, made_with: Renderer
) -> None:
    services: dict[web.AppKey[Any], object] = {TRACK_RECORD: Breaks(0)}
    client = await aiohttp_client(build_site(Fakes().platform(services=services), made_with))
    async with client.get("/performance.csv") as response:
        assert response.status == 503


async def test_the_first_page_draws_a_line_already_on_the_first_day(record: RecordSite) -> None:
    await record.register("alpha")
    await record.keep([ended(1, -150, 0)])
    page = await record.html("/")
    line = re.search(r'class="hero-equity" d="([^"]*)"', page)
    assert line is not None
    # From nothing at the beginning of the day to its end.
    assert line[1].startswith("M")
