"""One signal on its way through the whole service: to whom, when, and by which channels."""

from time import perf_counter

import pytest

from alpine_service.testing.members import outcome_members, signal_members, strategy_members
from alpine_service.testing.receiver import open_receiver
from alpine_service.testing.small_log import SmallLog
from alpine_service.testing.torture import until
from alpine_service.testing.whole.browser import Browser
from alpine_service.testing.whole.listener import Listener, listening
from alpine_service.testing.whole.people import Person, add_people
from alpine_service.testing.whole.service import Service
from alpine_service.testing.whole.world import add_webhook, witness_of

# These measure the wall, and so have the machine to themselves.
pytestmark = pytest.mark.timed

# What the issue allows for; a machine that does much else is waited for a little longer.
SOON_S = 2.0
PATIENCE_S = 15.0
WORD = b"hush-hush"


def tells(listener: Listener, kind: str) -> bool:
    return any(each.kind == kind for each in listener.heard)


async def test_a_signal_is_everywhere_within_two_seconds(alpine: Service, log: SmallLog) -> None:
    log.witness_urls = (alpine.url,)
    (pro,) = await add_people(alpine, [("pro", "pro")])
    reader = Browser(alpine.url, pro.headers)
    async with open_receiver() as receiver, listening(alpine.url, pro.headers) as listener:
        await add_webhook(alpine, pro, receiver.url())
        await log.append(strategy_members("open"))

        async def is_listening() -> bool:
            return tells(listener, "strategy.registered") and len(receiver.received) == 1

        await until(is_listening, PATIENCE_S, "the strategy is known")
        began = perf_counter()
        await log.append(signal_members("quick"))

        async def is_everywhere() -> bool:
            listed = await reader.get("/v1/signals")
            return (
                b"quick" in listed.body
                and tells(listener, "signal.published")
                and len(receiver.received) == 2
            )

        await until(is_everywhere, PATIENCE_S, "the signal is everywhere")
        took_s = perf_counter() - began
        shown = await reader.get("/v1/signals/quick")
        stood = await reader.get("/v1/log")
    assert took_s < SOON_S
    assert shown.json["symbol"] == "AAPL"
    # Our witness was asked before anybody could see it.
    assert log.refusals == []
    assert shown.json["official_s"] is not None
    assert str(await witness_of(alpine)) in stood.json["witnesses"]


async def told(alpine: Service, person: Person, indexes: tuple[int, ...]) -> bytes:
    """All that the interface answers to somebody about those entries, in one piece."""
    reader = Browser(alpine.url, person.headers)
    paths = [
        "/v1/signals",
        "/v1/signals?strategy=sealed",
        "/v1/signals?symbol=AAPL",
        f"/v1/signals/{WORD.decode()}",
        "/v1/events",
        "/v1/strategies",
        "/v1/strategies/sealed",
        "/v1/performance",
    ]
    for index in indexes:
        paths += [f"/v1/signals/{index}{more}" for more in ("", "/proof", "/entry")]
    return b"\n".join([(await reader.get(path)).body for path in paths])


async def test_who_waits_for_the_reveal_sees_the_commit_at_once_and_no_more(
    alpine: Service, log: SmallLog
) -> None:
    # Two, because the free plan has but thirty requests a minute.
    plans = [("pro", "pro"), ("free", None), ("later", None)]
    pro, free, later = await add_people(alpine, plans)
    reader = Browser(alpine.url, free.headers)
    async with (
        listening(alpine.url, pro.headers) as early,
        listening(alpine.url, free.test_headers) as late,
    ):
        log.add(strategy_members("delayed"), "sealed")
        commit = await log.commit(signal_members(WORD.decode()), "sealed")
        outcome = log.add(outcome_members(commit.index, signal_members(WORD.decode())), "sealed")
        await log.publish()

        async def is_known() -> bool:
            return tells(late, "signal.committed") and tells(early, "outcome.resolved")

        await until(is_known, PATIENCE_S, "the commit is known, and what it hides to those who pay")
        indexes = (commit.index, outcome.index)
        sealed = await told(alpine, free, indexes)
        opened = await told(alpine, pro, indexes)
        heard = b"".join(each.data for each in late.heard)
        shown = await reader.get(f"/v1/signals/{commit.index}")
        refused = await reader.post("/v1/webhooks", {"url": "https://receiver.example/hook"})
        # The log itself shows an outcome, and may name what it is of; we tell it to nobody early.
        assert WORD not in sealed + heard
        assert WORD in opened
        assert shown.json["state"] == "sealed"
        assert shown.json["commitment"] == commit.text("commitment")
        assert refused.status == 403

        await log.reveal(commit.index)

        async def is_revealed() -> bool:
            return tells(late, "signal.revealed")

        await until(is_revealed, PATIENCE_S, "the reveal is known")
        revealed = await told(alpine, later, indexes)
    assert b'"state":"public"' in revealed
    assert WORD in revealed
    assert WORD in b"".join(each.data for each in late.heard)
