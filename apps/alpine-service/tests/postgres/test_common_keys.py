"""All processes on one database have the same keys, or do not start."""

import asyncio
from pathlib import Path

import pytest

from alpine_service.adapters.postgres.common_keys import CommonKeys
from alpine_service.adapters.secrets.chance import SystemChance
from alpine_service.adapters.secrets.vault import FILE, AesVault, open_vault
from alpine_service.errors import InvalidSetting
from alpine_service.testing.postgres import TestDatabase

NAME = "alpine.example/witness"


def vault(*keys: int) -> AesVault:
    return AesVault([bytes([key]) * 32 for key in keys], SystemChance())


async def test_whoever_has_the_same_keys_is_let_in(database: TestDatabase) -> None:
    for _ in range(2):
        await CommonKeys(database.app, vault(1)).check(NAME, "key")


async def test_another_key_of_the_same_witness_is_refused(database: TestDatabase) -> None:
    await CommonKeys(database.app, vault(1)).check(NAME, "key")
    with pytest.raises(InvalidSetting, match=r"ALPINE_FOLDER: witness\.key is not the key"):
        await CommonKeys(database.app, vault(1)).check(NAME, "other key")
    # After a restore a witness begins anew, with another name.
    await CommonKeys(database.app, vault(1)).check("alpine.example/second", "other key")


async def test_a_vault_that_cannot_open_what_the_others_seal_is_refused(
    database: TestDatabase,
) -> None:
    await CommonKeys(database.app, vault(1)).check(NAME, "key")
    with pytest.raises(InvalidSetting, match=r"vault\.keys lacks the key"):
        await CommonKeys(database.app, vault(2)).check(NAME, "key")


async def test_a_vaults_key_is_exchanged_in_two_steps(database: TestDatabase) -> None:
    await CommonKeys(database.app, vault(1)).check(NAME, "key")
    await CommonKeys(database.app, vault(2, 1)).check(NAME, "key")
    await CommonKeys(database.app, vault(2)).check(NAME, "key")
    with pytest.raises(InvalidSetting):
        await CommonKeys(database.app, vault(1)).check(NAME, "key")


async def test_two_folders_that_made_their_own_keys_are_told_apart(
    database: TestDatabase, tmp_path: Path
) -> None:
    one = await asyncio.to_thread(open_vault, tmp_path / "a", SystemChance())
    other = await asyncio.to_thread(open_vault, tmp_path / "b", SystemChance())
    await CommonKeys(database.app, one).check(NAME, "key")
    with pytest.raises(InvalidSetting) as refused:
        await CommonKeys(database.app, other).check(NAME, "key")
    key = await asyncio.to_thread((tmp_path / "a" / FILE).read_text)
    assert key.strip() not in str(refused.value)
