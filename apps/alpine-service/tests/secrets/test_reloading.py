"""Settings read again: as a whole, or not at all."""

import asyncio
from pathlib import Path

import pytest
import pytest_asyncio
from attrs import define, field

from alpine_service.adapters.secrets.configuration import Configuration
from alpine_service.adapters.secrets.sources import EnvironmentSecrets
from alpine_service.errors import InvalidSetting
from alpine_service.ports.health import Condition
from alpine_service.settings import Settings
from alpine_service.testing.fake_clock import FakeClock
from alpine_service.testing.fake_observer import FakeObserver
from alpine_service.wiring.reloading import Reloading

URL = "postgresql://app:hush-{}@db/alpine"


@define
class House:
    """A file of settings, and who reads it."""

    path: Path
    applied: list[Settings] = field(factory=list)
    clock: FakeClock = field(factory=FakeClock)
    observer: FakeObserver = field(factory=FakeObserver)
    refuses: bool = False

    async def write(self, *lines: str) -> None:
        await asyncio.to_thread(self.path.write_text, "\n".join(lines))

    async def begin(self) -> Reloading:
        configuration = Configuration({"ALPINE_SETTINGS_FILE": str(self.path)})
        return Reloading(
            configuration,
            await asyncio.to_thread(configuration.read),
            self.apply,
            clock=self.clock,
            observer=self.observer,
        )

    async def apply(self, settings: Settings) -> None:
        if self.refuses:
            raise InvalidSetting("ALPINE_MAIL_URL", "it cannot be meant", "give another")
        self.applied.append(settings)

    @property
    def said(self) -> str:
        return str(self.observer.told[-1].facts)


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> House:
    house = House(tmp_path / "alpine.env")
    await house.write("ALPINE_LIMIT_PER_MINUTE=10", f"ALPINE_DATABASE_URL={URL.format('a')}")
    return house


async def test_what_is_safe_is_taken_on_and_named_without_its_value(house: House) -> None:
    reloading = await house.begin()
    await house.write("ALPINE_LIMIT_PER_MINUTE=20", f"ALPINE_DATABASE_URL={URL.format('b')}")

    await reloading.reload()

    (settings,) = house.applied
    assert (settings.bounds.per_minute, settings.database_url) == (20, URL.format("b"))
    assert reloading.given.settings is settings
    assert house.observer.told[-1].facts == {
        "result": "applied",
        "changed": "ALPINE_DATABASE_URL, ALPINE_LIMIT_PER_MINUTE",
    }
    await reloading.reload()
    assert house.observer.told[-1].facts["result"] == "unchanged"
    assert len(house.applied) == 1


@pytest.mark.parametrize(
    "lines",
    [
        ("ALPINE_LIMIT_PER_MINUTE=20", "ALPINE_PORT=1"),
        ("ALPINE_LIMIT_PER_MINUTE=20", f"ALPINE_DATABASE_URL={URL.format('b')}x"),
        ("ALPINE_LIMIT_PER_MINUTE=20", f"ALPINE_DATABASE_URL={URL.format('b')}".replace("@", "@x")),
        ("ALPINE_LIMIT_PER_MINUTE=20",),
        ("ALPINE_LIMIT_PER_MINUTE=many", f"ALPINE_DATABASE_URL={URL.format('a')}"),
        ("ALPINE_LIMIT_PER_MINUTE=20", "hush-hush"),
    ],
    ids=["another port", "another database", "another host", "no database", "no number", "no line"],
)
async def test_one_thing_that_cannot_be_refuses_all(house: House, lines: tuple[str, ...]) -> None:
    reloading = await house.begin()
    await house.write(*lines)

    await reloading.reload()

    assert house.applied == []
    assert reloading.given.settings.bounds.per_minute == 10
    assert house.observer.told[-1].facts["result"] == "refused"
    assert "hush" not in house.said


async def test_what_cannot_be_applied_changes_nothing(house: House) -> None:
    reloading = await house.begin()
    await house.write("ALPINE_LIMIT_PER_MINUTE=20", f"ALPINE_DATABASE_URL={URL.format('a')}")
    house.refuses = True
    await reloading.reload()
    assert reloading.given.settings.bounds.per_minute == 10

    house.refuses = False
    await reloading.reload()
    assert reloading.given.settings.bounds.per_minute == 20


async def test_without_a_manager_nobody_is_asked(house: House) -> None:
    reloading = await house.begin()
    task = asyncio.create_task(reloading.run())
    await house.write("ALPINE_LIMIT_PER_MINUTE=20")
    await house.clock.advance(1_000)
    task.cancel()

    assert house.observer.told == []
    assert (await reloading.check()).facts == {}


async def test_a_manager_that_is_silent_for_long_is_a_finding(house: House) -> None:
    reloading = await house.begin()
    configuration = reloading._configuration
    configuration._manager = ("aws:x", EnvironmentSecrets({}))

    await house.clock.advance(899)
    young = await reloading.check()
    await house.clock.advance(2)
    old = await reloading.check()

    assert (young.condition, young.facts) == (Condition.OK, {"age_s": 899.0})
    assert old.problem == "the secrets manager has not answered for long"
