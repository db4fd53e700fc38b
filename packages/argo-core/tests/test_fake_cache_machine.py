"""The machine that other caches are driven with, driving the fake: it keeps its own promises."""

from collections.abc import Sequence

from hypothesis import settings

from argo_core.testing.cache_machine import CacheMachine
from argo_core.testing.fake_cache import FakeCache
from argo_core.testing.fake_clock import FakeClock


class FakeMachine(CacheMachine):
    async def opened(self, clock: FakeClock) -> Sequence[FakeCache[int]]:
        return [FakeCache()]


TestFakeMachine = FakeMachine.TestCase
EXAMPLES = (settings.default or settings()).max_examples // 10
TestFakeMachine.settings = settings(max_examples=max(8, EXAMPLES), stateful_step_count=30)
