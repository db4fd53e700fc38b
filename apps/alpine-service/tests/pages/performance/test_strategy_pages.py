"""A strategy's page says what it registered, and what became of it."""

from hashlib import sha256

import orjson

from alpine_service.testing.members import strategy_members
from alpine_service.testing.pages.record_site import RecordSite
from alpine_service.testing.stored_signals import a_signal


async def test_a_registration_is_in_words(record: RecordSite) -> None:
    await record.register("alpha", "delayed", reveal_after_s=900, weight_news="0.75")
    words = await record.words("/strategies/alpha")
    assert (
        "committed to the log sealed as soon as it is decided, and revealed to everybody" in words
    )
    assert "15 min later." in words
    assert "Registered 2026-03-02 12:00:00 UTC #12" in words
    assert "Entries in the log numbered without a gap 34" in words
    assert "Horizon how long a signal stands 1 h" in words
    assert "Threshold of confidence below it a signal is a HOLD 60 %" in words
    assert "Rule for outcomes first-touch-1" in words
    assert "Universe 3 symbols AAPL BTC/USD MSFT" in words
    # The largest weight is first; its bar is half of the line, as the weights' sum is 1.5.
    assert "News 0.75 10 min 5 min news-1" in words
    html = await record.html("/strategies/alpha")
    assert html.index("News") < html.index("Mood")
    assert '<rect class="fill-accent" width="50.0"' in html


async def test_hashes_can_be_compared(record: RecordSite) -> None:
    await record.register("alpha")
    words = await record.words("/strategies/alpha")
    members = strategy_members()
    for name in ("config_sha256", "code_sha256", "models_sha256"):
        assert str(members[name]) in words
    assert sha256(orjson.dumps(members)).hexdigest() in words


async def test_a_retired_strategy_says_when(record: RecordSite) -> None:
    await record.register("omega", retired_index=1_234)
    words = await record.words("/strategies/omega")
    assert "omega Each signal is in the log, readable, as soon as it is decided. retired" in words
    assert "Retired its record stays #1 234" in words
    assert "omega retired open at once" in await record.words("/strategies")


async def test_before_its_first_outcome_a_strategy_has_no_line(record: RecordSite) -> None:
    await record.register("alpha")
    await record.keep([a_signal(1)])
    words = await record.words("/strategies/alpha")
    assert "Nothing is resolved yet" in words
    assert "Counted signals 0 0 resolved Hit rate – " in words


async def test_it_leads_to_its_signals_and_its_figures(record: RecordSite) -> None:
    await record.register("a.b-c_1")
    html = await record.html("/strategies/a.b-c_1")
    for path in (
        "/signals/record?strategy=a.b-c_1",
        "/performance?strategy=a.b-c_1",
        "/v1/strategies/a.b-c_1",
    ):
        assert f'href="{path}"' in html


async def test_numbers_beyond_all_reason_are_shown_as_they_stand(record: RecordSite) -> None:
    long = "9" * 200
    await record.register("alpha", weight_news=long, beat_s=long, quorum=long, universe="A " * 500)
    words = await record.words("/strategies/alpha")
    assert words.count(long) >= 3
    assert "460 more" in words
