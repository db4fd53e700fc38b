"""Secrets in a running service: read anew, rotated under calls, kept when the store is away."""

import asyncio

import pytest

from argo_adapters.secrets.holder import JITTER, REFRESH_S, SecretHolder
from argo_core.consensus.opinion import GROK, SONAR, SourceName
from argo_core.errors import SecretMissing, SecretsAway
from argo_core.events import KeyRefused, SecretsFailed, SecretsRead
from argo_core.resilience.rotation import PAUSE_S
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.fake_observer import FakeObserver
from argo_core.testing.fake_secrets import FakeSecrets

ALPACA = SourceName("alpaca")
KEYS = {
    GROK: ("sources.grok.key",),
    SONAR: ("sources.sonar.key",),
    ALPACA: ("alpaca.key_id", "alpaca.secret_key"),
}
AWAY = SecretsAway("x", "AWS cannot be reached", "wait")


class Held:
    """A holder with all it needs."""

    def __init__(self, chance: float = 0.5) -> None:
        self.store, self.clock, self.observer = FakeSecrets(), FakeClock(), FakeObserver()
        for names in KEYS.values():
            for name in names:
                self.store.put(name, f"{name}-1")
        self.holder = SecretHolder(
            self.store, KEYS, clock=self.clock, observer=self.observer, chance=lambda: chance
        )

    def told(self, kind: type) -> list[object]:
        return [event for event in self.observer.events if isinstance(event, kind)]


@pytest.fixture
async def held() -> Held:
    held = Held()
    await held.holder.open()
    return held


async def test_without_a_secret_nothing_begins() -> None:
    held = Held()
    held.store.remove("alpaca.secret_key")
    with pytest.raises(SecretMissing, match=r"alpaca\.secret_key"):
        await held.holder.open()


async def test_a_rotated_key_is_shown_after_the_next_reading(held: Held) -> None:
    key = held.holder.key(GROK)
    assert key.parts() == ("sources.grok.key-1",)
    held.store.put("sources.grok.key", "new")
    assert key.parts() == ("sources.grok.key-1",)
    assert await held.holder.refresh()
    assert key.parts() == ("new",)
    assert held.told(SecretsRead) == [
        SecretsRead(held.clock.now(), names=4, changed=("sources.grok.key",))
    ]
    assert held.holder.versions["sources.grok.key"].version == "2"


@pytest.mark.parametrize("chance", [0.0, 0.5, 0.999])
async def test_the_store_is_read_every_so_often_with_a_jitter(chance: float) -> None:
    held = Held(chance)
    await held.holder.open()
    task = asyncio.create_task(held.holder.keep_fresh())
    before = held.store.reads
    due = REFRESH_S * (1 + JITTER * (chance - 0.5))
    try:
        await held.clock.advance(due - 0.01)
        assert held.store.reads == before
        await held.clock.advance(0.02)
        assert held.store.reads == before + 4
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_store_that_is_away_leaves_the_last_good_values_and_is_told(held: Held) -> None:
    held.store.trouble = AWAY
    assert not await held.holder.refresh()
    assert held.holder.key(GROK).parts() == ("sources.grok.key-1",)
    failed = held.told(SecretsFailed)
    assert len(failed) == 4
    assert failed[0] == SecretsFailed(
        held.clock.now(), "sources.grok.key", "SecretsAway", "AWS cannot be reached"
    )
    held.store.trouble = None
    assert await held.holder.refresh()


async def test_a_refused_key_is_read_again_and_the_new_one_is_shown(held: Held) -> None:
    key = held.holder.key(GROK)
    shown = key.parts()
    held.store.put("sources.grok.key", "new")
    assert await key.refused(shown)
    assert key.parts() == ("new",)
    assert held.told(KeyRefused) == [KeyRefused(GROK, held.clock.now(), "current")]


async def test_a_new_value_that_the_vendor_does_not_take_gives_way_to_the_one_before() -> None:
    held = Held()
    held.store.put("sources.grok.key", "too-new")
    await held.holder.open()
    key = held.holder.key(GROK)
    assert await key.refused(("too-new",))
    assert key.parts() == ("sources.grok.key-1",)
    assert held.told(KeyRefused) == [KeyRefused(GROK, held.clock.now(), "previous")]


async def test_a_key_nobody_takes_is_told_and_the_store_is_left_alone(held: Held) -> None:
    key = held.holder.key(GROK)
    reads = held.store.reads
    for _ in range(20):
        assert not await key.refused(key.parts())
    assert held.store.reads == reads + 1
    assert held.told(KeyRefused)[-1] == KeyRefused(GROK, held.clock.now(), "none")
    await held.clock.advance(PAUSE_S)
    held.store.put("sources.grok.key", "new")
    assert await key.refused(key.parts())


async def test_calls_that_are_refused_together_ask_the_store_once(held: Held) -> None:
    key = held.holder.key(GROK)
    held.store.put("sources.grok.key", "new")
    reads, shown = held.store.reads, key.parts()
    assert all(await asyncio.gather(*(key.refused(shown) for _ in range(10))))
    assert held.store.reads == reads + 1


async def test_a_store_that_hangs_keeps_a_refused_call_for_seconds_only(held: Held) -> None:
    class Hanging(FakeSecrets):
        async def read(self, name: str) -> object:  # type: ignore[override]
            await held.clock.sleep(1_000)
            raise AWAY

    held.holder._store = Hanging()  # type: ignore[assignment]
    key = held.holder.key(GROK)
    asking = asyncio.create_task(key.refused(key.parts()))
    await held.clock.advance(3.1)
    assert asking.done()
    assert not asking.result()


async def test_a_key_of_two_parts_changes_as_a_whole(held: Held) -> None:
    class Half(FakeSecrets):
        async def read(self, name: str) -> object:  # type: ignore[override]
            if name == "alpaca.secret_key":
                raise AWAY
            return await held.store.read(name)

    held.store.put("alpaca.key_id", "id-2")
    held.store.put("alpaca.secret_key", "word-2")
    held.holder._store, whole = Half(), held.holder._store  # type: ignore[assignment]
    assert not await held.holder.refresh()
    key = held.holder.key(ALPACA)
    assert key.parts() == ("alpaca.key_id-1", "alpaca.secret_key-1")
    held.holder._store = whole
    assert await held.holder.refresh()
    assert key.parts() == ("id-2", "word-2")


async def test_nothing_shown_of_a_holder_or_told_by_it_holds_a_value() -> None:
    held = Held()
    for names in KEYS.values():
        for name in names:
            held.store.put(name, "canary-7f3a")
    await held.holder.open()
    held.store.put("sources.grok.key", "canary-91bc")
    await held.holder.key(GROK).refused(("canary-7f3a",))
    await held.holder.refresh()
    shown = f"{held.holder!r} {held.holder.key(GROK)!r} {held.holder.versions} "
    assert "canary" not in shown + str(held.observer.events)


async def test_a_store_that_fails_as_it_never_should_is_told_and_asked_again(held: Held) -> None:
    class Broken(FakeSecrets):
        async def read(self, name: str) -> object:  # type: ignore[override]
            raise OSError(f"canary in {name}")

    held.holder._store, whole = Broken(), held.holder._store  # type: ignore[assignment]
    reading = asyncio.create_task(held.holder.keep_fresh())
    await held.clock.advance(REFRESH_S * 1.2)
    failed = held.told(SecretsFailed)
    assert {one.error for one in failed} == {"OSError"}  # type: ignore[attr-defined]
    assert "canary" not in str(failed)
    held.holder._store = whole
    held.store.put("sources.grok.key", "new")
    await held.clock.advance(REFRESH_S * 1.2)
    assert held.holder.key(GROK).parts() == ("new",)
    reading.cancel()
    await asyncio.wait([reading])
