"""Secrets in the environment and in files, and several stores as one."""

import os
from pathlib import Path

import pytest

from argo_adapters.secrets.chosen import ChosenSecrets
from argo_adapters.secrets.environment import EnvironmentSecrets
from argo_adapters.secrets.files import FileSecrets, read_secret_file
from argo_core.errors import SecretDenied, SecretError, SecretGarbled, SecretMissing
from argo_core.testing.fake_secrets import FakeSecrets
from argo_core.testing.secrets_contract import (
    FIRST,
    NAME,
    OTHER,
    SECOND,
    Putting,
    Removing,
    RotatingSecretsContract,
    SecretsContract,
)


class TestEnvironmentSecrets(SecretsContract):
    @pytest.fixture
    def environment(self) -> dict[str, str]:
        return {}

    @pytest.fixture
    def secrets(self, environment: dict[str, str]) -> EnvironmentSecrets:
        return EnvironmentSecrets(environment, {NAME: "GROK", OTHER: "SONAR"})

    @pytest.fixture
    def putting(self, environment: dict[str, str]) -> Putting:
        async def put(name: str, value: str) -> None:
            environment[{NAME: "GROK", OTHER: "SONAR"}[name]] = value

        return put


class TestFileSecrets(RotatingSecretsContract):
    @pytest.fixture
    def secrets(self, tmp_path: Path) -> FileSecrets:
        return FileSecrets({name: tmp_path / name for name in (NAME, OTHER, "sources.nobody.key")})

    @pytest.fixture
    def putting(self, tmp_path: Path) -> Putting:
        async def put(name: str, value: str) -> None:
            write(tmp_path / name, value + "\n")

        return put

    @pytest.fixture
    def removing(self, tmp_path: Path) -> Removing:
        async def remove(name: str) -> None:
            (tmp_path / name).unlink()

        return remove


class TestChosenSecrets(RotatingSecretsContract):
    @pytest.fixture
    def stores(self) -> dict[str, FakeSecrets]:
        return {NAME: FakeSecrets(), OTHER: FakeSecrets()}

    @pytest.fixture
    def secrets(self, stores: dict[str, FakeSecrets]) -> ChosenSecrets:
        return ChosenSecrets(stores)

    @pytest.fixture
    def putting(self, stores: dict[str, FakeSecrets]) -> Putting:
        async def put(name: str, value: str) -> None:
            stores[name].put(name, value)

        return put

    @pytest.fixture
    def removing(self, stores: dict[str, FakeSecrets]) -> Removing:
        async def remove(name: str) -> None:
            stores[name].remove(name)

        return remove


def write(path: Path, text: str, mode: int = 0o600) -> None:
    partial = path.with_suffix(".partial")
    partial.write_text(text)
    partial.chmod(mode)
    partial.replace(path)


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o660, 0o620, 0o601])
async def test_a_file_that_others_may_read_or_change_is_denied(tmp_path: Path, mode: int) -> None:
    write(tmp_path / "key", FIRST, mode)
    with pytest.raises(SecretDenied, match=f"mode {mode:o}") as caught:
        read_secret_file(NAME, tmp_path / "key")
    assert caught.value.fix == f"chmod 600 {tmp_path / 'key'}"


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o440, 0o640])
def test_a_group_may_read_as_service_managers_have_it(tmp_path: Path, mode: int) -> None:
    write(tmp_path / "key", FIRST, mode)
    assert read_secret_file(NAME, tmp_path / "key").reveal() == FIRST


@pytest.mark.parametrize(
    "text", ["", " \n", "canary and more", "canary\nmore", "canaryé", "canary" * 1_000, "canary\0"]
)
def test_a_file_without_a_key_is_garbled_and_never_repeated(tmp_path: Path, text: str) -> None:
    write(tmp_path / "key", text)
    with pytest.raises(SecretGarbled) as caught:
        read_secret_file(NAME, tmp_path / "key")
    assert "canary" not in str(caught.value)


def test_the_longest_key_is_read_with_its_line_feed(tmp_path: Path) -> None:
    write(tmp_path / "key", "k" * 4_096 + "\r\n")
    assert read_secret_file(NAME, tmp_path / "key").reveal() == "k" * 4_096


def test_a_link_is_followed_as_orchestrators_have_it(tmp_path: Path) -> None:
    write(tmp_path / "real", FIRST)
    (tmp_path / "key").symlink_to("real")
    assert read_secret_file(NAME, tmp_path / "key").reveal() == FIRST


def test_what_is_no_file_keeps_nobody_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    (tmp_path / "folder").mkdir(mode=0o700)
    (tmp_path / "loop").symlink_to("loop")
    for name, kind in (("pipe", SecretGarbled), ("folder", SecretGarbled), ("loop", SecretDenied)):
        with pytest.raises(kind) as caught:
            read_secret_file(NAME, tmp_path / name)
        assert isinstance(caught.value, SecretError)
        assert caught.value.fix


async def test_a_file_that_was_touched_and_says_the_same_is_of_the_same_version(
    tmp_path: Path,
) -> None:
    store = FileSecrets({NAME: tmp_path / "key"})
    write(tmp_path / "key", FIRST)
    before = await store.read(NAME)
    write(tmp_path / "key", FIRST + "\n\n")
    assert await store.read(NAME) == before
    write(tmp_path / "key", SECOND)
    assert (await store.read(NAME)).version != before.version


async def test_a_secret_without_a_file_or_a_store_says_which_setting_names_one() -> None:
    with pytest.raises(SecretMissing, match=r"sources\.grok\.key_file"):
        await FileSecrets({}).read(NAME)
    with pytest.raises(SecretMissing, match="no store"):
        await ChosenSecrets({}).read(NAME)


def test_a_disk_that_does_not_give_the_file_is_an_error_of_the_tree() -> None:
    with pytest.raises(SecretDenied, match="cannot be read"):
        # Its owner may open it, and nobody reads from its beginning.
        read_secret_file("sources.grok.key", Path("/proc/self/mem"))
