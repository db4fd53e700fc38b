"""Passwords, the judge of them, and the vault."""

import asyncio
import os
import time
from collections.abc import Iterator
from hashlib import sha1
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpine_service.adapters.secrets import vault as vault_file
from alpine_service.adapters.secrets.password_judge import ZxcvbnJudge, has_line
from alpine_service.adapters.secrets.passwords import Argon2Passwords, HashPolicy
from alpine_service.adapters.secrets.vault import AesVault, open_vault
from alpine_service.domain.accounts.password import LEAST_SCORE, words_about
from alpine_service.errors import DatabaseRefused, InvalidSetting, TooMany
from alpine_service.ports.accounts import Passwords
from alpine_service.testing.fake_chance import FakeChance
from alpine_service.testing.fake_passwords import FakePasswords

QUICK = HashPolicy(memory_kib=64, passes=1)


@pytest.fixture
def argon() -> Iterator[Argon2Passwords]:
    passwords = Argon2Passwords(FakeChance(), QUICK)
    yield passwords
    passwords.close()


@pytest.fixture(params=["argon2", "fake"])
def passwords(request: pytest.FixtureRequest, argon: Argon2Passwords) -> Passwords:
    return argon if request.param == "argon2" else FakePasswords()


async def test_a_hash_fits_its_own_password_only(passwords: Passwords) -> None:
    hashed = await passwords.hash("seven quiet foxes")
    assert await passwords.verify(hashed, "seven quiet foxes")
    assert not await passwords.verify(hashed, "Seven quiet foxes")
    assert not await passwords.verify(hashed, "seven quiet foxes ")
    assert not passwords.is_outdated(hashed)


async def test_nobody_has_no_password(passwords: Passwords) -> None:
    for password in ("", "seven quiet foxes"):
        assert not await passwords.verify(None, password)


async def test_the_same_password_is_hashed_to_something_else_each_time(
    argon: Argon2Passwords,
) -> None:
    first, second = await argon.hash("seven quiet foxes"), await argon.hash("seven quiet foxes")
    assert first != second
    assert first.startswith("$argon2id$v=19$m=64,t=1,p=1$")


async def test_a_stronger_policy_outdates_a_hash(argon: Argon2Passwords) -> None:
    stronger = Argon2Passwords(FakeChance(), HashPolicy(memory_kib=128, passes=1))
    try:
        hashed = await argon.hash("seven quiet foxes")
        assert stronger.is_outdated(hashed)
        assert await stronger.verify(hashed, "seven quiet foxes")
    finally:
        stronger.close()


async def test_a_damaged_hash_opens_nothing(argon: Argon2Passwords) -> None:
    hashed = await argon.hash("seven quiet foxes")
    for damaged in ("", "-", hashed[:-3], hashed.replace("argon2id", "argon9")):
        assert not await argon.verify(damaged or "-", "seven quiet foxes")


async def test_nobody_costs_what_somebody_costs() -> None:
    """The hash that is compared for nobody has the same parameters as everybody's."""
    passwords = Argon2Passwords(FakeChance())
    try:
        hashed = await passwords.hash("seven quiet foxes")
        assert not passwords.is_outdated(passwords._nobody)
        spent = []
        for each in (hashed, None):
            began = time.thread_time(), time.process_time()
            await passwords.verify(each, "another phrase")
            spent.append(time.process_time() - began[1])
        assert max(spent) < 3 * min(spent)
    finally:
        passwords.close()


async def test_too_many_at_once_are_sent_away() -> None:
    passwords = Argon2Passwords(FakeChance(), HashPolicy(65_536, 3, waiting=2))
    try:
        results = await asyncio.gather(
            *(passwords.hash("seven quiet foxes") for _ in range(6)), return_exceptions=True
        )
        assert sum(isinstance(each, TooMany) for each in results) == 2
        assert await passwords.hash("seven quiet foxes")
    finally:
        passwords.close()


async def test_nobody_waits_longer_than_they_have_patience() -> None:
    passwords = Argon2Passwords(FakeChance(), HashPolicy(65_536, 4, at_once=1, patience_s=0.01))
    try:
        with pytest.raises(TooMany):
            await passwords.hash("seven quiet foxes")
    finally:
        passwords.close()


def test_the_policy_is_owasps_or_more() -> None:
    policy = HashPolicy()
    assert policy.memory_kib >= 19 * 1024
    assert policy.passes >= 2


@pytest.mark.parametrize(
    ("password", "is_good"),
    [
        ("seven quiet foxes", True),
        ("password", False),
        ("PassWord1", False),
        ("aaaaaaaaaaaaaaaaaaaaaaaa", False),
        ("ada@people.example", False),
        ("alpineanalytics", False),
        ("12345678901234567890", False),
        ("correcthorsebatterystaple", True),
        ("x7#qPz!9vB", True),
        ("a" * 128, False),
        ("seven quiet foxes " * 7, True),
    ],
)
async def test_guessable_passwords_get_a_low_score(password: str, is_good: bool) -> None:
    judgement = await ZxcvbnJudge().judge(password, words_about("ada@people.example"))
    assert (judgement.score >= LEAST_SCORE and not judgement.is_known) is is_good


async def test_what_one_is_called_does_not_count_against_another() -> None:
    judge = ZxcvbnJudge()
    about = [words_about("vexillology.quiz@people.example"), words_about("b@people.example")]
    judged = await asyncio.gather(
        *(judge.judge("vexillology.quiz", about[n % 2]) for n in range(8))
    )
    assert {each.score for each in judged[::2]} == {judged[0].score}
    assert judged[0].score < judged[1].score
    assert {each.score for each in judged[1::2]} == {judged[1].score}


async def test_common_passwords_are_known_in_any_case() -> None:
    for password in ("iloveyou", "ILoveYou", "qwertyuiop"):
        assert (await ZxcvbnJudge().judge(password, ())).is_known


async def test_a_password_of_the_file_is_known(tmp_path: Path) -> None:
    stolen = ["seven quiet foxes", "another phrase of mine", "a third one, also stolen"]
    path = tmp_path / "pwned.txt"
    path.write_text(
        "".join(sorted(f"{sha1(each.encode()).hexdigest().upper()}:7\r\n" for each in stolen))  # noqa: S324
    )
    judge = ZxcvbnJudge(path)
    for password in stolen:
        assert (await judge.judge(password, ())).is_known
    assert not (await judge.judge("not a stolen phrase", ())).is_known


_HASHES = st.text("0123456789ABCDEF", min_size=40, max_size=40).map(str.encode)


@given(
    st.sets(_HASHES, max_size=12), _HASHES, st.sampled_from([b"\n", b":1\r\n", b":1234567890\n"])
)
def test_halving_finds_what_is_there_and_nothing_else(
    lines: set[bytes], other: bytes, end: bytes
) -> None:
    # Hypothesis and fixtures of a folder do not mix, and a memory file is a file.
    descriptor = os.memfd_create("lines")
    try:
        os.write(descriptor, b"".join(each + end for each in sorted(lines)))
        path = Path(f"/proc/self/fd/{descriptor}")
        for each in lines:
            assert has_line(path, each)
        assert has_line(path, other) is (other in lines)
    finally:
        os.close(descriptor)


@given(st.binary(max_size=64), st.text(max_size=10))
def test_what_is_sealed_comes_back(secret: bytes, purpose: str) -> None:
    vault = AesVault([b"k" * 32], FakeChance())
    sealed = vault.seal(secret, purpose)
    assert vault.unseal(sealed, purpose) == secret
    assert vault.seal(secret, purpose) != sealed


def test_every_flipped_bit_of_a_sealed_secret_is_noticed() -> None:
    vault = AesVault([b"k" * 32], FakeChance())
    sealed = vault.seal(b"secret", "totp/usr_1")
    for place in range(len(sealed) * 8):
        flipped = bytearray(sealed)
        flipped[place // 8] ^= 1 << place % 8
        with pytest.raises(DatabaseRefused):
            vault.unseal(bytes(flipped), "totp/usr_1")
    for length in range(len(sealed)):
        with pytest.raises(DatabaseRefused):
            vault.unseal(sealed[:length], "totp/usr_1")
    with pytest.raises(DatabaseRefused):
        vault.unseal(sealed, "totp/usr_2")


def test_a_new_key_seals_and_the_old_one_unseals() -> None:
    old = AesVault([b"o" * 32], FakeChance())
    both = AesVault([b"n" * 32, b"o" * 32], FakeChance())
    new = AesVault([b"n" * 32], FakeChance())
    assert both.unseal(old.seal(b"secret", "x"), "x") == b"secret"
    assert new.unseal(both.seal(b"secret", "x"), "x") == b"secret"
    with pytest.raises(DatabaseRefused, match="gone"):
        new.unseal(old.seal(b"secret", "x"), "x")
    with pytest.raises(ValueError, match="without a key"):
        AesVault([], FakeChance())


def test_the_vaults_key_is_made_once_and_only_ours_to_read(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "alpine"
    sealed = open_vault(folder, FakeChance()).seal(b"secret", "x")
    assert open_vault(folder, FakeChance()).unseal(sealed, "x") == b"secret"
    (file,) = folder.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    file.chmod(0o640)
    with pytest.raises(InvalidSetting, match="others may read"):
        open_vault(folder, FakeChance())


@pytest.mark.parametrize("text", ["", "nonsense", "ab" * 31, "\xff"])
def test_a_damaged_key_is_refused_and_not_shown(tmp_path: Path, text: str) -> None:
    path = tmp_path / "vault.keys"
    path.write_text(text, "latin-1")
    path.chmod(0o600)
    with pytest.raises(InvalidSetting, match="damaged") as caught:
        open_vault(tmp_path, FakeChance())
    assert not text or text not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidSetting):
        open_vault(tmp_path / "file", FakeChance())


def test_two_starts_at_once_end_with_one_key(tmp_path: Path) -> None:
    path = tmp_path / "vault.keys"
    vault_file._make(path)
    first = path.read_text()
    vault_file._make(path)
    assert path.read_text() == first
    assert [each.name for each in tmp_path.iterdir()] == ["vault.keys"]
