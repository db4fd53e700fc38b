"""Hypothesis drives the shared breaker and the core's own side by side."""

import asyncio
from random import Random
from secrets import token_hex
from typing import Any, ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, rule

from argo_adapters.clocks.system import SystemClock
from argo_adapters.redis.breaker import RedisBreaker
from argo_adapters.redis.launcher import PrivateServer
from argo_adapters.redis.link import RedisLink
from argo_core.consensus.opinion import GROK
from argo_core.ports import SharedPermit
from argo_core.resilience.breaker_policy import BreakerPolicy
from argo_core.resilience.permit import Outcome, Rejected
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.fake_observer import FakeObserver
from argo_core.testing.fake_shared import FakeSharedBreaker

MICRO = 1_000_000
# Small, so that windows fill, age and trip within a run.
POLICY = BreakerPolicy(
    slow_s=1.0,
    window_calls=6,
    window_s=10.0,
    min_calls=4,
    in_a_row=3,
    open_s=2.0,
    open_max_s=8.0,
    probe_lost_s=3.0,
)


class BreakerMachine(RuleBasedStateMachine):
    url: ClassVar[str]
    permits = Bundle("permits")

    @initialize()
    def start(self) -> None:
        self._loop = asyncio.Runner()
        self._clock = FakeClock()
        self._fake = FakeSharedBreaker(self._clock)
        namespace = token_hex(6)
        self._now = f"argo:{{{namespace}}}:now"
        self._link = RedisLink(
            self.url,
            clock=SystemClock(),
            observer=FakeObserver(),
            chance=Random(1).random,  # noqa: S311 - seeded on purpose
            timeout_s=5.0,
        )
        now = f"local now = tonumber(redis.call('GET', '{self._now}'))\n"
        self._real = RedisBreaker(self._link, namespace=namespace, chance=lambda: 0.0, now=now)
        self._loop.run(self._link.command("SET", self._now, 10**15))

    @rule(target=permits)
    def acquire(self) -> tuple[SharedPermit, SharedPermit] | None:
        real = self._loop.run(self._real.acquire(GROK, POLICY))
        fake = self._loop.run(self._fake.acquire(GROK, POLICY))
        if isinstance(real, Rejected) or isinstance(fake, Rejected):
            assert real == fake
            return None
        assert real.generation == fake.generation
        assert (real.probe is None) == (fake.probe is None)
        return real, fake

    @rule(
        permit=permits,
        outcome=st.sampled_from([*Outcome, Outcome.FAILURE]),
        slow=st.booleans(),
        retry_after_s=st.sampled_from([0.0, 0.0, 5.0]),
    )
    def settle(
        self,
        permit: tuple[SharedPermit, SharedPermit] | None,
        outcome: Outcome,
        slow: bool,
        retry_after_s: float,
    ) -> None:
        if permit is None:
            return
        more: dict[str, Any] = {"slow": slow, "retry_after_s": retry_after_s}
        self._loop.run(self._real.settle(GROK, POLICY, permit[0], outcome, **more))
        self._loop.run(self._fake.settle(GROK, POLICY, permit[1], outcome, **more))

    @rule(seconds=st.integers(0, 4))
    def pass_time(self, seconds: int) -> None:
        self._loop.run(self._link.command("INCRBY", self._now, seconds * MICRO))
        self._loop.run(self._clock.advance(seconds))

    def teardown(self) -> None:
        self._loop.run(self._link.close())
        self._loop.close()


TestBreakerMachine = BreakerMachine.TestCase
EXAMPLES = max(25, (settings.default or settings()).max_examples // 2)
TestBreakerMachine.settings = settings(max_examples=EXAMPLES, stateful_step_count=40, deadline=None)


@pytest.fixture(autouse=True, scope="module")
def _a_server_is_there(server: PrivateServer) -> None:
    BreakerMachine.url = server.url
