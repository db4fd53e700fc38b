"""`GET /api/v1/signals` and `/api/v1/signals/{symbol}`, on a real log."""

import hashlib
from typing import Any

import pytest


async def get(station: Any, path: str, status: int = 200) -> dict[str, Any]:
    response = await station.client.get(path)
    body: dict[str, Any] = await response.json(content_type=None)
    assert response.status == status, body
    return body


async def test_published_signals_are_listed_newest_first_with_their_hashes(station: Any) -> None:
    await station.cycle()
    body = await get(station, "/api/v1/signals")
    assert [each["symbol"] for each in body["signals"]] == ["BRK.B", "AAPL"]
    assert body["next"] is None
    assert body["log"]["size"] == 3
    for each in body["signals"]:
        (logged,) = await station.log.entries(each["index"], each["index"] + 1)
        assert each["signal_sha256"] == hashlib.sha256(logged.data).hexdigest()
        assert each["leaf_hash"] == hashlib.sha256(b"\x00" + logged.data).hexdigest()


async def test_a_signal_explains_itself(station: Any) -> None:
    await station.cycle()
    (signal,) = (await get(station, "/api/v1/signals?symbol=AAPL"))["signals"]
    assert signal["direction"] == "BUY"
    assert signal["confidence"] == 90.0
    assert sum(each["phi_bp"] for each in signal["contributions"]) == signal["confidence_bp"]
    assert signal["entry"] == "100.00"
    assert signal["decided_at"].endswith("Z")
    assert "BUY AAPL" in signal["reasoning"]


async def test_a_models_words_stand_beside_the_record_once_they_have_come(station: Any) -> None:
    await station.cycle()
    (signal,) = (await get(station, "/api/v1/signals?symbol=AAPL"))["signals"]
    assert (signal["prose"], signal["prose_source"]) == (None, None)
    station.prose[signal["id"]] = ("Two of four sources lift it.", "grok")
    (written,) = (await get(station, "/api/v1/signals?symbol=AAPL"))["signals"]
    assert (written["prose"], written["prose_source"]) == ("Two of four sources lift it.", "grok")
    assert {**written, "prose": None, "prose_source": None} == signal
    body = await get(station, "/api/v1/signals/AAPL")
    assert body["latest"]["prose"] == body["history"][0]["prose"] == written["prose"]
    (other,) = (await get(station, "/api/v1/signals?symbol=BRK.B"))["signals"]
    assert other["prose"] is None


@pytest.mark.parametrize(
    ("query", "symbols"),
    [
        ("symbol=AAPL", ["AAPL"]),
        ("symbol=BTC/USD", []),
        ("direction=SELL", ["BRK.B"]),
        ("min_confidence=90", ["BRK.B", "AAPL"]),
        ("min_confidence=90.01", []),
        ("since=2024-11-25T15:00:00Z", ["BRK.B", "AAPL"]),
        ("since=2024-11-25T10:00:06-05:00", []),
        ("until=2024-11-25T15:00:05%2B00:00", []),
        ("until=2024-11-25T15:00:06+00:00", ["BRK.B", "AAPL"]),
        ("limit=1", ["BRK.B"]),
    ],
)
async def test_filters_narrow_the_list(station: Any, query: str, symbols: list[str]) -> None:
    await station.cycle()
    body = await get(station, f"/api/v1/signals?{query}")
    assert [each["symbol"] for each in body["signals"]] == symbols


async def test_pages_hold_every_signal_once(station: Any) -> None:
    for turn in range(5):
        station.say("AAPL", 0.8 + turn / 50)
        # Past the longest refresh age, every source is asked anew.
        await station.cycle(301)
    whole = (await get(station, "/api/v1/signals?limit=500"))["signals"]
    assert len(whole) >= 6
    path, seen = "/api/v1/signals?limit=2", []
    while path:
        response = await station.client.get(path)
        body = await response.json()
        seen += body["signals"]
        link = response.links.get("next")
        assert (link is None) == (body["next"] is None)
        path = link["url"].path_qs if link else ""
    assert seen == whole


async def test_a_full_page_at_the_largest_size_still_knows_whether_more_follows(
    station: Any,
) -> None:
    await station.cycle()
    assert (await get(station, "/api/v1/signals?limit=500"))["next"] is None


async def test_a_cursor_is_good_for_its_own_question_only(station: Any) -> None:
    await station.cycle()
    cursor = (await get(station, "/api/v1/signals?limit=1"))["next"]
    assert (await get(station, f"/api/v1/signals?limit=7&cursor={cursor}"))["signals"]
    problem = await get(station, f"/api/v1/signals?symbol=AAPL&cursor={cursor}", 400)
    assert problem["field"] == "cursor"
    assert "other filters" in problem["detail"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("symbol=aapl", "symbol"),
        ("symbol=", "symbol"),
        ("direction=buy", "direction"),
        ("min_confidence=101", "min_confidence"),
        ("min_confidence=-1", "min_confidence"),
        ("min_confidence=NaN", "min_confidence"),
        ("min_confidence=Infinity", "min_confidence"),
        ("min_confidence=1e99999999999", "min_confidence"),
        ("min_confidence=80.123", "min_confidence"),
        ("min_confidence=high", "min_confidence"),
        ("since=yesterday", "since"),
        ("since=2024-11-25T15:00:00", "since"),
        ("until=0000-01-01T00:00:00Z", "until"),
        ("since=0001-01-01T00:00:00%2B14:00", "since"),
        ("since=2024-11-25T15:00:00Z&until=2024-11-25T14:00:00Z", "since"),
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=1e2", "limit"),
        ("limit=%D9%A1", "limit"),
        ("cursor=abc", "cursor"),
        ("cursor=WzEsMl0", "cursor"),
        ("cursor=WzEsIngiXQ", "cursor"),
        ("cursor=eyJhIjoxfQ", "cursor"),
        ("cursor=%F0%9F%98%80", "cursor"),
        ("limits=5", "limits"),
        ("limit=5&limit=6", "limit"),
        (f"symbol={'A' * 300}", "symbol"),
    ],
)
async def test_each_malformed_parameter_is_refused_by_name(
    station: Any, query: str, field: str
) -> None:
    problem = await get(station, f"/api/v1/signals?{query}", 400)
    assert problem["field"] == field
    assert problem["fix"]
    assert problem["type"] == "/docs#problem-invalid-input"


async def test_a_misspelt_parameter_is_told_the_right_one(station: Any) -> None:
    problem = await get(station, "/api/v1/signals?min_confidance=80", 400)
    assert problem["fix"] == "did you mean min_confidence?"


async def test_one_symbol_shows_latest_history_price_and_view(station: Any) -> None:
    await station.cycle()
    body = await get(station, "/api/v1/signals/AAPL")
    assert body["latest"]["direction"] == "BUY"
    assert body["history"] == [body["latest"]]
    assert body["quote"]["price"] == "100.00"
    assert body["view"]["outcome"] == "signal"
    assert body["view"]["why"] == []
    shares = body["view"]["contributions"]
    assert sum(each["phi_bp"] for each in shares) == body["view"]["confidence_bp"]


@pytest.mark.parametrize("spelling", ["BTC/USD", "BTC%2FUSD"])
async def test_a_hold_says_what_would_have_made_a_signal(station: Any, spelling: str) -> None:
    await station.cycle()
    body = await get(station, f"/api/v1/signals/{spelling}")
    assert body["symbol"] == "BTC/USD"
    assert body["latest"] is None
    assert body["view"]["direction"] == "HOLD"
    assert body["view"]["reason"] == "weak"
    assert any("would have made it a BUY" in each for each in body["view"]["why"])


async def test_before_the_first_cycle_a_symbol_has_nothing_but_its_name(station: Any) -> None:
    body = await get(station, "/api/v1/signals/AAPL")
    assert body["latest"] is None
    assert body["view"] is None
    assert body["quote"] is None


async def test_an_unknown_symbol_is_not_there(station: Any) -> None:
    problem = await get(station, "/api/v1/signals/MSFT", 404)
    assert problem["type"] == "/docs#problem-not-there"


async def test_a_malformed_symbol_in_the_path_is_refused(station: Any) -> None:
    assert (await get(station, "/api/v1/signals/msft", 400))["field"] == "symbol"


async def test_history_is_paged_and_filtered_like_the_list(station: Any) -> None:
    await station.cycle()
    station.say("AAPL", -0.9)
    await station.cycle(301)
    body = await get(station, "/api/v1/signals/AAPL?direction=BUY")
    assert body["latest"]["direction"] == "SELL"
    assert [each["direction"] for each in body["history"]] == ["BUY"]
    first = await get(station, "/api/v1/signals/AAPL?limit=1")
    then = await get(station, f"/api/v1/signals/AAPL?limit=1&cursor={first['next']}")
    assert first["history"][0]["index"] > then["history"][0]["index"]
