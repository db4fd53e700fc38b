"""Two processes, each with a link of its own, on one server: what one does the other knows."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from argo_adapters.clocks.system import SystemClock
from argo_adapters.redis.breaker import RedisBreaker
from argo_adapters.redis.launcher import PrivateServer
from argo_adapters.redis.limits import RedisLimits
from argo_adapters.redis.link import RedisLink
from argo_adapters.redis.locks import RedisLocks
from argo_adapters.redis.spending import RedisSpendingBook
from argo_core.consensus.opinion import GROK
from argo_core.errors import SharedAway
from argo_core.ports import SharedPermit
from argo_core.resilience.breaker_policy import BreakerPolicy
from argo_core.resilience.breaker_table import State
from argo_core.resilience.budget import Amount
from argo_core.resilience.permit import Outcome, Rejected
from argo_core.testing.limits_contract import PAIR
from argo_core.testing.spending_contract import DAY, SOME

Connect = Callable[..., RedisLink]


@pytest.fixture
def links(server: PrivateServer, connect: Connect) -> tuple[RedisLink, RedisLink]:
    return connect(server.url, timeout_s=5.0), connect(server.url, timeout_s=5.0)


async def test_limits_and_pauses_count_for_both(
    links: tuple[RedisLink, RedisLink], namespace: str
) -> None:
    one, other = (RedisLimits(link, namespace=namespace) for link in links)
    assert await one.take(GROK, PAIR) == 0
    assert await other.take(GROK, PAIR) == 0
    assert await one.take(GROK, PAIR) > 0
    await one.pause(GROK, 60)
    assert await other.take(GROK, PAIR) > 59


async def test_a_lock_that_one_holds_the_other_does_not_get(
    links: tuple[RedisLink, RedisLink], namespace: str
) -> None:
    one, other = (RedisLocks(link, namespace=namespace) for link in links)
    token = await one.take("A", 60)
    assert token is not None
    assert await other.take("A", 60) is None
    await one.release("A", token)
    assert await other.take("A", 60) is not None


async def test_both_spend_from_one_day(links: tuple[RedisLink, RedisLink], namespace: str) -> None:
    one, other = (RedisSpendingBook(link, namespace=namespace) for link in links)
    await asyncio.gather(*(book.add(GROK, DAY, SOME) for book in (one, other) * 25))
    assert await other.add(GROK, DAY, Amount()) == Amount(SOME.usd * 50, 50_000, 50)


def breaker(link: RedisLink, namespace: str) -> RedisBreaker:
    return RedisBreaker(link, namespace=namespace, chance=lambda: 0.0)


async def test_both_see_one_breaker_and_share_its_probe(
    links: tuple[RedisLink, RedisLink], namespace: str
) -> None:
    policy = BreakerPolicy(slow_s=1.0, open_s=0.2, open_max_s=0.2)
    one, other = (breaker(link, namespace) for link in links)
    for each in (one, other, one, other, one):
        permit = await each.acquire(GROK, policy)
        assert isinstance(permit, SharedPermit)
        await each.settle(GROK, policy, permit, Outcome.FAILURE, slow=False)
    # A new process changes nothing about it.
    for each in (one, other, breaker(links[0], namespace)):
        rejected = await each.acquire(GROK, policy)
        assert isinstance(rejected, Rejected)
        assert rejected.state is State.OPEN
    await SystemClock().sleep(0.25)
    asked = [each.acquire(GROK, policy) for each in (one, other) * 50]
    answers = await asyncio.gather(*asked)
    assert sum(isinstance(answer, SharedPermit) for answer in answers) == 1


async def test_chance_keeps_processes_from_coming_back_together(
    link: RedisLink, namespace: str
) -> None:
    policy = BreakerPolicy(slow_s=1.0, in_a_row=1, open_s=100, jitter_share=0.5)
    jittered = RedisBreaker(link, namespace=namespace, chance=lambda: 0.9)
    permit = await jittered.acquire(GROK, policy)
    assert isinstance(permit, SharedPermit)
    await jittered.settle(GROK, policy, permit, Outcome.FAILURE, slow=False)
    rejected = await jittered.acquire(GROK, policy)
    assert isinstance(rejected, Rejected)
    assert rejected.retry_after_s == pytest.approx(145, abs=1)


async def test_a_call_whose_reply_is_lost_is_not_sent_again(
    server: PrivateServer, proxy: Any, connect: Connect, namespace: str
) -> None:
    proxy.lead_to(server)
    book = RedisSpendingBook(connect(proxy.url, timeout_s=5.0), namespace=namespace)
    await book.add(GROK, DAY, SOME)
    proxy.delay_s = 0.1
    adding = asyncio.create_task(book.add(GROK, DAY, SOME))
    await SystemClock().sleep(0.05)
    proxy.drop()
    with pytest.raises(SharedAway):
        await adding
    proxy.delay_s = 0
    # It may have been booked, and here it was: once.
    assert (await book.add(GROK, DAY, Amount())).calls == 2


async def test_whoever_cannot_reach_the_server_says_so(connect: Connect, namespace: str) -> None:
    link, policy = connect("unix:///nowhere/argo.sock"), BreakerPolicy(slow_s=1.0)
    limits, locks = RedisLimits(link, namespace=namespace), RedisLocks(link, namespace=namespace)
    shared, book = breaker(link, namespace), RedisSpendingBook(link, namespace=namespace)
    for call in (
        limits.take(GROK, PAIR),
        limits.refund(GROK, PAIR),
        limits.pause(GROK, 1),
        locks.take("A", 1),
        locks.release("A", "token"),
        shared.acquire(GROK, policy),
        shared.settle(GROK, policy, SharedPermit(0), Outcome.SUCCESS, slow=False),
        book.add(GROK, DAY, SOME),
        book.subtract(GROK, DAY, SOME),
    ):
        with pytest.raises(SharedAway):
            await call
