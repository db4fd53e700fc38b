"""Settings completed from stores of secrets."""

import asyncio
from pathlib import Path

import pytest
from attrs import evolve

from argo_adapters.secrets.aws_place import AwsPlace
from argo_core.errors import InvalidInput, InvalidSetting, SecretMissing
from argo_core.resilience.secret import Secret
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.fake_secrets import FakeSecrets
from argo_service.checkup import in_force
from argo_service.config.secrets import Aws, SecretStores, read_places
from argo_service.config.tree import Settings
from argo_service.secret_stores import completed, secret_settings, secret_store
from argo_service.settings import Configuration, read_configuration

LINES = (
    "sources.massive.key = argo/massive",
    "alpaca.key_id = argo/alpaca#key_id",
    "alpaca.secret_key = argo/alpaca#secret_key",
    "log.database_url = argo/database#url",
)


def configured(*lines: str) -> Configuration:
    return Configuration(Settings(secrets=SecretStores(aws=Aws(places=lines))), {})


async def test_what_is_elsewhere_is_put_into_the_settings_with_its_origin() -> None:
    store = FakeSecrets()
    for name in ("sources.massive.key", "alpaca.key_id", "alpaca.secret_key"):
        store.put(name, f"canary-of-{name}")
    store.put("log.database_url", "postgresql://argo:canary@127.0.0.1/argo")
    found = await completed(configured(*LINES), store)
    assert found.settings.sources.massive.key == Secret("canary-of-sources.massive.key")
    assert found.settings.alpaca.key_id == Secret("canary-of-alpaca.key_id")
    assert found.origin("alpaca.key_id") == "aws argo/alpaca#key_id"
    assert "canary" not in f"{found!r} {in_force(found)}"


async def test_what_is_elsewhere_is_held_to_the_same_rules_and_not_repeated() -> None:
    store = FakeSecrets()
    store.put("log.database_url", "mysql://canary")
    with pytest.raises(InvalidSetting, match=r"log\.database_url") as caught:
        await completed(configured("log.database_url = argo/database#url"), store)
    assert "canary" not in str(caught.value)


async def test_a_secret_that_is_not_there_refuses_the_start() -> None:
    with pytest.raises(SecretMissing):
        await completed(configured(*LINES), FakeSecrets())


async def test_the_environment_wins_over_files_and_files_over_what_is_elsewhere(
    tmp_path: Path,
) -> None:
    key = tmp_path / "grok"
    key.write_text("from-the-file\n")
    key.chmod(0o600)
    (tmp_path / "argo.toml").write_text(
        f"sources.grok.key_file = '{key}'\n"
        "[secrets.aws]\nregion = 'eu-central-1'\nendpoint_url = 'http://127.0.0.1:1'\n"
        "places = ['sources.massive.key = a', 'sources.grok.key = b']\n"
    )
    given = {"ARGO_SOURCES__MASSIVE__KEY": "from-the-environment"}
    found = await asyncio.to_thread(read_configuration, tmp_path / "argo.toml", given)
    async with secret_store(found, FakeClock()) as store:
        # AWS is not asked: nobody listens there, and boto3 is not even imported.
        whole = await completed(found, store)
        assert (await store.read("sources.grok.key")).current.reveal() == "from-the-file"
        assert (await store.read("sources.massive.key")).current == Secret("from-the-environment")
    assert whole.settings == found.settings


async def test_a_place_for_what_is_no_secret_is_refused() -> None:
    with pytest.raises(InvalidSetting, match=r"consensus\.tau is no secret setting"):
        async with secret_store(configured("consensus.tau = argo/tau"), FakeClock()):
            raise AssertionError("it was opened")


def test_every_secret_setting_may_be_elsewhere() -> None:
    assert {"log.owner_url", "redis.url", "trading.alpaca.secret_key"} <= secret_settings().keys()
    assert Settings().secret("redis.url") is None
    with pytest.raises(InvalidInput, match="no secret setting"):
        Settings().secret("consensus.tau")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "sources.massive.key",
        "sources.massive.key=argo",
        "x = ",
        "X = argo",
        "a = b#",
        "a = b c",
    ],
)
def test_a_line_names_a_setting_and_a_place(line: str) -> None:
    with pytest.raises(InvalidInput):
        read_places((line,))


def test_a_setting_has_one_place() -> None:
    with pytest.raises(InvalidInput, match="twice"):
        read_places(("a.b = c", "a.b = d"))
    assert read_places(("a.b = c#d",)) == {"a.b": AwsPlace("c", "d")}


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"region": "Frankfurt"}, "region"),
        ({"endpoint_url": "http://aws.example"}, "unencrypted"),
        ({"endpoint_url": "nowhere"}, "address"),
        ({"places": ("nonsense",)}, "places"),
    ],
)
def test_how_aws_is_reached_is_checked_at_the_door(given: dict[str, object], problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        evolve(Aws(), **given)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="too often"):
        SecretStores(refresh_s=1)
