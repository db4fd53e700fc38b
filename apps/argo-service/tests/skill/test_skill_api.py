"""`GET /api/v1/skill`, on a real log that an engine writes."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from argo_service.api.openapi import openapi
from argo_service.api.routes import OPERATIONS
from argo_service.api_keys import Scope

Conforming = Callable[[Any, dict[str, Any], dict[str, Any]], list[str]]


async def get(station: Any, query: str = "", status: int = 200) -> dict[str, Any]:
    response = await station.client.get(f"/api/v1/skill{query}")
    body: dict[str, Any] = await response.json(content_type=None)
    assert response.status == status, body
    return body


async def judge(station: Any) -> None:
    """AAPL is bought and rises, BRK.B is sold and rises too, until the hour is over."""
    await station.cycle()
    for price in ("100.10", "100.20"):
        for symbol in ("AAPL", "BRK.B"):
            station.quotes.price(symbol, price)
        await station.cycle()
    await station.cycle(3_700)


async def test_before_anything_is_judged_that_is_said(station: Any) -> None:
    body = await get(station)
    assert body["strategies"] == ["test"]
    assert body["told"]["signals"] == 0
    assert body["told"]["skill"]["cells"] == []
    assert body["read"] == body["log"]["size"] == 1


async def test_sources_are_judged_by_what_the_price_did(station: Any) -> None:
    await judge(station)
    told = (await get(station))["told"]
    assert told["signals"] == 2
    cells = {one["source"]: one for one in told["skill"]["cells"] if one["regime"] is None}
    assert set(cells) == {"massive", "alpha_vantage", "grok", "sonar", "*consensus*"}
    for one in cells.values():
        assert (one["horizon_s"], one["opinions"], one["horizons"]) == (3_600, 2, 2)
        assert (one["base_rate"], one["hits"]["hits"], one["hits"]["n"]) == (1.0, 1, 2)
        # .95 and .05, and the price rose both times.
        assert one["raw"]["brier"]["value"] == pytest.approx((0.05**2 + 0.95**2) / 2)
    names = [(one["name"], one["source"]) for one in told["skill"]["shadows"]]
    assert names[:3] == [("configured", None), ("equal", None), ("adaptive", None)]
    assert [source for _, source in names[3:]] == ["alpha_vantage", "grok", "massive", "sonar"]
    assert told["skill"]["known_asks"] == 0
    assert "does not say which bypassed the gate" in told["notes"][0]


async def test_the_answer_is_what_the_description_says(
    station: Any, conforming: Conforming
) -> None:
    await judge(station)
    document = openapi(OPERATIONS)
    described = document["paths"]["/api/v1/skill"]["get"]["responses"]["200"]
    schema = described["content"]["application/json"]["schema"]
    assert conforming(await get(station), schema, document["components"]["schemas"]) == []
    assert json.dumps(document)


@pytest.mark.parametrize("query", ["?strategy=other", "?strategi=test", "?strategy=a&strategy=b"])
async def test_what_is_not_there_is_refused(station: Any, query: str) -> None:
    body = await get(station, query, 400)
    assert body["field"] in {"strategy", "strategi"}
    assert (await get(station, "?strategy=test"))["told"]["strategy"] == "test"


async def test_it_takes_a_key_that_may_read(station: Any) -> None:
    now = station.clock.now()
    add = station.keys.add
    _, text = await asyncio.to_thread(add, "one", frozenset({Scope.READ}), now, None)
    _, other = await asyncio.to_thread(add, "two", frozenset({Scope.TRADING}), now, None)
    await station.keyring.refresh()
    statuses = []
    for headers in ({}, {"Authorization": f"Bearer {text}"}, {"Authorization": f"Bearer {other}"}):
        response = await station.client.get("/api/v1/skill", headers=headers)
        statuses.append(response.status)
    assert statuses == [401, 200, 403]
