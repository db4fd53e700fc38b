"""Which signals are shown to whom: published or not, sealed or revealed, by the key's scopes."""

import hashlib
from base64 import b64decode
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from argo_core.codec.outcome import outcome_entry
from argo_core.codec.signal import read_signal
from argo_core.ledger.commitment import commitment
from argo_core.ledger.entry import decode_entry
from argo_core.ledger.merkle import leaf_hash
from argo_core.ledger.record import Batch
from argo_core.market.moment import from_micros
from argo_core.signals.outcome import Outcome, Price, Result
from argo_core.testing.entries import LOG, signal_batch
from argo_service.api_keys import Scope

WITNESSED = 1_700_000_009


async def listed(desk: Any, header: dict[str, str], query: str = "") -> list[dict[str, Any]]:
    response = await desk.client.get(f"/api/v1/signals{query}", headers=header)
    body = await response.json()
    assert response.status == 200, body
    found: list[dict[str, Any]] = body["signals"]
    return found


async def header_of(desk: Any, scopes: tuple[Scope, ...]) -> dict[str, str]:
    return await desk.key(*scopes) if scopes else {}


# An open door is this machine's alone, and whoever is on it may see all that is published.
KEYS = [
    ((), True),
    ((Scope.READ,), False),
    ((Scope.READ, Scope.REALTIME), True),
    ((Scope.ADMIN,), True),
]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(
    ("shown", "indices", "sealed"),
    [
        # Of an open signal at 0, a commitment at 1, its reveal at 2 and an open signal at 3.
        (1, [0], []),
        (2, [0], [1]),
        (3, [1, 0], []),
        (4, [3, 1, 0], []),
    ],
)
async def test_a_signal_is_seen_once_published_and_while_sealed_by_few(
    desk: Any,
    key: tuple[tuple[Scope, ...], bool],
    shown: int,
    indices: list[int],
    sealed: list[int],
) -> None:
    scopes, sees_sealed = key
    for size in range(1, 5):
        if size in {1, 4}:
            await desk.write(1)
        elif size == 2:
            await desk.commit(0)
        else:
            await desk.reveal(0, index=1, at=1)
        if size == shown:
            await desk.press.publish()
    header = await header_of(desk, scopes)
    found = await listed(desk, header)
    expected = sorted(indices + (sealed if sees_sealed else []), reverse=True)
    assert [one["index"] for one in found] == expected
    by_index = {one["index"]: one for one in found}
    for index in sealed if sees_sealed else []:
        assert by_index[index]["revealed"] is None
    body = await (await desk.client.get("/api/v1/signals/AAPL", headers=header)).json()
    # The last one is another symbol's.
    of_symbol = [index for index in expected if index != 3]
    assert [one["index"] for one in body["history"]] == of_symbol
    assert body["latest"]["index"] == of_symbol[0]
    assert body["log"]["size"] == shown


async def test_a_delayed_signal_shows_what_it_takes_to_check_it(desk: Any) -> None:
    await desk.commit(0)
    await desk.reveal(0, index=0, at=1)
    await desk.press.publish()
    (signal,) = await listed(desk, {})
    (committed, revealed) = await desk.every_entry()
    reveal = decode_entry(revealed)
    body = reveal.text("body").encode()
    assert signal["signal_sha256"] == hashlib.sha256(body).hexdigest()
    assert signal["leaf_hash"] == leaf_hash(committed).hex()
    assert signal["commitment"] == decode_entry(committed).text("commitment")
    assert signal["commitment"] == commitment(bytes.fromhex(reveal.text("nonce")), body)
    assert (signal["index"], signal["revealed"]) == (0, 1)
    assert (signal["strategy"], signal["seq"]) == ("delayed", 0)


async def test_an_open_signal_has_no_commitment_and_reveals_itself(desk: Any) -> None:
    await desk.write(1)
    await desk.press.publish()
    (signal,) = await listed(desk, {})
    assert (signal["commitment"], signal["revealed"]) == (None, 0)


async def test_pages_of_the_lower_tier_have_no_holes_where_sealed_signals_are(desk: Any) -> None:
    await desk.write(3)
    await desk.commit(0, 1, 2)
    await desk.write(3)
    await desk.press.publish()
    header = await desk.key(Scope.READ)
    response = await desk.client.get("/api/v1/signals?limit=4", headers=header)
    body = await response.json()
    assert [one["index"] for one in body["signals"]] == [8, 7, 6, 2]
    response = await desk.client.get(
        f"/api/v1/signals?limit=4&cursor={body['next']}", headers=header
    )
    assert [one["index"] for one in (await response.json())["signals"]] == [1, 0]


async def test_the_last_view_waits_until_its_signal_may_be_seen(desk: Any) -> None:
    await desk.engine.start()
    for source in desk.engine.outside.sources:
        source.say("BTC/USD", 0.9)
    desk.engine.outside.quotes[0].price("BTC/USD", "100.00")
    await desk.clock.advance(5)
    await desk.engine.cycle(wait=True)

    async def shown() -> tuple[bool, bool]:
        body = await (await desk.client.get("/api/v1/signals/BTC/USD")).json()
        return body["latest"] is not None, body["view"] is not None

    assert await shown() == (False, False)
    await desk.press.publish()
    assert await shown() == (True, True)


async def test_of_a_delayed_strategy_only_realtime_readers_see_views(delayed_desk: Any) -> None:
    desk = delayed_desk
    await desk.engine.start()
    for source in desk.engine.outside.sources:
        source.say("BTC/USD", 0.9)
        source.say("AAPL", 0.1)
    for symbol in ("BTC/USD", "AAPL"):
        desk.engine.outside.quotes[0].price(symbol, "100.00")
    await desk.clock.advance(5)
    await desk.engine.cycle(wait=True)
    await desk.press.publish()

    async def views(*scopes: Scope) -> list[bool]:
        header = await desk.key(*scopes)
        paths = [f"/api/v1/signals/{symbol}" for symbol in ("BTC/USD", "AAPL")]
        answers = [await desk.client.get(path, headers=header) for path in paths]
        return [(await one.json())["view"] is not None for one in answers]

    # Were only the view of the symbol with a signal missing, that would tell of the signal.
    assert len(await desk.log.unrevealed()) == 1
    assert await views(Scope.READ) == [False, False]
    assert await views(Scope.READ, Scope.REALTIME) == [True, True]


async def test_while_witnesses_are_awaited_a_signal_is_pending_and_then_cosigned(
    desk: Any,
) -> None:
    await desk.write(1)
    await desk.press.publish()
    (signal,) = await listed(desk, {})
    assert (signal["state"], signal["witnessed_at"]) == ("unwitnessed", None)
    await desk.press.publish(pending=True)
    (signal,) = await listed(desk, {})
    assert (signal["state"], signal["witnessed_at"]) == ("pending", None)
    await desk.press.publish(cosigned_at=WITNESSED)
    await desk.write(1)
    await desk.press.publish(pending=True)
    later, first = await listed(desk, {})
    assert (first["state"], first["witnessed_at"]) == ("cosigned", "2023-11-14T22:13:29.000000Z")
    assert (later["state"], later["witnessed_at"]) == ("pending", None)


async def test_the_checkpoint_is_told_with_every_page(desk: Any) -> None:
    async def log() -> dict[str, Any]:
        body = await (await desk.client.get("/api/v1/signals")).json()
        told: dict[str, Any] = body["log"]
        return told

    empty = hashlib.sha256().hexdigest()
    assert await log() == {"size": 0, "root": empty, "pending": False, "cosigned_by": []}
    await desk.write(2)
    assert (await log())["size"] == 0
    await desk.press.publish(pending=True)
    root = (await desk.log.head()).root.hex()
    assert await log() == {"size": 2, "root": root, "pending": True, "cosigned_by": []}
    await desk.press.publish(cosigned_at=WITNESSED)
    await desk.write(1)
    cosigned = {"size": 2, "root": root, "pending": False, "cosigned_by": ["witness.example"]}
    assert await log() == cosigned


def resolved(result: Result, official_s: int | None) -> Outcome:
    at = from_micros(1_700_000_010_000_000)
    if result is Result.VOID:
        return Outcome(result, None, None, None, 0, timedelta(hours=1), None)

    start, end = Price(at, Decimal("182.31")), Price(at + timedelta(seconds=90), Decimal("185.00"))
    official = None if official_s is None else from_micros(official_s * 1_000_000)
    return Outcome(result, official, start, end, 7, timedelta(seconds=30), 148)


async def resolve(desk: Any, outcome: Outcome) -> None:
    head = await desk.log.head()
    entry = outcome_entry(
        outcome,
        read_signal(signal_batch(0, range(1)).entries[0]),
        index=0,
        log=LOG,
        strategy="alpha",
        seq=head.next_seq["alpha"],
        decided_at=from_micros(1_700_000_200_000_000),
    )
    await desk.log.append(Batch(head.size, (entry,)))


async def test_an_outcome_is_shown_once_its_own_entry_is_published(desk: Any) -> None:
    await desk.write(1)
    await desk.press.publish()
    await resolve(desk, resolved(Result.TARGET, WITNESSED))
    (signal,) = await listed(desk, {})
    assert signal["outcome"] is None
    await desk.press.publish()
    (signal,) = await listed(desk, {})
    assert signal["outcome"] == {
        "index": 1,
        "rule": "first-touch-1",
        "result": "target",
        "return_bp": 148,
        "official_at": "2023-11-14T22:13:29.000000Z",
        "start": "182.31",
        "start_at": "2023-11-14T22:13:30.000000Z",
        "end": "185.00",
        "end_at": "2023-11-14T22:15:00.000000Z",
        "prices": 7,
        "longest_gap_s": 30.0,
    }


async def test_a_void_outcome_has_no_figures(desk: Any) -> None:
    await desk.write(1)
    await resolve(desk, resolved(Result.VOID, None))
    await desk.press.publish()
    (signal,) = await listed(desk, {})
    outcome = signal["outcome"]
    assert outcome["result"] == "void"
    for name in ("return_bp", "official_at", "start", "start_at", "end", "end_at"):
        assert outcome[name] is None


async def pages(desk: Any, header: dict[str, str], query: str) -> list[dict[str, Any]]:
    """Every page from an index to the end."""
    found, place = [], 0
    while True:
        path = f"/api/v1/bodies?from={place}{query}"
        response = await desk.client.get(path, headers=header)
        body = await response.json()
        assert response.status == 200, body
        found.append(body)
        assert body["next"] >= place
        if body["next"] == body["log"]["size"]:
            return found
        assert body["next"] > place
        place = body["next"]


async def test_bodies_open_their_commitments_for_the_top_tier(desk: Any) -> None:
    await desk.write(2)
    await desk.commit(0, 1, 2)
    await desk.reveal(0, index=2, at=3)
    await desk.press.publish()
    await desk.commit(4)
    header = await desk.key(Scope.REALTIME)
    (page,) = await pages(desk, header, "")
    entries = await desk.every_entry()
    # Those revealed since are there too; what is not published yet is not.
    assert [one["index"] for one in page["bodies"]] == [2, 3, 4]
    for one in page["bodies"]:
        entry = decode_entry(entries[one["index"]])
        body = b64decode(one["body"], validate=True)
        assert one["commitment"] == entry.text("commitment")
        assert commitment(b64decode(one["nonce"], validate=True), body) == one["commitment"]
        assert decode_entry(body).seq == entry.seq
        assert one["reveal_after"] == "2023-11-14T22:14:20.000000Z"
    assert page["next"] == 6


async def test_bodies_come_in_pages_without_gap_or_repeat(desk: Any) -> None:
    await desk.commit(0, 1, 2)
    await desk.write(1_500)
    await desk.commit(3, 4)
    await desk.press.publish()
    header = await desk.key(Scope.ADMIN)
    for limit in (1, 2, 3, 500):
        found = await pages(desk, header, f"&limit={limit}")
        indices = [one["index"] for page in found for one in page["bodies"]]
        assert indices == [0, 1, 2, 1_503, 1_504]
        assert all(len(page["bodies"]) <= limit for page in found)


async def test_only_the_scope_realtime_opens_bodies(desk: Any) -> None:
    await desk.commit(0)
    await desk.press.publish()
    assert (await desk.client.get("/api/v1/bodies")).status == 200
    header = await desk.key(Scope.READ)
    assert (await desk.client.get("/api/v1/bodies", headers=header)).status == 403
    assert (await desk.client.get("/api/v1/bodies")).status == 401


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=-1", "from"),
        ("from=x", "from"),
        ("from=01", "from"),
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("since=1", "since"),
    ],
)
async def test_a_malformed_page_of_bodies_is_refused(desk: Any, query: str, field: str) -> None:
    response = await desk.client.get(f"/api/v1/bodies?{query}")
    assert response.status == 400
    assert (await response.json(content_type=None))["field"] == field


async def test_beyond_the_end_there_are_no_bodies_yet(desk: Any) -> None:
    await desk.commit(0)
    await desk.press.publish()
    for place in (1, 2, 2**63 - 1):
        body = await (await desk.client.get(f"/api/v1/bodies?from={place}")).json()
        assert (body["bodies"], body["next"]) == ([], place)


async def test_a_body_that_was_lost_is_a_fault_of_the_log(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.commit(0)
    await desk.press.publish()

    async def lost(_commitment: str) -> None:
        return None

    monkeypatch.setattr(desk.log, "sealed", lost)
    assert (await desk.client.get("/api/v1/bodies")).status == 500


async def test_no_answer_tells_a_sealed_signal_to_the_lower_tier(desk: Any) -> None:
    await desk.write(1)
    await desk.commit(0, symbol="BRK.B")
    await desk.press.publish()
    header = await desk.key(Scope.READ)
    secret = desk.body(0, "BRK.B")
    sealed = await desk.log.sealed(decode_entry((await desk.every_entry())[1]).text("commitment"))
    paths = (
        "/api/v1/signals",
        "/api/v1/signals/BRK.B",
        "/api/v1/entries/1",
        "/tile/entries/000.p/2",
        "/proof/1.tlog-proof",
        "/api/v1/health",
        "/metrics",
    )
    for path in paths:
        data = await (await desk.client.get(path, headers=header)).read()
        for one in (secret, sealed.nonce, sealed.nonce.hex().encode(), b"delayed-0"):
            assert one not in data
