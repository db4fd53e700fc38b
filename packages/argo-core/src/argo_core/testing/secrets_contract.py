"""The promises of `Secrets`, as tests.

Inherit, and give the fixtures: the implementation under test, new to every test, and `putting`,
which stores a value under a name as an operator would. What can be changed while the process runs
inherits `RotatingSecretsContract`, and gives `removing` too.
"""
# ruff: noqa: S101 - a contract is made of assertions

import traceback
from collections.abc import Awaitable, Callable

import pytest

from argo_core.errors import SecretMissing
from argo_core.ports import Secrets

Putting = Callable[[str, str], Awaitable[None]]
Removing = Callable[[str], Awaitable[None]]

NAME, OTHER = "sources.grok.key", "sources.sonar.key"
FIRST, SECOND, THIRD = "canary-one-7f3a", "canary-two-91bc", "canary-three-d40e"


class SecretsContract:
    """Tests for one implementation; `secrets` is its fixture."""

    async def test_a_secret_is_read_as_it_was_stored(
        self, secrets: Secrets, putting: Putting
    ) -> None:
        await putting(NAME, FIRST)
        await putting(OTHER, SECOND)
        assert (await secrets.read(NAME)).current.reveal() == FIRST
        assert (await secrets.read(OTHER)).current.reveal() == SECOND

    async def test_a_name_without_a_secret_is_missing_and_the_fix_is_said(
        self, secrets: Secrets, putting: Putting
    ) -> None:
        await putting(OTHER, FIRST)
        with pytest.raises(SecretMissing, match=r"sources\.grok\.key") as caught:
            await secrets.read(NAME)
        assert caught.value.fix

    async def test_the_same_value_has_the_same_version(
        self, secrets: Secrets, putting: Putting
    ) -> None:
        await putting(NAME, FIRST)
        assert (await secrets.read(NAME)).version == (await secrets.read(NAME)).version

    async def test_nothing_that_is_shown_of_a_secret_holds_it(
        self, secrets: Secrets, putting: Putting
    ) -> None:
        await putting(NAME, FIRST)
        read = await secrets.read(NAME)
        with pytest.raises(SecretMissing) as caught:
            await secrets.read("sources.nobody.key")
        trace = "".join(traceback.format_exception(caught.value))
        assert FIRST not in f"{read} {read!r} {read.version} {secrets!r} {trace}"


class RotatingSecretsContract(SecretsContract):
    """Also for those that are asked for what was changed a moment ago."""

    async def test_a_rotated_secret_has_another_version_and_its_previous_value(
        self, secrets: Secrets, putting: Putting
    ) -> None:
        versions = []
        for value in (FIRST, SECOND, THIRD):
            await putting(NAME, value)
            versions.append((await secrets.read(NAME)).version)
        read = await secrets.read(NAME)
        assert (read.current.reveal(), read.previous and read.previous.reveal()) == (THIRD, SECOND)
        assert len(set(versions)) == len(versions)

    async def test_a_secret_that_was_removed_is_missing(
        self, secrets: Secrets, putting: Putting, removing: Removing
    ) -> None:
        await putting(NAME, FIRST)
        await secrets.read(NAME)
        await removing(NAME)
        with pytest.raises(SecretMissing):
            await secrets.read(NAME)
