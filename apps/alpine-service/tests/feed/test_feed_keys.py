"""Private keys: what they sign, and who may look at their files."""

from pathlib import Path

import pytest

from alpine_service.adapters.secrets.ed25519 import make_signer, verify_ed25519
from alpine_service.adapters.secrets.key_file import make_key_file, read_key_file
from alpine_service.domain.feed.verifier_key import Algorithm
from alpine_service.errors import InvalidSetting, Malformed

# RFC 8032, section 7.1: seed, public key, message, signature.
RFC_8032 = (
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
)
SEED = bytes(range(32))


@pytest.mark.parametrize("vector", RFC_8032, ids=["empty", "one byte"])
def test_signatures_are_those_of_rfc_8032(vector: tuple[str, str, str, str]) -> None:
    seed, public, message, signature = map(bytes.fromhex, vector)
    signer = make_signer("witness.example", seed, Algorithm.COSIGNATURE)
    assert signer.verifier_key.public_key == public
    assert signer.sign(message) == signature
    assert verify_ed25519(public, message, signature)
    assert not verify_ed25519(public, message + b"x", signature)
    assert not verify_ed25519(public, message, signature[:-1])
    assert not verify_ed25519(b"short", message, signature)


def test_a_signer_shows_who_it_is_and_no_secret() -> None:
    signer = make_signer("witness.example", SEED, Algorithm.COSIGNATURE)
    assert signer.key.startswith("witness.example+")
    assert SEED.hex() not in repr(signer)
    assert "rivate" not in repr(signer)


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_key_file_is_read_as_it_was_made(tmp_path: Path, algorithm: Algorithm) -> None:
    path = tmp_path / "keys" / "witness.key"
    made = make_key_file(path, "witness.example", algorithm, SEED)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert read_key_file(path).key == made.key


def test_a_key_file_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "witness.key"
    make_key_file(path, "witness.example", Algorithm.COSIGNATURE, SEED)
    before = path.read_bytes()
    with pytest.raises(InvalidSetting):
        make_key_file(path, "witness.example", Algorithm.COSIGNATURE, bytes(32))
    assert path.read_bytes() == before


def test_a_key_that_nobody_can_have_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "witness.key"
    with pytest.raises(Malformed):
        make_key_file(path, "no one", Algorithm.COSIGNATURE, SEED)
    assert not path.exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "witness.key"
    make_key_file(path, "witness.example", Algorithm.COSIGNATURE, SEED)
    path.chmod(mode)
    with pytest.raises(InvalidSetting):
        read_key_file(path)


def test_a_key_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting):
        read_key_file(tmp_path / "witness.key")


def test_no_refusal_repeats_what_is_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "witness.key"
    make_key_file(path, "witness.example", Algorithm.COSIGNATURE, SEED)
    line = path.read_text("ascii")
    secret = line.rpartition("+")[2].strip()
    broken = [
        line.replace("PRIVATE", "private"),
        line.replace("witness", "another"),
        line.replace("+witness.example", ""),
        line.replace(secret, secret[:-4]),
        line.replace(secret, "Ag" + secret[2:]),
        line + line,
        "é",
        "",
    ]
    for text in broken:
        path.write_text(text, "utf-8")
        with pytest.raises(InvalidSetting) as refusal:
            read_key_file(path)
        assert secret[:16] not in str(refusal.value)
        assert refusal.value.__cause__ is None
        assert refusal.value.__context__ is None
